using System.Globalization;
using System.Net.Sockets;
using DecentralizedLion.Codecs.Wire;
using NetMQ;
using NetMQ.Sockets;

namespace DecentralizedLion.Topology.Transport;

/// <summary>
/// The ZeroMQ sockets between us and one other peer: one that receives what it sends, and two with which we send, one for each
/// channel. They live as long as the process, or until the address or key of either end is replaced. With TLS they listen and
/// dial on loopback, behind the front; without, they are the peers' own ports.
/// </summary>
sealed class PeerLink : IDisposable, ILinkSockets
{
    const int ControlFramesInSocket = 200;
    const int DataFramesInSocket = 64;

    static readonly TimeSpan linger = TimeSpan.FromSeconds(1), never = TimeSpan.FromMilliseconds(-1);

    readonly int peer;
    readonly HostPort bind, connect;
    readonly ZeroMqTransport transport;
    readonly NetMQPoller poller;
    readonly LinkKeys? keys;
    readonly PullSocket listening;
    readonly PushSocket control, data;
    readonly DataQueue queue;
    readonly DirectDialer? direct;
    readonly DisconnectMonitor? monitor;
    readonly ListenerMonitor? ended;
    readonly bool[] isConnected = new bool[2];
    int breaks, loopbackPort;
    bool isListening, isDialling, wasConnected, isDisposed;

    /// <summary>Opens the sockets. <see cref="Dial"/> comes when all links listen: a dialling socket might take a port that is to
    /// be listened at.</summary>
    /// <param name="peer">The other peer.</param>
    /// <param name="bind">The address to listen at.</param>
    /// <param name="connect">The address to dial.</param>
    /// <param name="keys">The keys of the link; null: it is neither encrypted nor authenticated.</param>
    /// <param name="bounds">What is accepted, and what waits to be sent, at most.</param>
    /// <param name="poller">The loop.</param>
    /// <param name="transport">The transport.</param>
    public PeerLink(int peer, HostPort bind, HostPort connect, LinkKeys? keys, LinkLimits bounds, NetMQPoller poller,
        ZeroMqTransport transport)
    {
        (this.peer, this.bind, this.connect, this.keys, this.transport, this.poller) = (peer, bind, connect, keys,
            transport, poller);
        listening = new PullSocket();
        control = new PushSocket();
        data = new PushSocket();
        queue = new DataQueue(peer, data, bounds.QueuedBytesMax, transport.Counters);
        try
        {
            listening.Options.MaxMsgSize = Math.Max(bounds.PayloadMax, FrameHeader.MaxLength);
            listening.Options.Linger = TimeSpan.Zero;
            listening.Options.IPv4Only = bind.Address?.AddressFamily != AddressFamily.InterNetworkV6;
            foreach (PushSocket socket in (ReadOnlySpan<PushSocket>)[control, data])
            {
                socket.Options.Linger = linger;
                // The front connects and disconnects a socket itself, as the TLS connection behind its loopback port comes and
                // goes.
                socket.Options.ReconnectInterval = keys is null ? TimeSpan.FromMilliseconds(50) : never;
                socket.Options.ReconnectIntervalMax = TimeSpan.FromSeconds(1);
                socket.Options.IPv4Only = keys is not null;
            }
            control.Options.SendHighWatermark = ControlFramesInSocket;
            data.Options.SendHighWatermark = DataFramesInSocket;
            listening.ReceiveReady += (_, _) => ReceiveAll();
            poller.Add(listening);
            poller.Add(data);
            if (keys is not null)
                return;
            direct = new DirectDialer(connect, transport.ProbeOf(peer), transport.Resolver, transport.Clock, control, data);
            ended = new ListenerMonitor(listening, poller, () => transport.ConnectionClosed?.Invoke(peer));
            monitor = new DisconnectMonitor(control, poller, queue.Resume, OnDirectlyLost,
                () => transport.PeerDisconnected?.Invoke(peer));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>True when <see cref="Listen"/> and <see cref="Dial"/> were done.</summary>
    public bool IsMade => isListening && isDialling;

    /// <summary>The state of our control connection to the peer, and the number of those that were closed before.</summary>
    public (bool IsConnected, int Breaks) ConnectionState =>
        monitor is null ? (isConnected[(int)LinkChannel.Control], breaks) : (monitor.IsConnected, monitor.Breaks);

    /// <summary>The latest result of dialling the peer; null: none yet, or the links are insecure and the address is a
    /// number.</summary>
    public DialResult? LastDial { get; private set; }

    /// <summary>The loopback port at which the receiving socket listens behind the TLS front; 0: none.</summary>
    public int LoopbackPort => loopbackPort;

    bool IsLost => monitor?.IsLost ?? (wasConnected && !isConnected[(int)LinkChannel.Control]);

    /// <summary>
    /// Nothing is kept for a connection that does not stand: a peer that comes back must not get what an earlier process missed.
    /// NetMQ's own option for that, DelayAttachOnConnect, ends the process when a connection breaks while a socket lingers.
    /// </summary>
    public bool Stands(LinkChannel channel) => monitor?.IsConnected ?? isConnected[(int)channel];

    /// <exception cref="RingAddressException">The address cannot be listened at.</exception>
    public void Listen()
    {
        if (isListening)
            return;
        try
        {
            if (keys is not null)
            {
                if (loopbackPort == 0)
                    transport.Front.Open(peer, loopbackPort = listening.BindRandomPort("tcp://127.0.0.1"), this, keys);
                transport.Front.Listen(bind, keys); // may fail, and is tried again; dialling needs the link to be open
            }
            else
            {
                listening.Bind(bind.ToString());
            }
            isListening = true;
        }
        catch (Exception e) when (e is NetMQException or SocketException)
        {
            string reason = e is NetMQException { ErrorCode: ErrorCode.AddressAlreadyInUse }
                ? "the address is in use" : e.Message;
            throw new RingAddressException($"cannot listen at {bind}: {reason}; "
                + HostPort.PortRemedy(bind.Port), e);
        }
    }

    /// <exception cref="RingAddressException">The address is none that can be dialled.</exception>
    public void Dial()
    {
        if (isDialling)
            return;
        try
        {
            if (direct is null)
                transport.Front.Dial(peer, connect, bind.Port);
            else
                direct.Start();
            isDialling = true;
        }
        catch (NetMQException e)
        {
            throw new RingAddressException($"cannot dial {connect}: {e.Message}. Is the address in peers.json right?", e);
        }
    }

    /// <summary>Looks after the connection of an insecure link, on the loop; the TLS front does that itself.</summary>
    public void Follow()
    {
        if (direct is not null)
            _ = direct.FollowAsync(() => ConnectionState.IsConnected, result => LastDial = result);
    }

    /// <inheritdoc/>
    public void Connect(LinkChannel channel, int port)
    {
        if (!isDisposed)
            SocketOf(channel).Connect(Loopback(port));
    }

    /// <inheritdoc/>
    public void OnConnected(LinkChannel channel)
    {
        if (isDisposed)
            return;
        isConnected[(int)channel] = true;
        wasConnected |= channel == LinkChannel.Control;
        if (channel == LinkChannel.Data)
            queue.Resume();
    }

    /// <inheritdoc/>
    public void OnDisconnected(LinkChannel channel, int port)
    {
        if (isDisposed)
            return;
        Drop(SocketOf(channel), Loopback(port));
        if (channel == LinkChannel.Control && isConnected[(int)channel])
            breaks++;
        isConnected[(int)channel] = false;
        queue.GiveUp();
    }

    /// <inheritdoc/>
    public void OnDialled(LinkChannel channel, DialResult result)
    {
        if (isDisposed)
            return;
        LastDial = result;
        if (channel == LinkChannel.Control && result.Outcome == DialOutcome.Refused && IsLost)
            transport.PeerDisconnected?.Invoke(peer);
    }

    public void Send(LinkChannel channel, in FrameHeader header, ReadOnlySpan<byte> envelope, ReadOnlySpan<byte> payload)
    {
        if (channel == LinkChannel.Control)
        {
            // Control frames are repeated or asked for again: what a peer that is away or stopped does not take is lost.
            if (Stands(channel) && DataQueue.TrySend(control, envelope, payload))
                transport.Counters.Sent(peer, header, envelope.Length, payload.Length);
            else
                transport.Counters.GivenUp();
            return;
        }
        if (IsLost)
            transport.Counters.GivenUp();
        else
            queue.Send(header, envelope, payload, Stands(channel));
    }

    /// <summary>Closes the sockets, and with them the connections that others made. On the loop, or when it has
    /// stopped.</summary>
    public void Dispose()
    {
        isDisposed = true;
        direct?.Dispose();
        monitor?.Dispose();
        ended?.Dispose();
        poller.Remove(listening);
        poller.Remove(data);
        listening.Dispose();
        control.Dispose();
        data.Dispose();
        queue.Dispose();
    }

    /// <summary>Dials anew, so that what waits in the sockets for the lost connection is dropped.</summary>
    void OnDirectlyLost()
    {
        direct?.Restart();
        queue.GiveUp();
    }

    /// <summary>Disconnects a socket, and drops what waits in it for the connection.</summary>
    internal static void Drop(PushSocket socket, string endpoint)
    {
        socket.Options.Linger = TimeSpan.Zero;
        socket.Disconnect(endpoint);
        socket.Options.Linger = linger;
    }

    PushSocket SocketOf(LinkChannel channel) => channel == LinkChannel.Control ? control : data;

    static string Loopback(int port) => string.Create(CultureInfo.InvariantCulture, $"tcp://127.0.0.1:{port}");

    void ReceiveAll()
    {
        var envelope = new Msg();
        var payload = new Msg();
        envelope.InitEmpty();
        payload.InitEmpty();
        // A bounded number a turn, so that one peer's flood does not starve the others and the timers.
        for (int turn = 0; turn < 64 && listening.TryReceive(ref envelope, TimeSpan.Zero); turn++)
        {
            if (!envelope.HasMore)
            {
                transport.Counters.Drop(DropReason.Envelope);
                continue;
            }
            listening.TryReceive(ref payload, TimeSpan.Zero);
            bool tooMany = payload.HasMore;
            while (payload.HasMore)
                listening.TryReceive(ref payload, TimeSpan.Zero);
            if (tooMany)
                transport.Counters.Drop(DropReason.Envelope);
            else
                transport.Received(peer, envelope.SliceAsMemory(), payload.SliceAsMemory());
        }
        envelope.Close();
        payload.Close();
    }
}
