using System.Buffers;
using DecentralizedLion.Codecs.Wire;
using NetMQ;
using NetMQ.Sockets;

namespace DecentralizedLion.Topology.Transport;

/// <summary>
/// The data frames to one peer: they go to the socket at once where it takes them, and wait in their order, up to a bound, where
/// it does not. On the loop.
/// </summary>
/// <param name="peer">The peer that they go to.</param>
/// <param name="socket">The socket that sends them.</param>
/// <param name="bytesMax">The most bytes that wait; what is more is given up.</param>
/// <param name="counters">The counters of the transport.</param>
sealed class DataQueue(int peer, PushSocket socket, long bytesMax, LinkCounters counters) : IDisposable
{
    readonly Queue<WaitingFrame> waiting = [];
    long bytes;
    bool isDraining;

    /// <summary>Sends a frame, or keeps it until there is a connection that takes it.</summary>
    public void Send(in FrameHeader header, ReadOnlySpan<byte> envelope, ReadOnlySpan<byte> payload, bool isConnected)
    {
        if (waiting.Count == 0 && isConnected && TrySend(socket, envelope, payload))
        {
            counters.Sent(peer, header, envelope.Length, payload.Length);
            return;
        }
        if (bytes + envelope.Length + payload.Length > bytesMax)
        {
            counters.GivenUp();
            return;
        }
        waiting.Enqueue(WaitingFrame.Copy(header, envelope, payload));
        bytes += envelope.Length + payload.Length;
        Drain(isConnected);
    }

    /// <summary>Sends what waits as soon as the socket takes it: there is a connection again.</summary>
    public void Resume() => Drain(waiting.Count > 0);

    /// <summary>Gives up all that waits.</summary>
    public void GiveUp()
    {
        while (waiting.TryDequeue(out WaitingFrame? frame))
        {
            frame.Return();
            counters.GivenUp();
        }
        bytes = 0;
        Drain(false);
    }

    /// <summary>Gives back the memory of what waits; the socket is closed, or about to be.</summary>
    public void Dispose()
    {
        while (waiting.TryDequeue(out WaitingFrame? frame))
            frame.Return();
    }

    /// <summary>Sends a frame unless the socket's own queue is full.</summary>
    public static bool TrySend(NetMQSocket socket, ReadOnlySpan<byte> envelope, ReadOnlySpan<byte> payload) =>
        // The first part may be refused for a full queue; once it is taken, the rest of the message is.
        TrySendPart(socket, envelope, more: true) && TrySendPart(socket, payload, more: false);

    static bool TrySendPart(NetMQSocket socket, ReadOnlySpan<byte> bytes, bool more)
    {
        var message = new Msg();
        message.InitPool(bytes.Length);
        bytes.CopyTo(message.Slice());
        bool sent = socket.TrySend(ref message, TimeSpan.Zero, more);
        if (!sent)
            message.Close();
        return sent;
    }

    void Drain(bool on)
    {
        if (isDraining == on)
            return;
        isDraining = on;
        if (on)
            socket.SendReady += OnSendReady;
        else
            socket.SendReady -= OnSendReady;
    }

    void OnSendReady(object? sender, NetMQSocketEventArgs e)
    {
        while (waiting.TryPeek(out WaitingFrame? frame) && TrySend(socket, frame.Envelope, frame.Payload))
        {
            counters.Sent(peer, frame.Header, frame.Envelope.Length, frame.Payload.Length);
            bytes -= frame.Envelope.Length + frame.Payload.Length;
            waiting.Dequeue().Return();
        }
        Drain(waiting.Count > 0);
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
