using System.Numerics;
using DecentralizedLion.Codecs.Bits;

namespace DecentralizedLion.Codecs.Reductions;

/// <summary>The margins of votes: the agreement among voters, and ties.</summary>
static class VoteMargin
{
    /// <summary>
    /// Sum over the parameters of |2p + a − V|, votes for minus votes against without the sign. Bit-sliced: the majority has the
    /// sign of 2p + a − V, or the parameter is tied and adds nothing, so sums of popcounts per plane suffice.
    /// </summary>
    /// <param name="counts">The counts p and a of V voters, planes of n words.</param>
    /// <param name="signs">The majority's signs, n words.</param>
    /// <param name="zeros">The majority's zeros, n words.</param>
    /// <param name="tailMask">The valid bits of the last word.</param>
    public static long Sum(VoteCounts counts, ReadOnlySpan<ulong> signs, ReadOnlySpan<ulong> zeros, ulong tailMask)
    {
        ReadOnlySpan<ulong> positive = counts.Positive, abstentions = counts.Abstentions;
        int words = signs.Length;
        long margin = 0;
        for (int word = 0; word < words; word++)
        {
            ulong plus = signs[word], minus = ~(signs[word] | zeros[word]);
            if (word == words - 1)
                minus &= tailMask;
            long sum = 0;
            for (int plane = 0; plane < counts.PositivePlanes; plane++)
                sum += Balance(positive[plane * words + word], plus, minus) << (plane + 1);
            for (int plane = 0; plane < counts.AbstentionPlanes; plane++)
                sum += Balance(abstentions[plane * words + word], plus, minus) << plane;
            margin += sum - (long)counts.Voters * Balance(ulong.MaxValue, plus, minus);
        }
        return margin;
    }

    /// <summary>The number of parameters with a tie: 2p + a = V, and not everybody abstains.</summary>
    /// <param name="counts">The counts p and a of V voters, planes of n words.</param>
    /// <param name="words">n.</param>
    /// <param name="tailMask">The valid bits of the last word.</param>
    public static long CountTies(VoteCounts counts, int words, ulong tailMask)
    {
        ReadOnlySpan<ulong> positive = counts.Positive, abstentions = counts.Abstentions;
        int positivePlanes = counts.PositivePlanes, abstentionPlanes = counts.AbstentionPlanes, voters = counts.Voters;
        if (voters == 0)
            return 0;
        if (abstentionPlanes == 0)
            return (voters & 1) != 0 ? 0 : Equal(positive, positivePlanes, voters / 2, words, tailMask);
        long ties = 0;
        for (int word = 0; word < words; word++)
        {
            ulong even = word == words - 1 ? tailMask : ulong.MaxValue, unanimous = ulong.MaxValue, carry = 0, doubled = 0;
            for (int plane = 0; plane < BitPlanes.Width(2 * voters); plane++)
            {
                ulong wanted = (voters >> plane & 1) != 0 ? 0 : ulong.MaxValue;
                ulong a = plane < abstentionPlanes ? abstentions[plane * words + word] : 0;
                even &= doubled ^ carry ^ a ^ wanted;
                unanimous &= a ^ wanted;
                carry = (doubled & carry) | (a & (doubled ^ carry));
                // 2p: each plane of p is one plane higher in the sum
                doubled = plane < positivePlanes ? positive[plane * words + word] : 0;
            }
            ties += BitOperations.PopCount(even & ~unanimous);
        }
        return ties;
    }

    /// <summary>The number of parameters that have exactly that count.</summary>
    static long Equal(ReadOnlySpan<ulong> counts, int planes, int count, int words, ulong tailMask)
    {
        if (BitPlanes.Width(count) > planes || words == 0)
            return 0;
        long equal = 0;
        for (int word = 0; word < words; word++)
        {
            ulong all = word == words - 1 ? tailMask : ulong.MaxValue;
            for (int plane = 0, at = word; plane < planes; plane++, at += words)
                all &= counts[at] ^ ((ulong)(count >> plane & 1) - 1);
            equal += BitOperations.PopCount(all);
        }
        return equal;
    }

    static long Balance(ulong plane, ulong plus, ulong minus) =>
        BitOperations.PopCount(plane & plus) - BitOperations.PopCount(plane & minus);
}
