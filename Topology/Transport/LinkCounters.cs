using DecentralizedLion.Codecs;

namespace DecentralizedLion.Topology.Transport;

/// <summary>What passed a peer's sockets. Written by the loop, read by anyone (64-bit values are read whole).</summary>
public sealed class LinkCounters
{
    // A ZMTP frame costs a flag byte and a length of one byte, or of eight from 256 bytes on.
    const int ShortFraming = 2, LongFraming = 9;

    long payloadSent, framingSent, controlSent, abstentionSent, framesSent, framesReceived, bytesReceived, unsent;
    readonly long[] dropped = new long[Enum.GetValues<DropReason>().Length];

    /// <summary>Bytes of count and verdict planes sent (and the losses beside chunk 0, 4 bytes a voter): what section 5's formula counts.</summary>
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

    /// <summary>Frames that arrived, believed or not.</summary>
    public long FramesReceived => Volatile.Read(ref framesReceived);

    /// <summary>Bytes that arrived, envelope and payload.</summary>
    public long BytesReceived => Volatile.Read(ref bytesReceived);

    /// <summary>Frames given up because the peer was away or the link's queue full; the receiver asks for them again.</summary>
    public long Unsent => Volatile.Read(ref unsent);

    /// <summary>Frames dropped on arrival for a reason.</summary>
    public long Dropped(DropReason reason) => Volatile.Read(ref dropped[(int)reason]);

    /// <param name="header">The frame.</param>
    /// <param name="envelope">Bytes of its envelope.</param>
    /// <param name="payload">Bytes of its payload.</param>
    internal void Sent(in FrameHeader header, int envelope, int payload)
    {
        Interlocked.Increment(ref framesSent);
        int framing = envelope + Framing(envelope) + Framing(payload);
        if (header.Kind is FrameKind.Reduce or FrameKind.Gather)
        {
            int planes = header.CountPlanes + header.AbstentionPlanes;
            int losses = header is { Chunk: 0, Segment: 0 } ? header.Voters.Count * sizeof(float) : 0;
            int abstention = header.AbstentionPlanes == 0 ? 0 : (payload - losses) / planes * header.AbstentionPlanes;
            Interlocked.Add(ref framingSent, framing);
            Interlocked.Add(ref abstentionSent, abstention);
            Interlocked.Add(ref payloadSent, payload - abstention);
        }
        else
        {
            Interlocked.Add(ref controlSent, framing + payload);
        }
    }

    internal void Received(int bytes)
    {
        Interlocked.Increment(ref framesReceived);
        Interlocked.Add(ref bytesReceived, bytes);
    }

    internal void GivenUp() => Interlocked.Increment(ref unsent);

    internal void Drop(DropReason reason) => Interlocked.Increment(ref dropped[(int)reason]);

    static int Framing(int length) => length > byte.MaxValue ? LongFraming : ShortFraming;
}

/// <summary>Why an arriving frame was not believed.</summary>
public enum DropReason
{
    /// <summary>The envelope is not one, is of another version or has fields out of range.</summary>
    Envelope,

    /// <summary>The run fingerprint is another run's.</summary>
    Run,

    /// <summary>The session is not the one the peer joined with.</summary>
    Session,

    /// <summary>The view is not the present one, or there is none yet.</summary>
    View,

    /// <summary>The step is older or newer than those kept.</summary>
    Step,

    /// <summary>Chunk, hop, segment or sender do not fit this member's place in the ring.</summary>
    Slot,

    /// <summary>The set of voters contradicts the hop or an earlier frame.</summary>
    Voters,

    /// <summary>The number of planes or the payload's length is not what the voters need.</summary>
    Length,

    /// <summary>The payload's checksum is wrong.</summary>
    Checksum,

    /// <summary>The payload of a control frame is not what its kind needs.</summary>
    Content,

    /// <summary>The frame was there already: harmless.</summary>
    Repeated,

    /// <summary>Its sender was excluded for what it sent before.</summary>
    Excluded,

    /// <summary>Another version of the protocol; both sides are told of it.</summary>
    Version,
}
