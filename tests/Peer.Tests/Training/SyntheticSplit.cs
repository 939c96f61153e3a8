using DecentralizedLion.Models.Datasets;

namespace DecentralizedLion.Peer.Tests.Training;

/// <summary>Images of noise, in two classes. The batch of some reads has a value that is no number.</summary>
/// <param name="gaps">Which reads, from 1.</param>
sealed class SyntheticSplit(params int[] gaps) : IDataSplit
{
    int reads;

    public long Count => 64;

    /// <summary>The positions that were read, read by read.</summary>
    public List<long[]> Positions { get; } = [];

    public Batch Read(ReadOnlySpan<long> samples) => Read(samples, gap: false);

    public Batch Read(ReadOnlySpan<long> samples, ReadOnlySpan<long> positions)
    {
        Positions.Add(positions.ToArray());
        return Read(samples, gaps.Contains(++reads));
    }

    static Batch Read(ReadOnlySpan<long> samples, bool gap)
    {
        var images = new float[samples.Length * 16];
        for (var i = 0; i < images.Length; i++)
            images[i] = MathF.Sin(samples[i / 16] * 16 + i % 16);
        if (gap)
            images[3] = float.NaN;
        return new Batch
        {
            InputShape = [samples.Length, 1, 4, 4],
            Images = images,
            Targets = [.. samples.ToArray().Select(s => s % 2)],
        };
    }
}
