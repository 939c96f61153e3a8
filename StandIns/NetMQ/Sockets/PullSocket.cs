namespace NetMQ.Sockets;

public class PullSocket : NetMQSocket
{
    public PullSocket(string connectionString = null)
        : base(ZmqSocketType.Pull, connectionString, bindsByDefault: true)
    {
    }

    public override bool TrySend(ref Msg msg, TimeSpan timeout, bool more) =>
        throw new NotSupportedException("A PULL socket does not send.");
}
