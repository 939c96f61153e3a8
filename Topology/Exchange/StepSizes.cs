using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Topology.Transport;

namespace DecentralizedLion.Topology.Exchange;

/// <summary>The bytes that the steps of a run can put on a link, and the limits of the link that follow from them.</summary>
static class StepSizes
{
    // The open step, the next one, and the last one again.
    const int Steps = 3;

    // What steps carry changes slowly, or comes again soon; none carries more than the largest of so many.
    const int SampledSteps = 1024;

    const long QueuedBytesLow = 16L << 20, QueuedBytesHigh = 1L << 30;

    /// <summary>The limits of the links of a run.</summary>
    public static LinkLimits LinkLimitsOf(RingOptions options)
    {
        long largest = 0, most = 0;
        IReadOnlyList<Bucket>? last = null;
        for (long step = 1; step <= SampledSteps; step++)
        {
            IReadOnlyList<Bucket> buckets = options.BucketsOf(step);
            if (ReferenceEquals(buckets, last))
                continue;
            last = buckets;
            most = Math.Max(most, buckets.Sum(bucket => BytesOf(bucket, options)));
            foreach (Bucket bucket in buckets)
                largest = Math.Max(largest, PayloadMaxOf(bucket, options));
        }
        return new LinkLimits((int)Math.Min(int.MaxValue, Math.Max(largest, Ring.PieceLength) + 1024),
            Math.Clamp(Steps * most, QueuedBytesLow, QueuedBytesHigh));
    }

    /// <summary>The longest payload of a part: sums of so many voters as there can be, whatever the roster.</summary>
    static long PayloadMaxOf(Bucket bucket, RingOptions options)
    {
        int segment = 0;
        for (int members = 1; members <= options.PeerIds.Count; members++) // a smaller view has longer chunks
            segment = Math.Max(segment, new ChunkMap(bucket, members, options.SegmentWords, isFirst: false).SegmentWords);
        return (long)segment * sizeof(ulong)
            * (bucket.Reduction.IsGathered
                ? 1 : Math.Max(SumPlanes(bucket, VotesMax(options)), AggregatePlanes(bucket, VotesMax(options))));
    }

    /// <summary>The bytes that go to one neighbour in a step: of each element the sum once and the aggregate once, or all others'
    /// ballots.</summary>
    static long BytesOf(Bucket bucket, RingOptions options) => sizeof(ulong) * (long)bucket.Words
        * (bucket.Reduction.IsGathered ? options.PeerIds.Count
            : SumPlanes(bucket, options.VotesMax) + AggregatePlanes(bucket, options.VotesMax));

    static int VotesMax(RingOptions options) => PeerSet.Capacity * options.WeightMax;

    static int SumPlanes(Bucket bucket, int votes) => bucket.Reduction.SumPlanes(votes) * (bucket.Reduction.HasZeros ? 2 : 1);

    static int AggregatePlanes(Bucket bucket, int votes) =>
        bucket.Reduction.AggregatePlanes(votes) + bucket.Reduction.AggregateZeroPlanes(votes);
}
