using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Topology.Simulation.Reference;

/// <summary>The aggregate of a bucket by plain loops over single elements, which every exchange must agree with, bit for
/// bit.</summary>
static class ReferenceReduction
{
    /// <summary>The outcome of one part.</summary>
    /// <param name="bucket">The part.</param>
    /// <param name="cast">The voters' ballots, in the order of their roster indices.</param>
    /// <param name="view">The members: where rounding matters, a chunk's sum begins at its own place and goes on in the view's
    /// order.</param>
    /// <param name="step">The step, for <see cref="TieRule.Hash"/>.</param>
    /// <param name="previous">The last majority that was not zero, per parameter, for <see cref="TieRule.Previous"/>.</param>
    public static Aggregate Decide(Bucket bucket, IReadOnlyList<(int Member, BallotBucket Ballot)> cast, View view, long step,
        IReadOnlyList<int> previous)
    {
        (int Weight, BallotBucket Ballot)[] weighed = [.. cast.Select(one => (ReferenceWeights.Of(view, step, one.Member,
            cast.Count), one.Ballot))];
        int votes = weighed.Sum(one => one.Weight);
        switch (bucket.Reduction)
        {
            case MajorityVote vote:
                return VoteOf(bucket,
                    ReferenceVote.Decide(weighed, bucket.Length, vote.Ties, step, previous));
            case SignAverage:
                ulong[] counts = Planes(bucket, BitPlanes.Width(votes),
                    i => weighed.Sum(one => one.Weight * Number(bucket, one.Ballot.Planes, i)));
                ulong[] zeros = Planes(bucket, BitPlanes.Width(votes),
                    i => weighed.Sum(one => one.Weight * Number(bucket, one.Ballot.Zeros, i)));
                return new Aggregate(counts, zeros.AsSpan().ContainsAnyExcept(0UL) ? zeros : null);
            case TernarySum:
                return new Aggregate(Planes(bucket, BitPlanes.Width(2 * votes),
                    i => weighed.Sum(one => one.Weight * Number(bucket, one.Ballot.Planes, i))), null);
            case SparseGather:
                return new Aggregate([.. cast.SelectMany(one => one.Ballot.Planes.ToArray())], null);
            default:
                var outcome = new ulong[32 * bucket.Words];
                for (int i = 0; i < bucket.Length && votes > 0; i++)
                    FloatReduction.Of(outcome.AsSpan())[i] = ValueOf(bucket, cast, view, step, i);
                return new Aggregate(outcome, null);
        }
    }

    /// <summary>True when two aggregates have the same bits.</summary>
    public static bool AreEqual(Aggregate first, Aggregate second) =>
        first.Planes.AsSpan().SequenceEqual(second.Planes) && first.Zeros.AsSpan().SequenceEqual(second.Zeros);

    /// <summary>The number that planes say of an element.</summary>
    public static int Number(Bucket bucket, ReadOnlySpan<ulong> planes, int i)
    {
        int number = 0;
        for (int plane = 0; plane * bucket.Words < planes.Length; plane++)
            number |= (ReferenceVote.Bit(planes[plane * bucket.Words + i / 64], i % 64) ? 1 : 0) << plane;
        return number;
    }

    static float ValueOf(Bucket bucket, IReadOnlyList<(int Member, BallotBucket Ballot)> cast, View view, long step, int i)
    {
        int chunk = 0;
        while (i / 64 >= (long)bucket.Words * (chunk + 1) / view.Count)
            chunk++;
        float? value = null;
        float votes = 0;
        for (int distance = 0; distance < view.Count; distance++)
        {
            int member = view.Members[(chunk + distance) % view.Count];
            foreach ((int voter, BallotBucket ballot) in cast)
            {
                if (voter != member)
                    continue;
                int weight = ReferenceWeights.Of(view, step, member, cast.Count);
                float own = bucket.Reduction is FloatMean ? weight * ballot.Values[i] : ballot.Values[i];
                value = value is not { } sum ? own : bucket.Reduction is FloatMean ? sum + own : sum > own ? sum : own;
                votes += weight;
            }
        }
        return bucket.Reduction is FloatMean ? value!.Value / votes : value!.Value;
    }

    static Aggregate VoteOf(Bucket bucket, int[] majority)
    {
        ulong[] zeros = Planes(bucket, 1, i => majority[i] == 0 ? 1 : 0);
        return new Aggregate(Planes(bucket, 1, i => majority[i] > 0 ? 1 : 0),
            zeros.AsSpan().ContainsAnyExcept(0UL) ? zeros : null);
    }

    static ulong[] Planes(Bucket bucket, int count, Func<int, int> number)
    {
        var planes = new ulong[count * bucket.Words];
        for (int i = 0; i < bucket.Length; i++)
        {
            int bits = number(i);
            for (int plane = 0; plane < count; plane++)
                planes[plane * bucket.Words + i / 64] |= (ulong)(bits >> plane & 1) << (i % 64);
        }
        return planes;
    }
}
