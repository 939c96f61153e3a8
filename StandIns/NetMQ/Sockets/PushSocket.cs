namespace NetMQ.Sockets;

public class PushSocket : NetMQSocket
{
    public PushSocket(string connectionString = null)
        : base(ZmqSocketType.Push, connectionString, bindsByDefault: false)
    {
    }

    public override bool TryReceive(ref Msg msg, TimeSpan timeout) =>
        throw new NotSupportedException("A PUSH socket does not receive.");
}
