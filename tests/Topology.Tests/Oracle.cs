using DecentralizedLion.Codecs;

namespace DecentralizedLion.Topology.Tests;

/// <summary>The vote by plain loops over single parameters: what every exchange must agree with.</summary>
static class Oracle
{
    /// <summary>One step: the sign per parameter (−1, 0, +1) from the ballots that were cast.</summary>
    public static int[] Decide(IReadOnlyList<Ballot> cast, int parameters, TieRule ties, long step, int[] previous)
    {
        var verdict = new int[parameters];
        for (int i = 0; i < parameters; i++)
        {
            int sum = 0, abstained = 0;
            foreach (Ballot ballot in cast)
            {
                int sign = Sign(ballot.Signs, ballot.Zeros, i);
                sum += sign;
                abstained += sign == 0 ? 1 : 0;
            }
            if (abstained == cast.Count)
                verdict[i] = 0;
            else if (sum != 0)
                verdict[i] = Math.Sign(sum);
            else
                verdict[i] = ties switch
                {
                    TieRule.Previous => previous[i],
                    TieRule.Hash => Bit(Coin.Word(step, i / 64), i % 64) ? 1 : -1,
                    _ => 0,
                };
        }
        return verdict;
    }

    public static int Sign(ReadOnlySpan<ulong> signs, ReadOnlySpan<ulong> zeros, int i) =>
        !zeros.IsEmpty && Bit(zeros[i / 64], i % 64) ? 0 : Bit(signs[i / 64], i % 64) ? 1 : -1;

    public static bool Bit(ulong word, int bit) => (word >> bit & 1) != 0;

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
