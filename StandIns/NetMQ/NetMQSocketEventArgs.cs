namespace NetMQ;

public class NetMQSocketEventArgs(NetMQSocket socket) : EventArgs
{
    public NetMQSocket Socket { get; } = socket;

    public bool IsReadyToReceive { get; private set; }

    public bool IsReadyToSend { get; private set; }

    internal void Init(PollEvents events)
    {
        IsReadyToReceive = (events & PollEvents.PollIn) != 0;
        IsReadyToSend = (events & PollEvents.PollOut) != 0;
    }
}
