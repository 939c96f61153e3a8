namespace NetMQ.Sockets;

public class DealerSocket : NetMQSocket
{
    public DealerSocket(string connectionString = null)
        : base(ZmqSocketType.Dealer, connectionString, bindsByDefault: false)
    {
    }
}
