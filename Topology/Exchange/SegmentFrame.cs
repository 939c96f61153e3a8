using System.Runtime.InteropServices;
using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Transport;

namespace DecentralizedLion.Topology.Exchange;

/// <summary>A frame of an exchange: the planes of a segment's sum or aggregate, and in some the voters' losses behind
/// them.</summary>
readonly ref struct SegmentFrame(
    FrameKind kind, int countPlanes, int abstentionPlanes, PeerSet voters, VoteTotal total, ReadOnlySpan<byte> payload)
{
    readonly ReadOnlySpan<byte> payload = payload;

    /// <summary>Reduce or gather.</summary>
    public FrameKind Kind { get; } = kind;

    /// <summary>The members whose ballots are inside.</summary>
    public PeerSet Voters { get; } = voters;

    /// <summary>True when it has as many planes and bytes as such a segment has.</summary>
    public bool HasLengthOf(BucketExchange bucket, SegmentId id)
    {
        Reduction reduction = bucket.Map.Bucket.Reduction;
        bool isAggregate = Kind == FrameKind.Gather;
        int planes = isAggregate ? reduction.AggregatePlanes(total.Counted) : reduction.SumPlanes(total.Counted);
        int zeros = isAggregate ? reduction.AggregateZeroPlanes(total.Counted) : reduction.HasZeros ? planes : 0;
        return countPlanes == planes && (abstentionPlanes == 0 || abstentionPlanes == zeros)
            && payload.Length == (long)bucket.Map.Segment(id.Chunk, id.Segment).Length * (planes + abstentionPlanes)
            * sizeof(ulong)
                + (bucket.CarriesLosses(id) ? Voters.Count : 0) * sizeof(uint);
    }

    /// <summary>True when a correct peer can have sent it.</summary>
    public bool IsPlausible(BucketExchange bucket, SegmentId id)
    {
        WordRange range = bucket.Map.Segment(id.Chunk, id.Segment);
        if (range.Length == 0 || countPlanes == 0)
            return true;
        PartialSum sum = SumOver(range);
        Reduction reduction = bucket.Map.Bucket.Reduction;
        return Kind == FrameKind.Gather ? reduction.IsPlausibleAggregate(sum, bucket.Map.TailMask(range))
            : reduction.IsPlausibleSum(sum, bucket.Map.TailMask(range));
    }

    /// <summary>The sum or the aggregate over a segment's words.</summary>
    public PartialSum SumOver(WordRange range)
    {
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(payload[..PlaneBytes(range)]);
        return new PartialSum(words[..(countPlanes * range.Length)], words[(countPlanes * range.Length)..], total);
    }

    /// <summary>The losses behind the planes, in the voters' order, as float bits.</summary>
    public ReadOnlySpan<uint> LossesAfter(WordRange range) => MemoryMarshal.Cast<byte, uint>(payload[PlaneBytes(range)..]);

    int PlaneBytes(WordRange range) => range.Length * (countPlanes + abstentionPlanes) * sizeof(ulong);
}
