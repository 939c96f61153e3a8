using DecentralizedLion.Codecs.Reductions;

namespace DecentralizedLion.Topology.Simulation.Reference;

/// <summary>The vote by plain loops over single parameters: what every exchange must agree with.</summary>
static class ReferenceVote
{
    /// <summary>One step: the sign per parameter (−1, 0, +1) from the ballots that were cast.</summary>
    /// <param name="cast">The ballots.</param>
    /// <param name="parameters">Their length.</param>
    /// <param name="ties">The tie rule.</param>
    /// <param name="step">The step, for <see cref="TieRule.Hash"/>.</param>
    /// <param name="previous">The last majority that was not zero, per parameter, for <see cref="TieRule.Previous"/>.</param>
    public static int[] Decide(IReadOnlyList<Ballot> cast, int parameters, TieRule ties, long step,
        IReadOnlyList<int> previous) =>
        Decide([.. cast.Select(ballot => (1, ballot.Buckets[0]))], parameters, ties, step, previous);

    /// <inheritdoc cref="Decide(IReadOnlyList{Ballot}, int, TieRule, long, IReadOnlyList{int})"/>
    public static int[] Decide(IReadOnlyList<(int Weight, BallotBucket Ballot)> cast, int parameters, TieRule ties, long step,
        IReadOnlyList<int> previous)
    {
        var majority = new int[parameters];
        for (int i = 0; i < parameters; i++)
        {
            int sum = 0, abstained = 0;
            foreach ((int weight, BallotBucket ballot) in cast)
            {
                int sign = Sign(ballot.Planes, ballot.Zeros, i);
                sum += weight * sign;
                abstained += sign == 0 ? 1 : 0;
            }
            if (abstained == cast.Count)
                majority[i] = 0;
            else if (sum != 0)
                majority[i] = Math.Sign(sum);
            else
                majority[i] = ties switch
                {
                    TieRule.Previous => previous[i],
                    TieRule.Hash => Bit(TieHash.Word(step, i / 64), i % 64) ? 1 : -1,
                    _ => 0,
                };
        }
        return majority;
    }

    /// <summary>The previous majority of a run that has decided nothing yet: a coin.</summary>
    public static int[] First(int parameters) =>
        [.. Enumerable.Range(0, parameters).Select(i => Bit(TieHash.Word(0, i / 64), i % 64) ? 1 : -1)];

    /// <summary>The sign of a parameter by two planes: −1, 0 or +1.</summary>
    public static int Sign(ReadOnlySpan<ulong> signs, ReadOnlySpan<ulong> zeros, int i) =>
        !zeros.IsEmpty && Bit(zeros[i / 64], i % 64) ? 0 : Bit(signs[i / 64], i % 64) ? 1 : -1;

    /// <summary>A bit of a word.</summary>
    public static bool Bit(ulong word, int bit) => (word >> bit & 1) != 0;
}
