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

    /// <summary>The settings of a program that takes its samples without a sampler: as many as each peer's entry in the roster
    /// says, where it says any.</summary>
    /// <param name="config">The ring's file.</param>
    /// <param name="gradients">The gradients of a peer and step: more than one with local steps.</param>
    /// <exception cref="SettingsException">The batches are to be shared out, or only some peers have one.</exception>
    public static SamplerSettings None(RingConfig config, int gradients)
    {
        var roster = config.Roster;
        if (config.IsBatchShared)
            throw new SettingsException(config.Path, "batch", "found \"auto\" in a program without a DistributedSampler; allowed "
                + "with one only, which says how many samples are this peer's");
        if (roster.HasBatches && roster.Peers.FirstOrDefault(peer => peer.Batch is null) is { } lacks)
            throw new SettingsException(config.Path, $"peers[{lacks.Index}].batch",
                "missing; without a DistributedSampler either all peers have one or none");
        return new(null, 1, new BatchSize(1, Pieces: gradients) { Own = roster.BatchesOf(1) }, Partition.Local);
    }

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
