using DecentralizedLion.Models.Datasets;

namespace DecentralizedLion.Models.Tests.Datasets;

/// <summary>Samples that are numbers, and may have labels. A batch has the samples as its targets, the positions as its
/// tokens.</summary>
sealed class CountingSplit(long count, int[]? labels = null) : IDataSplit
{
    public CountingSplit(int[] labels)
        : this(labels.Length, labels)
    {
    }

    public long Count => count;

    public int[]? Labels() => labels;

    public Batch Read(ReadOnlySpan<long> samples) => Read(samples, samples);

    public Batch Read(ReadOnlySpan<long> samples, ReadOnlySpan<long> positions) =>
        new() { InputShape = [samples.Length, 1], Tokens = positions.ToArray(), Targets = samples.ToArray() };
}
