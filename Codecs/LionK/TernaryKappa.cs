using DecentralizedLion.Codecs.Bits;

namespace DecentralizedLion.Codecs.LionK;

/// <summary>
/// A 𝒦 whose gradient is sign(u) for the values whose magnitude is above a cut, and for the first few at the cut, and 0 for
/// all others. Magnitudes are compared as the integers that their bits are: no rounding at all.
/// </summary>
abstract class TernaryKappa : Kappa
{
    const uint MagnitudeBits = 0x7FFF_FFFF;

    private protected TernaryKappa()
    {
    }

    /// <inheritdoc/>
    public sealed override bool IsTernary => true;

    /// <inheritdoc/>
    public sealed override void Gradient(ReadOnlySpan<float> u, Span<float> result)
    {
        Guard.Length(result.Length, u.Length, nameof(result));
        var (cut, ties) = Cut(u);
        for (var i = 0; i < u.Length; i++)
            result[i] = !Above(u[i], cut, ref ties) ? 0 : float.IsNegative(u[i]) ? -1 : 1;
    }

    /// <inheritdoc/>
    public sealed override bool PackSigns(ReadOnlySpan<float> u, Span<ulong> signs, Span<ulong> zeros)
    {
        var words = BitPlanes.Words(u.Length);
        Guard.Length(signs.Length, words, nameof(signs));
        Guard.Length(zeros.Length, words, nameof(zeros));
        var (cut, ties) = Cut(u);
        ulong any = 0;
        for (var word = 0; word < words; word++)
        {
            var first = word * BitPlanes.BitsPerWord;
            var values = u.Slice(first, Math.Min(BitPlanes.BitsPerWord, u.Length - first));
            ulong sign = 0, zero = 0;
            for (var i = 0; i < values.Length; i++)
            {
                var above = Above(values[i], cut, ref ties);
                sign |= (above && !float.IsNegative(values[i]) ? 1UL : 0) << i;
                zero |= (above ? 0 : 1UL) << i;
            }

            signs[word] = sign;
            zeros[word] = zero;
            any |= zero;
        }

        return any != 0;
    }

    /// <summary>A value's magnitude as an integer that orders as the magnitudes do.</summary>
    internal static uint Magnitude(float value) => BitConverter.SingleToUInt32Bits(value) & MagnitudeBits;

    /// <summary>The magnitude that is to be exceeded, and how many equal to it, by lowest index, count as above.</summary>
    private protected abstract (uint Magnitude, int Ties) Cut(ReadOnlySpan<float> u);

    /// <summary>True when the next value, in the order of the parameters, is above the cut; zero never is.</summary>
    private protected static bool Above(float value, uint cut, ref int ties)
    {
        var magnitude = Magnitude(value);
        if (magnitude != cut || ties == 0 || magnitude == 0)
            return magnitude > cut;
        ties--;
        return true;
    }
}
