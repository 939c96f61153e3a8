namespace DecentralizedLion.Codecs.LionK;

/// <summary>Finds the k-th largest magnitude by counting its bits from the top, 11, 10 and 10 at a time: three passes.</summary>
static class TopKThreshold
{
    /// <param name="values">d finite values.</param>
    /// <param name="count">k, from 0 to d; for 0 the cut is above all.</param>
    /// <returns>The k-th largest magnitude, and how many of those equal to it are among the k largest.</returns>
    public static (uint Magnitude, int Ties) Cut(ReadOnlySpan<float> values, int count)
    {
        if (count == 0)
            return (uint.MaxValue, 0);
        Span<int> counts = stackalloc int[1 << 11];
        // The k-th largest has these upper bits; `left` is its rank among the values that have them.
        uint upper = 0;
        var left = count;
        foreach (var (shift, width) in (ReadOnlySpan<(int, int)>)[(20, 11), (10, 10), (0, 10)])
        {
            counts.Clear();
            var mask = (1u << width) - 1;
            foreach (var value in values)
            {
                var magnitude = TernaryKappa.Magnitude(value) >> shift;
                if (magnitude >> width == upper)
                    counts[(int)(magnitude & mask)]++;
            }

            var digit = (int)mask;
            for (; counts[digit] < left; digit--)
                left -= counts[digit];
            upper = (upper << width) | (uint)digit;
        }

        return (upper, left);
    }
}
