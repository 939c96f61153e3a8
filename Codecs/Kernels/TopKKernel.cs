using DecentralizedLion.Codecs.Reductions;

namespace DecentralizedLion.Codecs.Kernels;

/// <summary>The entries of largest magnitude, exactly so many, chosen alike on every machine.</summary>
static class TopKKernel
{
    const int Digits = 1 << 16;

    /// <summary>Writes the k entries of largest |value|, by ascending index; of equal ones those of lowest index.</summary>
    /// <param name="values">d values, none a NaN.</param>
    /// <param name="entries">k words as <see cref="SparseGather.Entry"/> makes them; k ≤ d.</param>
    /// <exception cref="ArgumentException">There are more entries than values.</exception>
    public static void Select(ReadOnlySpan<float> values, Span<ulong> entries)
    {
        if (entries.Length > values.Length)
            throw new ArgumentException($"{entries.Length} entries of {values.Length} values; allowed are at most as many",
                nameof(entries));
        if (entries.IsEmpty)
            return;
        // The bits of a magnitude ascend with it. Its upper 16 bits first, then the lower ones among those that are equal above.
        var most = entries.Length;
        var upper = Threshold(values, 0, 0, ref most);
        var least = (upper << 16) | Threshold(values, upper, 16, ref most);
        var next = 0;
        for (var i = 0; i < values.Length; i++)
        {
            var magnitude = Magnitude(values[i]);
            if (magnitude < least || (magnitude == least && most-- <= 0))
                continue;
            entries[next++] = SparseGather.Entry(i, values[i]);
        }
    }

    /// <summary>The 16 bits of the k-th largest magnitude; k becomes what is still wanted of those that have the same
    /// ones.</summary>
    static uint Threshold(ReadOnlySpan<float> values, uint upper, int known, ref int most)
    {
        var counts = new int[Digits];
        foreach (var value in values)
        {
            var magnitude = Magnitude(value);
            if (known == 0)
                counts[magnitude >> 16]++;
            else if (magnitude >> 16 == upper)
                counts[magnitude & (Digits - 1)]++;
        }

        for (var digit = Digits - 1; ; digit--)
        {
            if (counts[digit] >= most)
                return (uint)digit;
            most -= counts[digit];
        }
    }

    static uint Magnitude(float value) => BitConverter.SingleToUInt32Bits(value) & int.MaxValue;
}
