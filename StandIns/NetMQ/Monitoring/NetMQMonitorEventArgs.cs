namespace NetMQ.Monitoring;

public class NetMQMonitorEventArgs(NetMQMonitor monitor, string address, SocketEvents socketEvent) : EventArgs
{
    public NetMQMonitor Monitor { get; } = monitor;

    public string Address { get; } = address;

    public SocketEvents SocketEvent { get; } = socketEvent;
}

public class NetMQMonitorSocketEventArgs(NetMQMonitor monitor, string address, SocketEvents socketEvent)
    : NetMQMonitorEventArgs(monitor, address, socketEvent)
{
}

public class NetMQMonitorErrorEventArgs(NetMQMonitor monitor, string address, ErrorCode errorCode, SocketEvents socketEvent)
    : NetMQMonitorEventArgs(monitor, address, socketEvent)
{
    public ErrorCode ErrorCode { get; } = errorCode;
}

public class NetMQMonitorIntervalEventArgs(NetMQMonitor monitor, string address, int interval, SocketEvents socketEvent)
    : NetMQMonitorEventArgs(monitor, address, socketEvent)
{
    /// <summary>Milliseconds until the next attempt.</summary>
    public int Interval { get; } = interval;
}
