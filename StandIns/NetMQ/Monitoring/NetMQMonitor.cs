using System.Buffers.Binary;
using System.Text;
using NetMQ.Interop;
using NetMQ.Sockets;

namespace NetMQ.Monitoring;

/// <summary>Tells of a socket's connections as they come and go. It needs a poller, which may be another thread's.</summary>
public class NetMQMonitor : IDisposable
{
    readonly NetMQSocket monitored;
    readonly PairSocket events;
    ISocketPollableCollection attachedTo;

    public NetMQMonitor(NetMQSocket monitoredSocket, string endpoint, SocketEvents eventsToMonitor)
    {
        ArgumentNullException.ThrowIfNull(monitoredSocket);
        monitored = monitoredSocket;
        Endpoint = endpoint;
        monitoredSocket.Monitor(endpoint, eventsToMonitor);
        events = new PairSocket();
        events.Options.ReceiveHighWatermark = 0;
        events.Connect(endpoint);
        events.ReceiveReady += (_, _) => ReceiveEvents();
    }

    public event EventHandler<NetMQMonitorEventArgs> EventReceived;

    public event EventHandler<NetMQMonitorSocketEventArgs> Connected;

    public event EventHandler<NetMQMonitorErrorEventArgs> ConnectDelayed;

    public event EventHandler<NetMQMonitorIntervalEventArgs> ConnectRetried;

    public event EventHandler<NetMQMonitorSocketEventArgs> Listening;

    public event EventHandler<NetMQMonitorErrorEventArgs> BindFailed;

    public event EventHandler<NetMQMonitorSocketEventArgs> Accepted;

    public event EventHandler<NetMQMonitorErrorEventArgs> AcceptFailed;

    public event EventHandler<NetMQMonitorSocketEventArgs> Closed;

    public event EventHandler<NetMQMonitorErrorEventArgs> CloseFailed;

    public event EventHandler<NetMQMonitorSocketEventArgs> Disconnected;

    public string Endpoint { get; }

    public bool IsRunning => attachedTo != null;

    public void AttachToPoller<T>(T poller)
        where T : ISocketPollableCollection
    {
        ArgumentNullException.ThrowIfNull(poller);
        if (attachedTo != null)
            throw new InvalidOperationException("The monitor is already attached to a poller.");
        attachedTo = poller;
        poller.Add(events);
    }

    public void DetachFromPoller()
    {
        if (attachedTo == null)
            throw new InvalidOperationException("The monitor is not attached to a poller.");
        attachedTo.Remove(events);
        attachedTo = null;
    }

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        attachedTo?.Remove(events);
        attachedTo = null;

        // libzmq's I/O thread sends the events and would wait for ever for a reader that is gone.
        if (!events.IsDisposed && !monitored.IsDisposed)
            monitored.StopMonitor();
        events.Dispose();
    }

    /// <summary>Two frames an event: number and value, little-endian; then the address.</summary>
    void ReceiveEvents()
    {
        while (!events.IsDisposed && events.TryReceiveFrameBytes(out byte[] head, out bool more))
        {
            string address = more ? Encoding.UTF8.GetString(events.ReceiveFrameBytes()) : "";
            var what = (SocketEvents)BinaryPrimitives.ReadUInt16LittleEndian(head);
            Raise(what, BinaryPrimitives.ReadInt32LittleEndian(head.AsSpan(2)), address);
        }
    }

    void Raise(SocketEvents what, int value, string address)
    {
        switch (what)
        {
            case SocketEvents.Connected:
                Raise(Connected, new NetMQMonitorSocketEventArgs(this, address, what));
                break;
            case SocketEvents.ConnectDelayed:
                Raise(ConnectDelayed, new NetMQMonitorErrorEventArgs(this, address, Errors.ToCode(value), what));
                break;
            case SocketEvents.ConnectRetried:
                Raise(ConnectRetried, new NetMQMonitorIntervalEventArgs(this, address, value, what));
                break;
            case SocketEvents.Listening:
                Raise(Listening, new NetMQMonitorSocketEventArgs(this, address, what));
                break;
            case SocketEvents.BindFailed:
                Raise(BindFailed, new NetMQMonitorErrorEventArgs(this, address, Errors.ToCode(value), what));
                break;
            case SocketEvents.Accepted:
                Raise(Accepted, new NetMQMonitorSocketEventArgs(this, address, what));
                break;
            case SocketEvents.AcceptFailed:
                Raise(AcceptFailed, new NetMQMonitorErrorEventArgs(this, address, Errors.ToCode(value), what));
                break;
            case SocketEvents.Closed:
                Raise(Closed, new NetMQMonitorSocketEventArgs(this, address, what));
                break;
            case SocketEvents.CloseFailed:
                Raise(CloseFailed, new NetMQMonitorErrorEventArgs(this, address, Errors.ToCode(value), what));
                break;
            case SocketEvents.Disconnected:
                Raise(Disconnected, new NetMQMonitorSocketEventArgs(this, address, what));
                break;
        }
    }

    void Raise<T>(EventHandler<T> handler, T args)
        where T : NetMQMonitorEventArgs
    {
        EventReceived?.Invoke(this, args);
        handler?.Invoke(this, args);
    }
}
