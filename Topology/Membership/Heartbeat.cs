using System.Buffers.Binary;
using DecentralizedLion.Codecs.Bits;

namespace DecentralizedLion.Topology.Membership;

/// <summary>The state of a heartbeat's sender. Everything in it is of the moment; nothing depends on one being
/// received.</summary>
/// <param name="View">The number of the latest view that it knows to be decided; 0: none.</param>
/// <param name="JournalStep">The newest step in its journal.</param>
/// <param name="Committed">The newest step that it knows to be committed.</param>
/// <param name="Flags">Where it stands.</param>
/// <param name="Reachable">The roster indices of the peers that it hears, itself included.</param>
readonly record struct Heartbeat(int View, long JournalStep, long Committed, HeartbeatFlags Flags, PeerSet Reachable)
{
    const int StampAt = sizeof(int) + 2 * sizeof(long) + 1, SampleTimeAt = StampAt + RoundTripStamp.Length,
        Fixed = SampleTimeAt + sizeof(float);

    // No gradient takes longer for a sample.
    const float SecondsMax = 1e6f;

    /// <summary>The times from which the receiver computes the round trip.</summary>
    public RoundTripStamp Stamp { get; init; }

    /// <summary>The time that the sender's gradients take per sample, in seconds; 0: not known.</summary>
    public float SecondsPerSample { get; init; }

    public bool Is(HeartbeatFlags flags) => (Flags & flags) == flags;

    /// <summary>Writes it: fixed little-endian numbers, then the indices as bytes, or 32 of them and more as bits.</summary>
    public int Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteInt32LittleEndian(destination, View);
        BinaryPrimitives.WriteInt64LittleEndian(destination[4..], JournalStep);
        BinaryPrimitives.WriteInt64LittleEndian(destination[12..], Committed);
        destination[20] = (byte)Flags;
        Stamp.Write(destination[StampAt..]);
        BinaryPrimitives.WriteSingleLittleEndian(destination[SampleTimeAt..], SecondsPerSample);
        return Fixed + Reachable.WriteShort(destination[Fixed..]);
    }

    /// <summary>The most bytes of a status.</summary>
    public const int MaxLength = Fixed + PeerSet.MapLength;

    /// <summary>Reads it; null when the payload is none.</summary>
    public static Heartbeat? TryRead(ReadOnlySpan<byte> payload)
    {
        if (payload.Length is < Fixed or > MaxLength || !PeerSet.TryReadShort(payload[Fixed..], out PeerSet hears))
            return null;
        var heartbeat = new Heartbeat(BinaryPrimitives.ReadInt32LittleEndian(payload),
            BinaryPrimitives.ReadInt64LittleEndian(payload[4..]), BinaryPrimitives.ReadInt64LittleEndian(payload[12..]),
            (HeartbeatFlags)payload[20], hears)
        {
            Stamp = RoundTripStamp.Read(payload[StampAt..]),
            SecondsPerSample = BinaryPrimitives.ReadSingleLittleEndian(payload[SampleTimeAt..]),
        };
        return heartbeat.View >= 0 && heartbeat.JournalStep >= 0 && heartbeat.Committed >= 0
            && heartbeat.SecondsPerSample is >= 0 and <= SecondsMax ? heartbeat : null;
    }
}
