using DecentralizedLion.Codecs.Bits;

namespace DecentralizedLion.Codecs.Kernels;

/// <summary>Signs of a vector as a ballot.</summary>
static class SignKernel
{
    /// <summary>Packs signs and exact zeros.</summary>
    /// <param name="values">d values, none a NaN.</param>
    /// <param name="signs">Receives 1 where a value is positive: ⌈d/64⌉ words, canonical.</param>
    /// <param name="zeros">Receives 1 where a value is +0 or −0: ⌈d/64⌉ words, canonical.</param>
    /// <exception cref="ArgumentException">A plane has another length.</exception>
    public static void Pack(ReadOnlySpan<float> values, Span<ulong> signs, Span<ulong> zeros)
    {
        Guard.Length(signs.Length, BitPlanes.Words(values.Length), nameof(signs));
        Guard.Length(zeros.Length, signs.Length, nameof(zeros));
        for (var word = 0; word < signs.Length; word++)
        {
            var rest = values[(word * BitPlanes.BitsPerWord)..];
            ulong sign = 0, zero = 0;
            for (var i = 0; i < Math.Min(rest.Length, BitPlanes.BitsPerWord); i++)
            {
                sign |= (rest[i] > 0 ? 1UL : 0) << i;
                zero |= (rest[i] == 0 ? 1UL : 0) << i;
            }

            (signs[word], zeros[word]) = (sign, zero);
        }
    }
}
