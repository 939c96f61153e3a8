using System.Globalization;
using System.Runtime.InteropServices;
using NetMQ.Interop;

namespace NetMQ;

/// <summary>A socket of libzmq. One thread uses it at a time; each frame is copied once on its way in or out.</summary>
public abstract class NetMQSocket : IOutgoingSocket, IReceivingSocket, ISocketPollable, IDisposable
{
    readonly NetMQSocketEventArgs eventArgs;
    EventHandler<NetMQSocketEventArgs> receiveReady;
    EventHandler<NetMQSocketEventArgs> sendReady;
    nint handle;

    internal NetMQSocket(ZmqSocketType socketType, string connectionString, bool bindsByDefault)
    {
        handle = Context.NewSocket(socketType);
        eventArgs = new NetMQSocketEventArgs(this);
        Options = new SocketOptions(this);
        Options.Linger = NetMQConfig.Linger;
        Options.SendHighWatermark = 1000;
        Options.ReceiveHighWatermark = 1000;
        const StringSplitOptions trimmed = StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries;
        foreach (string part in (connectionString ?? "").Split(',', trimmed))
            Attach(part, bindsByDefault);
    }

    public event EventHandler<NetMQSocketEventArgs> ReceiveReady
    {
        add => receiveReady += value;
        remove => receiveReady -= value;
    }

    public event EventHandler<NetMQSocketEventArgs> SendReady
    {
        add => sendReady += value;
        remove => sendReady -= value;
    }

    public SocketOptions Options { get; }

    public bool IsDisposed => handle == 0;

    public bool HasIn => (Poll(PollEvents.PollIn, TimeSpan.Zero) & PollEvents.PollIn) != 0;

    public bool HasOut => (Poll(PollEvents.PollOut, TimeSpan.Zero) & PollEvents.PollOut) != 0;

    NetMQSocket ISocketPollable.Socket => this;

    internal nint Handle => handle != 0 ? handle : throw new ObjectDisposedException(GetType().FullName);

    /// <summary>What somebody waits for: only what has a handler.</summary>
    internal PollEvents AwaitedEvents =>
        (receiveReady != null ? PollEvents.PollIn : 0) | (sendReady != null ? PollEvents.PollOut : 0);

    public void Bind(string address) => Zmq.Check(Zmq.Bind(Handle, address), $"binding {address}");

    /// <summary>Binds to a free port of an address without one, such as tcp://127.0.0.1, and returns the port.</summary>
    public int BindRandomPort(string address)
    {
        Bind(address + ":*");
        string bound = Options.LastEndpoint;
        return int.Parse(bound.AsSpan(bound.LastIndexOf(':') + 1), CultureInfo.InvariantCulture);
    }

    public void Connect(string address) => Zmq.Check(Zmq.Connect(Handle, address), $"connecting to {address}");

    public void Disconnect(string address) => Zmq.Check(Zmq.Disconnect(Handle, address), $"disconnecting from {address}");

    public void Unbind(string address) => Zmq.Check(Zmq.Unbind(Handle, address), $"unbinding {address}");

    /// <summary>Sends the socket's events to a PAIR socket that connects to this inproc:// endpoint.</summary>
    public void Monitor(string endpoint, SocketEvents events = SocketEvents.All)
    {
        ArgumentException.ThrowIfNullOrEmpty(endpoint);
        Zmq.Check(Zmq.SocketMonitor(Handle, endpoint, (int)events), $"monitoring at {endpoint}");
    }

    public void Poll() => Poll(TimeSpan.FromMilliseconds(-1));

    /// <summary>Waits for what the handlers wait for and calls them; false when the time passed first.</summary>
    public bool Poll(TimeSpan timeout)
    {
        PollEvents events = Poll(AwaitedEvents, timeout);
        InvokeHandlers(events);
        return events != PollEvents.None;
    }

    public unsafe PollEvents Poll(PollEvents pollEvents, TimeSpan timeout)
    {
        var deadline = new Deadline(timeout);
        var item = new Zmq.PollItem { Socket = Handle, Events = (short)pollEvents };
        while (Zmq.Poll(&item, 1, deadline.Milliseconds) == -1)
            if (Marshal.GetLastPInvokeError() != Errors.Interrupted)
                throw Zmq.Error("waiting for a socket");
        return (PollEvents)item.Returned;
    }

    /// <summary>Takes the next frame, if one comes in time (below zero: however long it takes).</summary>
    public virtual unsafe bool TryReceive(ref Msg msg, TimeSpan timeout)
    {
        if (!msg.IsInitialised)
            throw new FaultException("Msg to receive into was not initialised.");
        nint socket = Handle;
        var deadline = new Deadline(timeout);
        ulong* frame = stackalloc ulong[Zmq.MessageWords];
        Zmq.Check(Zmq.MessageInit(frame), "zmq_msg_init");
        try
        {
            while (Zmq.MessageReceive(frame, socket, Zmq.DontWait) == -1)
                if (!WaitToRetry(PollEvents.PollIn, in deadline, "receiving"))
                    return false;
            int size = checked((int)Zmq.MessageSize(frame));
            msg.Close();
            msg.InitPool(size);
            new ReadOnlySpan<byte>(Zmq.MessageData(frame), size).CopyTo(msg.Slice());
            if (Zmq.MessageMore(frame) != 0)
                msg.SetFlags(MsgFlags.More);
            return true;
        }
        finally
        {
            _ = Zmq.MessageClose(frame);
        }
    }

    /// <summary>Hands the frame over, if there is room for it in time; it is empty then. False leaves it as it was.</summary>
    public virtual unsafe bool TrySend(ref Msg msg, TimeSpan timeout, bool more)
    {
        if (!msg.IsInitialised)
            throw new FaultException("Msg to send was not initialised.");
        nint socket = Handle;
        var deadline = new Deadline(timeout);
        fixed (byte* bytes = msg.Slice())
            while (Zmq.Send(socket, bytes, (nuint)msg.Size, Zmq.DontWait | (more ? Zmq.SendMore : 0)) == -1)
                if (!WaitToRetry(PollEvents.PollOut, in deadline, "sending"))
                    return false;
        msg.Close();
        msg.InitEmpty();
        return true;
    }

    public void Close() => Dispose();

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    internal void StopMonitor() => Zmq.Check(Zmq.SocketMonitor(Handle, null, 0), "ending a socket's monitor");

    internal void InvokeHandlers(PollEvents events)
    {
        if ((events & PollEvents.PollOut) != 0 && sendReady is { } send)
        {
            eventArgs.Init(events);
            send(this, eventArgs);
        }

        if ((events & PollEvents.PollIn) != 0 && receiveReady is { } receive && !IsDisposed)
        {
            eventArgs.Init(events);
            receive(this, eventArgs);
        }
    }

    protected virtual void Dispose(bool disposing)
    {
        nint closed = Interlocked.Exchange(ref handle, 0);
        if (closed != 0)
            Zmq.Check(Zmq.Close(closed), "closing a socket");
    }

    bool WaitToRetry(PollEvents events, in Deadline deadline, string what)
    {
        switch (Marshal.GetLastPInvokeError())
        {
            case Errors.Interrupted:
                return true;
            case Errors.TryAgain:
                return !deadline.Passed && Poll(events, deadline.Left) != PollEvents.None;
            default:
                throw Zmq.Error(what);
        }
    }

    void Attach(string part, bool bindsByDefault)
    {
        bool marked = part[0] is '@' or '>';
        string address = marked ? part[1..] : part;
        if (marked ? part[0] == '@' : bindsByDefault)
            Bind(address);
        else
            Connect(address);
    }
}
