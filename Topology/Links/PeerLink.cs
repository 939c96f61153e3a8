using System.Buffers;
using DecentralizedLion.Codecs;
using NetMQ;
using NetMQ.Sockets;

namespace DecentralizedLion.Topology.Links;

/// <summary>The sockets between us and one other peer: one that it dials, and two with which we dial it. They live as long as the process.</summary>
sealed class PeerLink : IDisposable
{
    const int ControlFramesInSocket = 200;
    const int DataFramesInSocket = 64;
    const long MostBytesWaiting = 1L << 30;

    static readonly TimeSpan Linger = TimeSpan.FromSeconds(1);

    readonly int peer;
    readonly ZeroMqMesh mesh;
    readonly PullSocket listening;
    readonly PushSocket control, data;
    readonly RefusalWatch watch;
    readonly Queue<WaitingFrame> waiting = [];
    long bytesWaiting;
    bool draining;

    /// <summary>Listens. <see cref="Dial"/> comes when all links listen: a dialling socket might take a port that is to be listened at.</summary>
    public PeerLink(int peer, string bind, int largestPayload, NetMQPoller poller, ZeroMqMesh mesh)
    {
        (this.peer, this.mesh) = (peer, mesh);
        listening = new PullSocket();
        control = new PushSocket();
        data = new PushSocket();
        try
        {
            listening.Options.MaxMsgSize = Math.Max(largestPayload, FrameHeader.MaxLength);
            listening.Options.Linger = TimeSpan.Zero;
            try
            {
                listening.Bind(bind);
            }
            catch (NetMQException e)
            {
                throw new RingAddressException($"cannot listen at {bind}: {e.Message}. Is another peer running there, is the "
                    + "address in peers.json not one of this host's, or the port one that the system gives to others (32768 and more)?", e);
            }
            foreach (PushSocket socket in (ReadOnlySpan<PushSocket>)[control, data])
            {
                socket.Options.Linger = Linger;
                socket.Options.ReconnectInterval = TimeSpan.FromMilliseconds(50);
                socket.Options.ReconnectIntervalMax = TimeSpan.FromSeconds(1);
                // Nothing is kept for a connection that does not stand: a peer that comes back must not get what an earlier process missed.
                socket.Options.DelayAttachOnConnect = true;
            }
            control.Options.SendHighWatermark = ControlFramesInSocket;
            data.Options.SendHighWatermark = DataFramesInSocket;
            listening.ReceiveReady += (_, _) => ReceiveAll();
            poller.Add(listening);
            poller.Add(data);
            watch = new RefusalWatch(control, poller, GiveUpWaiting, () => mesh.Refused?.Invoke(peer));
        }
        catch
        {
            Close();
            throw;
        }
    }

    public void Dial(string connect)
    {
        control.Connect(connect);
        data.Connect(connect);
    }

    public void Send(Channel channel, in FrameHeader header, ReadOnlySpan<byte> envelope, ReadOnlySpan<byte> payload)
    {
        if (channel == Channel.Control)
        {
            // Control frames are repeated or asked for again: what a peer that is away or stopped does not take is lost.
            if (TrySend(control, envelope, payload))
                mesh.Counters.Sent(header, envelope.Length, payload.Length);
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
            mesh.Counters.Sent(header, envelope.Length, payload.Length);
            return;
        }
        if (bytesWaiting + payload.Length > MostBytesWaiting)
        {
            mesh.Counters.GivenUp();
            return;
        }
        waiting.Enqueue(WaitingFrame.Copy(header, envelope, payload));
        bytesWaiting += payload.Length;
        Drain(true);
    }

    public void Dispose()
    {
        watch.Dispose();
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
            mesh.Counters.Sent(frame.Header, frame.Envelope.Length, frame.Payload.Length);
            bytesWaiting -= frame.Payload.Length;
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
