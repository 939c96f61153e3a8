using System.Buffers;
using DecentralizedLion.Codecs;
using NetMQ;
using NetMQ.Sockets;

namespace DecentralizedLion.Topology.Transport;

/// <summary>
/// The sockets between us and one other peer: one that it dials, and two with which we dial it. They live as long as the process, or
/// until the address or key of either end is replaced.
/// </summary>
sealed class PeerLink : IDisposable
{
    const int ControlFramesInSocket = 200;
    const int DataFramesInSocket = 64;

    static readonly TimeSpan Linger = TimeSpan.FromSeconds(1);

    readonly int peer;
    readonly string bind, connect;
    readonly ZeroMqMesh mesh;
    readonly NetMQPoller poller;
    readonly int sealing;
    readonly long mostBytesWaiting;
    readonly PullSocket listening;
    readonly PushSocket control, data;
    readonly RefusalWatch watch;
    readonly ListeningWatch ended;
    readonly Queue<WaitingFrame> waiting = [];
    long bytesWaiting;
    bool isListening, isDialling, draining;

    /// <summary>Opens the sockets. <see cref="Dial"/> comes when all links listen: a dialling socket might take a port that is to be listened at.</summary>
    /// <param name="peer">The other peer.</param>
    /// <param name="bind">Where to listen.</param>
    /// <param name="connect">Whom to dial.</param>
    /// <param name="keys">What the link is encrypted with; null: nothing.</param>
    /// <param name="bounds">What is accepted, and what waits to be sent, at most.</param>
    /// <param name="poller">The loop.</param>
    /// <param name="mesh">The mesh.</param>
    public PeerLink(int peer, string bind, string connect, LinkKeys? keys, LinkBounds bounds, NetMQPoller poller, ZeroMqMesh mesh)
    {
        (this.peer, this.bind, this.connect, this.mesh, this.poller) = (peer, bind, connect, mesh, poller);
        sealing = keys is null ? 0 : LinkKeys.Overhead;
        mostBytesWaiting = bounds.WaitingBytes;
        listening = new PullSocket();
        control = new PushSocket();
        data = new PushSocket();
        try
        {
            listening.Options.MaxMsgSize = Math.Max(bounds.LargestPayload, FrameHeader.MaxLength) + sealing;
            listening.Options.Linger = TimeSpan.Zero;
            if (keys is not null)
            {
                listening.Options.CurveServer = true;
                listening.Options.CurveCertificate = keys.Listening;
            }
            foreach (PushSocket socket in (ReadOnlySpan<PushSocket>)[control, data])
            {
                socket.Options.Linger = Linger;
                socket.Options.ReconnectInterval = TimeSpan.FromMilliseconds(50);
                socket.Options.ReconnectIntervalMax = TimeSpan.FromSeconds(1);
                // Nothing is kept for a connection that does not stand: a peer that comes back must not get what an earlier process missed.
                socket.Options.DelayAttachOnConnect = true;
                if (keys is null)
                    continue;
                // Any client key is let in: it is knowing the server's key that tells who dials.
                socket.Options.CurveServerCertificate = keys.Dialled;
                socket.Options.CurveCertificate = new NetMQCertificate();
            }
            control.Options.SendHighWatermark = ControlFramesInSocket;
            data.Options.SendHighWatermark = DataFramesInSocket;
            listening.ReceiveReady += (_, _) => ReceiveAll();
            poller.Add(listening);
            poller.Add(data);
            ended = new ListeningWatch(listening, poller, () => mesh.Ended?.Invoke(peer));
            watch = new RefusalWatch(control, poller, GiveUpWaiting, () => mesh.Refused?.Invoke(peer));
        }
        catch
        {
            Close();
            throw;
        }
    }

    /// <summary>Whether <see cref="Listen"/> and <see cref="Dial"/> were done.</summary>
    public bool IsMade => isListening && isDialling;

    /// <summary>Whether our control connection to the peer stands, and how many were closed before.</summary>
    public (bool IsConnected, int Breaks) Dialled => (watch.IsConnected, watch.Breaks);

    /// <exception cref="RingAddressException">The address cannot be listened at.</exception>
    public void Listen()
    {
        if (isListening)
            return;
        try
        {
            listening.Bind(bind);
            isListening = true;
        }
        catch (NetMQException e)
        {
            throw new RingAddressException($"cannot listen at {bind}: {e.Message}. Is another peer running there, is the "
                + "address in peers.json not one of this host's, or the port one that the system gives to others (32768 and more)?", e);
        }
    }

    /// <exception cref="RingAddressException">The address is none that can be dialled.</exception>
    public void Dial()
    {
        if (isDialling)
            return;
        try
        {
            control.Connect(connect);
            data.Connect(connect);
            isDialling = true;
        }
        catch (NetMQException e)
        {
            throw new RingAddressException($"cannot dial {connect}: {e.Message}. Is the address in peers.json right?", e);
        }
    }

    public void Send(Channel channel, in FrameHeader header, ReadOnlySpan<byte> envelope, ReadOnlySpan<byte> payload)
    {
        if (channel == Channel.Control)
        {
            // Control frames are repeated or asked for again: what a peer that is away or stopped does not take is lost.
            if (TrySend(control, envelope, payload))
                mesh.Counters.Sent(header, envelope.Length, payload.Length, sealing);
            else
                mesh.Counters.GivenUp();
            return;
        }
        if (watch.IsLost)
        {
            mesh.Counters.GivenUp();
            return;
        }
        if (waiting.Count == 0 && TrySend(data, envelope, payload))
        {
            mesh.Counters.Sent(header, envelope.Length, payload.Length, sealing);
            return;
        }
        if (bytesWaiting + envelope.Length + payload.Length > mostBytesWaiting)
        {
            mesh.Counters.GivenUp();
            return;
        }
        waiting.Enqueue(WaitingFrame.Copy(header, envelope, payload));
        bytesWaiting += envelope.Length + payload.Length;
        Drain(true);
    }

    /// <summary>Closes the sockets, and with them the connections that others made. On the loop, or when it has stopped.</summary>
    public void Dispose()
    {
        watch.Dispose();
        ended.Dispose();
        poller.Remove(listening);
        poller.Remove(data);
        Close();
        while (waiting.TryDequeue(out WaitingFrame? frame))
            frame.Return();
    }

    void Close()
    {
        listening.Dispose();
        control.Dispose();
        data.Dispose();
    }

    void GiveUpWaiting()
    {
        while (waiting.TryDequeue(out WaitingFrame? frame))
        {
            frame.Return();
            mesh.Counters.GivenUp();
        }
        bytesWaiting = 0;
        Drain(false);
    }

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
                mesh.Counters.Drop(DropReason.Envelope);
                continue;
            }
            listening.TryReceive(ref payload, TimeSpan.Zero);
            bool tooMany = payload.HasMore;
            while (payload.HasMore)
                listening.TryReceive(ref payload, TimeSpan.Zero);
            if (tooMany)
                mesh.Counters.Drop(DropReason.Envelope);
            else
                mesh.Received(peer, envelope.SliceAsMemory(), payload.SliceAsMemory());
        }
        envelope.Close();
        payload.Close();
    }

    void Drain(bool on)
    {
        if (draining == on)
            return;
        draining = on;
        if (on)
            data.SendReady += OnSendReady;
        else
            data.SendReady -= OnSendReady;
    }

    void OnSendReady(object? sender, NetMQSocketEventArgs e)
    {
        while (waiting.TryPeek(out WaitingFrame? frame) && TrySend(data, frame.Envelope, frame.Payload))
        {
            mesh.Counters.Sent(frame.Header, frame.Envelope.Length, frame.Payload.Length, sealing);
            bytesWaiting -= frame.Envelope.Length + frame.Payload.Length;
            waiting.Dequeue().Return();
        }
        Drain(waiting.Count > 0);
    }

    static bool TrySend(NetMQSocket socket, ReadOnlySpan<byte> envelope, ReadOnlySpan<byte> payload)
    {
        // The first frame may be refused for a full queue; once it is taken, the rest of the message is.
        return TrySendFrame(socket, envelope, more: true) && TrySendFrame(socket, payload, more: false);
    }

    static bool TrySendFrame(NetMQSocket socket, ReadOnlySpan<byte> bytes, bool more)
    {
        var message = new Msg();
        message.InitPool(bytes.Length);
        bytes.CopyTo(message.Slice());
        bool sent = socket.TrySend(ref message, TimeSpan.Zero, more);
        if (!sent)
            message.Close();
        return sent;
    }

    sealed class WaitingFrame(FrameHeader header, byte[] bytes, int split, int length)
    {
        public FrameHeader Header => header;

        public ReadOnlySpan<byte> Envelope => bytes.AsSpan(0, split);

        public ReadOnlySpan<byte> Payload => bytes.AsSpan(split, length - split);

        public static WaitingFrame Copy(in FrameHeader header, ReadOnlySpan<byte> envelope, ReadOnlySpan<byte> payload)
        {
            byte[] bytes = ArrayPool<byte>.Shared.Rent(envelope.Length + payload.Length);
            envelope.CopyTo(bytes);
            payload.CopyTo(bytes.AsSpan(envelope.Length));
            return new WaitingFrame(header, bytes, envelope.Length, envelope.Length + payload.Length);
        }

        public void Return() => ArrayPool<byte>.Shared.Return(bytes);
    }
}
