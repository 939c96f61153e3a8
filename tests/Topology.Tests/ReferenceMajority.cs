using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Topology.Simulation.Reference;
using DecentralizedLion.Topology.Simulation.World;

namespace DecentralizedLion.Topology.Tests;

/// <summary>The vote by plain loops over single parameters: what every exchange must agree with.</summary>
static class ReferenceMajority
{
    /// <summary>The decided sign of each parameter: −1, 0 or 1.</summary>
    public static int[] Decide(IReadOnlyList<Ballot> cast, int parameters, TieRule ties, long step, int[] previous) =>
        ReferenceVote.Decide(cast, parameters, ties, step, previous);

    public static int Sign(ReadOnlySpan<ulong> signs, ReadOnlySpan<ulong> zeros, int i) => ReferenceVote.Sign(signs, zeros, i);

    public static bool Bit(ulong word, int bit) => ReferenceVote.Bit(word, bit);

    /// <summary>A ballot of any parts.</summary>
    public static Ballot RandomBallot(Random random, IReadOnlyList<Bucket> buckets, int parameters, bool zeros)
    {
        var ballot = new Ballot(buckets);
        foreach (BallotBucket bucket in ballot.Buckets)
            SimulatedGradient.Fill(bucket, (ulong)random.NextInt64(), parameters, zeros);
        return ballot;
    }

    /// <summary>A ballot with a share of exact zeros.</summary>
    public static Ballot RandomBallot(Random random, int parameters, double zeros)
    {
        var ballot = new Ballot(parameters);
        for (int i = 0; i < parameters; i++)
        {
            ulong bit = 1UL << (i % 64);
            if (zeros > 0 && random.NextDouble() < zeros)
                ballot.Zeros[i / 64] |= bit;
            else if (random.Next(2) == 1)
                ballot.Signs[i / 64] |= bit;
        }
        return ballot;
    }
}
