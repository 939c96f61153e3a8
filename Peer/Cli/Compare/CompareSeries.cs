using DecentralizedLion.Models.Sampling;

namespace DecentralizedLion.Peer.Cli.Compare;

/// <summary>A series of runs: a method with its options.</summary>
/// <param name="Name">Its name.</param>
/// <param name="At">Its place in the file, from 0.</param>
/// <param name="Partition">Whose samples are whose.</param>
/// <param name="Workers">The numbers of workers that it has runs with.</param>
/// <param name="Seeds">Its seeds.</param>
/// <param name="Rates">Its learning rates: one, or a grid of which the best is taken.</param>
/// <param name="Batches">The batches of its workers, where they differ.</param>
/// <param name="Warmup">The share of a run's steps in which the learning rate rises.</param>
sealed record CompareSeries(string Name, int At, Partition Partition, IReadOnlyList<int> Workers, IReadOnlyList<ulong> Seeds,
    IReadOnlyList<double> Rates, SeriesBatches Batches, double Warmup)
{
    /// <summary>True when its learning rate has to be found.</summary>
    public bool HasGrid => Rates.Count > 1;
}
