namespace DecentralizedLion.Models.Datasets;

/// <summary>A run of another split's samples, numbered from 0 on.</summary>
/// <param name="all">The other split.</param>
/// <param name="first">The first of its samples.</param>
/// <param name="count">The number of samples.</param>
/// <param name="spacing">From one sample to the next.</param>
sealed class SplitSlice(IDataSplit all, long first, long count, long spacing = 1) : IDataSplit
{
    /// <inheritdoc/>
    public long Count => count;

    /// <inheritdoc/>
    public long Spacing => Math.Max(1, (all.Spacing + spacing - 1) / spacing);

    /// <inheritdoc/>
    public Batch Read(ReadOnlySpan<long> samples) => all.Read(Samples(samples));

    /// <inheritdoc/>
    public Batch Read(ReadOnlySpan<long> samples, ReadOnlySpan<long> positions) => all.Read(Samples(samples), positions);

    /// <inheritdoc/>
    public int[]? Labels()
    {
        if (all.Labels() is not { } labels)
            return null;
        var mine = new int[count];
        for (var i = 0; i < mine.Length; i++)
            mine[i] = labels[first + i * spacing];
        return mine;
    }

    long[] Samples(ReadOnlySpan<long> numbers)
    {
        var samples = new long[numbers.Length];
        for (var i = 0; i < samples.Length; i++)
        {
            if (numbers[i] < 0 || numbers[i] >= count)
                throw new ArgumentOutOfRangeException(nameof(numbers), numbers[i], $"a sample must be from 0 to {count - 1}");
            samples[i] = first + numbers[i] * spacing;
        }
        return samples;
    }
}
