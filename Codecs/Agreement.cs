using System.Numerics;

namespace DecentralizedLion.Codecs;

/// <summary>How much voters agreed.</summary>
public static class Agreement
{
    /// <summary>
    /// Sum over the parameters of |2p + a − V|, votes for minus votes against without the sign. Bit-sliced: the verdict's sign is
    /// that of 2p + a − V, or the parameter is tied and adds nothing, so sums of popcounts per plane suffice.
    /// </summary>
    /// <param name="counts">Count planes of p, n words each.</param>
    /// <param name="countPlanes">How many.</param>
    /// <param name="abstentions">Abstention planes of a, n words each.</param>
    /// <param name="abstentionPlanes">How many, possibly none.</param>
    /// <param name="voters">V.</param>
    /// <param name="signs">The verdict's signs, n words.</param>
    /// <param name="zeros">The verdict's zeros, n words.</param>
    /// <param name="tailMask">The valid bits of the last word.</param>
    public static long Margin(ReadOnlySpan<ulong> counts, int countPlanes, ReadOnlySpan<ulong> abstentions, int abstentionPlanes,
        int voters, ReadOnlySpan<ulong> signs, ReadOnlySpan<ulong> zeros, ulong tailMask)
    {
        int words = signs.Length;
        long margin = 0;
        for (int word = 0; word < words; word++)
        {
            ulong plus = signs[word], minus = ~(signs[word] | zeros[word]);
            if (word == words - 1)
                minus &= tailMask;
            long sum = 0;
            for (int plane = 0; plane < countPlanes; plane++)
                sum += Balance(counts[plane * words + word], plus, minus) << (plane + 1);
            for (int plane = 0; plane < abstentionPlanes; plane++)
                sum += Balance(abstentions[plane * words + word], plus, minus) << plane;
            margin += sum - (long)voters * Balance(ulong.MaxValue, plus, minus);
        }
        return margin;
    }

    static long Balance(ulong plane, ulong plus, ulong minus) =>
        BitOperations.PopCount(plane & plus) - BitOperations.PopCount(plane & minus);
}
