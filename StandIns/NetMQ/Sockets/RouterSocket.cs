namespace NetMQ.Sockets;

public class RouterSocket : NetMQSocket
{
    public RouterSocket(string connectionString = null)
        : base(ZmqSocketType.Router, connectionString, bindsByDefault: true)
    {
    }
}
