using System.Numerics;

namespace DecentralizedLion.Codecs.Bits;

/// <summary>The bounds of an honest count: positive votes and abstentions together are no more than the voters.</summary>
static class CountBounds
{
    /// <summary>True when p + a ≤ <paramref name="voters"/> for each parameter.</summary>
    /// <param name="counts">The positive votes p: planes · n words.</param>
    /// <param name="planes">The planes of <paramref name="counts"/>: <see cref="BitPlanes.Width"/> of the voters.</param>
    /// <param name="abstentions">The abstentions a: as many planes, or none.</param>
    /// <param name="abstentionPlanes">The planes of <paramref name="abstentions"/>: as many, or 0.</param>
    /// <param name="voters">How many ballots are inside.</param>
    /// <exception cref="ArgumentException">A span is not as long as its planes say.</exception>
    public static bool Hold(ReadOnlySpan<ulong> counts, int planes, ReadOnlySpan<ulong> abstentions,
        int abstentionPlanes, int voters)
    {
        if (planes == 0 || (abstentionPlanes == 0 && voters == (1 << planes) - 1))
            return true; // there is no room for more
        int words = counts.Length / planes;
        Guard.Length(counts.Length, (long)planes * words, nameof(counts));
        Guard.Length(abstentions.Length, (long)abstentionPlanes * words, nameof(abstentions));
        if (abstentionPlanes != 0)
            ArgumentOutOfRangeException.ThrowIfNotEqual(abstentionPlanes, planes);
        Vector<ulong> more = default;
        int lanes = Vector<ulong>.Count, done = words - words % lanes;
        for (int word = 0; word < done; word += lanes)
            more |= More(counts, abstentions, planes, words, word, voters);
        if (more != default)
            return false;
        for (int word = done; word < words; word++)
        {
            if (MoreInWord(counts, abstentions, planes, words, word, voters) != 0)
                return false;
        }
        return true;
    }

    // From the lowest plane to the highest: s is a bit of p + a; what is greater so far stays so unless a higher bit decides
    // otherwise.
    static Vector<ulong> More(ReadOnlySpan<ulong> counts, ReadOnlySpan<ulong> abstentions, int planes, int words,
        int word, int voters)
    {
        Vector<ulong> carry = default, more = default;
        for (int plane = 0; plane < planes; plane++)
        {
            var p = new Vector<ulong>(counts[(plane * words + word)..]);
            Vector<ulong> a = abstentions.IsEmpty ? default : new Vector<ulong>(abstentions[(plane * words + word)..]);
            Vector<ulong> s = p ^ a ^ carry;
            carry = (p & a) | (carry & (p ^ a));
            more = (voters >> plane & 1) != 0 ? s & more : s | more;
        }
        return more | carry;
    }

    static ulong MoreInWord(ReadOnlySpan<ulong> counts, ReadOnlySpan<ulong> abstentions, int planes, int words,
        int word, int voters)
    {
        ulong carry = 0, more = 0;
        for (int plane = 0; plane < planes; plane++)
        {
            ulong p = counts[plane * words + word], a = abstentions.IsEmpty ? 0 : abstentions[plane * words + word];
            ulong s = p ^ a ^ carry;
            carry = (p & a) | (carry & (p ^ a));
            more = (voters >> plane & 1) != 0 ? s & more : s | more;
        }
        return more | carry;
    }
}
