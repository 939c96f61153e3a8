using DecentralizedLion.Models.Sampling;

namespace DecentralizedLion.Models.Datasets;

/// <summary>The training or the test part of a data set. Confined to one thread at a time.</summary>
interface IDataSplit
{
    /// <summary>The number of samples; at least 1.</summary>
    long Count { get; }

    /// <summary>The distance from which on two samples have no content in common: 1, except for windows of a text that
    /// overlap.</summary>
    long Spacing => 1;

    /// <summary>The class of each sample, in order, without reading the samples; null where they have none, as text has
    /// none.</summary>
    int[]? Labels() => null;

    /// <summary>Reads samples, each from 0 to <see cref="Count"/> - 1, as they are and in the order asked for.</summary>
    Batch Read(ReadOnlySpan<long> samples);

    /// <summary>
    /// Reads samples for training: a part that augments decides how from the position in the run (see
    /// <see cref="ShuffledOrder.At"/>), so that a sample looks different in each epoch and yet the same on every machine.
    /// </summary>
    Batch Read(ReadOnlySpan<long> samples, ReadOnlySpan<long> positions)
    {
        if (positions.Length != samples.Length)
            throw new ArgumentException($"{positions.Length} positions for {samples.Length} samples", nameof(positions));
        return Read(samples);
    }
}
