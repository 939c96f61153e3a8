using DecentralizedLion.Codecs.Wire;

namespace DecentralizedLion.Topology.Transport;

/// <summary>The counters of a peer's sockets. Written by the loop, read by anyone (64-bit values are read whole).</summary>
/// <param name="peers">The number of peers, this one included.</param>
sealed class LinkCounters(int peers)
{
    // A ZMTP frame costs a flag byte and a length of one byte, or of eight from 256 bytes on.
    const int ShortFraming = 2, LongFraming = 9;

    long payloadSent, framingSent, controlSent, abstentionSent, framesSent, exchangeFramesSent;
    long framesReceived, bytesReceived, unsent;
    readonly long[] dropped = new long[Enum.GetValues<DropReason>().Length];
    readonly long[] sentTo = new long[peers], receivedFrom = new long[peers];

    /// <summary>Bytes of count and majority planes sent (and the losses beside chunk 0, 4 bytes a voter): what the formula of
    /// docs/protocol.md#exchange counts.</summary>
    public long PayloadSent => Volatile.Read(ref payloadSent);

    /// <summary>Bytes of abstention and zero planes sent beside them.</summary>
    public long AbstentionSent => Volatile.Read(ref abstentionSent);

    /// <summary>Bytes of envelopes and ZeroMQ framing of reduce and gather frames sent.</summary>
    public long FramingSent => Volatile.Read(ref framingSent);

    /// <summary>Bytes of all other frames sent, envelope and framing included.</summary>
    public long ControlSent => Volatile.Read(ref controlSent);

    /// <summary>All bytes sent, before TLS adds its own.</summary>
    public long BytesSent => PayloadSent + AbstentionSent + FramingSent + ControlSent;

    /// <summary>Frames handed to a socket.</summary>
    public long FramesSent => Volatile.Read(ref framesSent);

    /// <summary>Reduce and gather frames among them.</summary>
    public long ExchangeFramesSent => Volatile.Read(ref exchangeFramesSent);

    /// <summary>Frames that arrived, believed or not.</summary>
    public long FramesReceived => Volatile.Read(ref framesReceived);

    /// <summary>Bytes that arrived, envelope and payload.</summary>
    public long BytesReceived => Volatile.Read(ref bytesReceived);

    /// <summary>Frames given up because the peer was away or the link's queue full; the receiver asks for them again.</summary>
    public long Unsent => Volatile.Read(ref unsent);

    /// <summary>All bytes sent to one peer, before TLS adds its own.</summary>
    public long BytesSentTo(int peer) => Volatile.Read(ref sentTo[peer]);

    /// <summary>Bytes that arrived from one peer, envelope and payload.</summary>
    public long BytesReceivedFrom(int peer) => Volatile.Read(ref receivedFrom[peer]);

    /// <summary>Frames dropped on arrival for a reason.</summary>
    public long Dropped(DropReason reason) => Volatile.Read(ref dropped[(int)reason]);

    /// <param name="to">The peer that it goes to.</param>
    /// <param name="header">The frame.</param>
    /// <param name="envelope">Bytes of its envelope.</param>
    /// <param name="payload">Bytes of its payload.</param>
    internal void Sent(int to, in FrameHeader header, int envelope, int payload)
    {
        Interlocked.Increment(ref framesSent);
        int framing = envelope + Framing(envelope) + Framing(payload);
        Interlocked.Add(ref sentTo[to], framing + payload);
        if (header.Kind is FrameKind.Reduce or FrameKind.Gather)
        {
            int planes = header.CountPlanes + header.AbstentionPlanes;
            int losses = header is { Chunk: 0, Segment: 0 } ? header.Voters.Count * sizeof(float) : 0;
            int abstention = header.AbstentionPlanes == 0 ? 0 : (payload - losses) / planes * header.AbstentionPlanes;
            Interlocked.Increment(ref exchangeFramesSent);
            Interlocked.Add(ref framingSent, framing);
            Interlocked.Add(ref abstentionSent, abstention);
            Interlocked.Add(ref payloadSent, payload - abstention);
        }
        else
        {
            Interlocked.Add(ref controlSent, framing + payload);
        }
    }

    internal void Received(int from, int bytes)
    {
        Interlocked.Increment(ref framesReceived);
        Interlocked.Add(ref receivedFrom[from], bytes);
        Interlocked.Add(ref bytesReceived, bytes);
    }

    internal void GivenUp() => Interlocked.Increment(ref unsent);

    internal void Drop(DropReason reason) => Interlocked.Increment(ref dropped[(int)reason]);

    static int Framing(int length) => length > byte.MaxValue ? LongFraming : ShortFraming;
}
