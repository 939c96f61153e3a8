using DecentralizedLion.Models.Sampling;
using DecentralizedLion.Peer.Configuration;
using DecentralizedLion.Topology.Configuration;

namespace DecentralizedLion.Peer.Training;

/// <summary>The settings of a sampler, which must be equal on all peers but for the number of samples that each has of its
/// own.</summary>
/// <param name="Count">The samples of the training part; null where the program takes its samples without a sampler.</param>
/// <param name="Seed">Decides their order.</param>
/// <param name="Size">The number that a peer takes in a step.</param>
/// <param name="Partition">Whose samples are whose.</param>
sealed record SamplerSettings(long? Count, ulong Seed, BatchSize Size, Partition Partition)
{
    /// <summary>The samples of all peers and step that are shared out by their measured gradient times; null: nothing
    /// is.</summary>
    public int? SharedBatch { get; init; }

    /// <summary>The settings of a program that takes its samples without a sampler.</summary>
    /// <param name="gradients">The gradients of a peer and step: more than one with local steps.</param>
    /// <param name="own">The samples of each peer's gradient, by roster index; empty: the program does not say.</param>
    public static SamplerSettings None(int gradients, IReadOnlyList<int> own) =>
        new(null, 1, new BatchSize(1, Pieces: gradients) { Own = own }, Partition.Local);

    /// <summary>The allocator before the first step, with all peers of a roster as members.</summary>
    public Sampler NewAllocator(int peers) => Partition.SamplerOf(Count ?? 1, peers, Size);

    /// <summary>The fields of the fingerprint.</summary>
    public IEnumerable<FingerprintField> Fields()
    {
        if (Count is not { } count)
            yield break;
        yield return new("seed", TrainingSettings.Text(Seed));
        yield return Size.GlobalBatch is { } sum
            ? new("globalBatch", TrainingSettings.Text(sum)) : new("batch", TrainingSettings.Text(Size.Batch));
        if (SharedBatch is not null)
            yield return new("batch", TrainingSettings.SharedBatch);
        yield return new("data.partition", Partition.ToString());
        if (Partition.Kind != PartitionKind.Local)
            yield return new("data.samples", TrainingSettings.Text(count));
    }
}
