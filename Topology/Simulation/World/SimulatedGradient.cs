using DecentralizedLion.Codecs.Reductions;

namespace DecentralizedLion.Topology.Simulation.World;

/// <summary>A peer's ballots: each follows from seed, peer, step and the weights, as a gradient does.</summary>
static class SimulatedGradient
{
    // One ballot in so many is not finite: it is not cast.
    const int NotFinite = 50;

    /// <summary>The ballot of a step, null for one that is not finite, and its loss, which no other ballot of the step
    /// has.</summary>
    public static (Ballot? Ballot, float Loss) Of(ulong seed, int peer, long step, uint weights, int parameters,
        IReadOnlyList<Bucket> buckets)
    {
        ulong key = TieHash.Word((long)TieHash.Word((long)seed, peer), (int)step) ^ TieHash.Word(weights, peer);
        float loss = BitConverter.UInt32BitsToSingle(0x3F800000 | (uint)(key >> 41)); // 1 … 2
        if (key % NotFinite == 0)
            return (null, float.NaN);
        var ballot = new Ballot(buckets);
        for (int index = 0; index < buckets.Count; index++)
            Fill(ballot.Buckets[index], key + 100 * (ulong)index, parameters, zeros: (key & 1024) != 0);
        return (ballot, loss);
    }

    /// <summary>A part of a ballot that follows from a number.</summary>
    /// <param name="ballot">Where it goes.</param>
    /// <param name="key">The number.</param>
    /// <param name="parameters">Indices are below it.</param>
    /// <param name="zeros">Whether any sign is exactly zero: one in 64.</param>
    public static void Fill(BallotBucket ballot, ulong key, int parameters, bool zeros)
    {
        Bucket bucket = ballot.Bucket;
        for (int word = 0; word < bucket.Words; word++)
        {
            ulong mask = word == bucket.Words - 1 ? bucket.TailMask : ulong.MaxValue,
                rare = Draw(1, word) & Draw(2, word) & Draw(3, word);
            switch (bucket.Reduction)
            {
                case SignCount:
                    ulong abstains = zeros ? rare & Draw(4, word) & Draw(5, word) & Draw(6, word) & mask : 0;
                    (ballot.Zeros[word], ballot.Planes[word]) = (abstains, Draw(0, word) & mask & ~abstains);
                    break;
                case TernarySum: // t + 1: plane 0 is zero, plane 1 positive
                    (ballot.Planes[word], ballot.Planes[bucket.Words + word]) = (~rare & mask, rare & Draw(0, word) & mask);
                    break;
                case SparseGather:
                    ballot.Planes[word] = SparseGather.Entry((int)(Draw(0, word) % (ulong)parameters), Value(word));
                    break;
            }
        }
        for (int i = 0; bucket.Reduction is FloatReduction && i < bucket.Length; i++)
            ballot.Values[i] = Value(i);

        ulong Draw(int plane, int word) => TieHash.Word((long)(key + (ulong)plane), word);

        // −1 … 1, of many sizes, so that sums round.
        float Value(int i) => (float)(((long)Draw(7, i) >> 11) / (double)(1L << 52)) / (1 << (int)(Draw(8, i) % 20));
    }

    /// <summary>The time that it takes, as a factor of the peer's usual time.</summary>
    public static double Pace(ulong seed, int peer, long step) =>
        0.7 + 0.6 * (TieHash.Word((long)(seed ^ 0x5EED), (int)(step * 256 + peer)) >> 11) / (1UL << 53);
}
