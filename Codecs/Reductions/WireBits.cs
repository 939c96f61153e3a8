using DecentralizedLion.Codecs.Bits;

namespace DecentralizedLion.Codecs.Reductions;

/// <summary>The bits that a step costs by the formula (docs/protocol.md#exchange), without frames and without zero
/// planes.</summary>
static class WireBits
{
    /// <summary>Bits that each peer sends in a step by the ring exchange, on average over the peers.</summary>
    /// <param name="buckets">What the step carries.</param>
    /// <param name="peers">N, all of them voting.</param>
    public static double Ring(IReadOnlyList<Bucket> buckets, int peers) => Sum(buckets, peers, reduction =>
    {
        double planes = reduction.AggregatePlanes(peers) * (peers - 1);
        for (var ballots = 1; ballots < peers; ballots++)
            planes += reduction.SumPlanes(ballots);
        return planes / peers;
    });

    /// <summary>The same where ballots have weights.</summary>
    /// <param name="buckets">What the step carries.</param>
    /// <param name="weights">The weights in the ring's order; all vote.</param>
    public static double Ring(IReadOnlyList<Bucket> buckets, IReadOnlyList<int> weights) =>
        weights.All(weight => weight == 1) ? Ring(buckets, weights.Count) : Sum(buckets, weights.Count, reduction =>
        {
            var peers = weights.Count;
            double planes = 0;
            for (var chunk = 0; chunk < peers; chunk++)
            {
                var total = default(VoteTotal);
                for (var hop = 1; hop < peers; hop++)
                {
                    total = total.With(weights[(chunk + hop - 1) % peers]);
                    planes += reduction.SumPlanes(total.Counted);
                }
            }
            return (planes / peers + reduction.AggregatePlanes(Whole(weights)) * (peers - 1)) / peers;
        });

    /// <summary>Bits that each peer sends in a step by the direct exchange.</summary>
    /// <param name="buckets">What the step carries.</param>
    /// <param name="peers">N, all of them voting.</param>
    public static double Direct(IReadOnlyList<Bucket> buckets, int peers) => Direct(buckets, peers, peers);

    /// <summary>The same where ballots have weights.</summary>
    /// <param name="buckets">What the step carries.</param>
    /// <param name="weights">The weights; all vote.</param>
    public static double Direct(IReadOnlyList<Bucket> buckets, IReadOnlyList<int> weights) =>
        Direct(buckets, weights.Count, Whole(weights));

    static double Direct(IReadOnlyList<Bucket> buckets, int peers, int votes) => Sum(buckets, peers, reduction =>
        (double)(reduction.SumPlanes(1) + reduction.AggregatePlanes(votes)) * (peers - 1) / peers);

    static int Whole(IReadOnlyList<int> weights) => new VoteTotal(weights.Count, weights.Sum()).Counted;

    static double Sum(IReadOnlyList<Bucket> buckets, int peers, Func<Reduction, double> planes)
    {
        double bits = 0;
        foreach (var bucket in buckets)
        {
            double elements = bucket.Reduction.IsGathered ? bucket.Words * (double)BitPlanes.BitsPerWord : bucket.Length;
            bits += elements * (bucket.Reduction.IsGathered ? peers - 1 : planes(bucket.Reduction));
        }
        return bits;
    }
}
