using DecentralizedLion.Models;
using DecentralizedLion.Models.Sampling;
using DecentralizedLion.Peer.Configuration;
using DecentralizedLion.Peer.Security;
using DecentralizedLion.Topology.Configuration;

namespace DecentralizedLion.Peer.Training;

/// <summary>The parts of a session.</summary>
/// <param name="Ring">peers.json.</param>
/// <param name="Self">This peer's entry.</param>
/// <param name="Identity">This peer's files.</param>
/// <param name="Parameters">Weights and gradient.</param>
/// <param name="Training">The optimizer's settings.</param>
/// <param name="Sampling">The sampler's settings.</param>
sealed record SessionParts(RingConfig Ring, RosterEntry Self, PeerIdentity Identity, FlatParameters Parameters,
    OptimizerSettings Training, SamplerSettings Sampling);

/// <summary>The settings of an optimizer, which must be equal on all peers.</summary>
/// <param name="Options">The method and its options.</param>
/// <param name="Rate">The learning rate.</param>
/// <param name="WeightDecay">λ.</param>
sealed record OptimizerSettings(MethodOptions Options, LearningRate Rate, float WeightDecay)
{
    /// <summary>The fields of the fingerprint, defaults applied.</summary>
    public IEnumerable<FingerprintField> Fields() =>
    [
        new("method", Options.Method),
        new("ties", Options.TiesValue),
        new("weightDecay", TrainingSettings.Text(WeightDecay)),
        new("beta1", TrainingSettings.Text(Options.Beta1Value)),
        new("beta2", TrainingSettings.Text(Options.Beta2Value)),
        new("localSteps", TrainingSettings.Text(Options.LocalSteps)),
        new("delay", TrainingSettings.Text(Options.Delay)),
        new("kappa", Options.Kappa),
        new("momentumSync", TrainingSettings.Text(Options.MomentumSync)),
        new("momentumSyncBy", Options.MomentumSyncByValue),
        new("keep", TrainingSettings.Text(Options.KeepValue)),
        new("keepWarmup", TrainingSettings.Text(Options.KeepWarmupValue)),
        .. Rate.Fields,
    ];
}

/// <summary>The settings of a sampler, which must be equal on all peers but for the number of samples that each has of its
/// own.</summary>
/// <param name="Count">The samples of the training part; null where the program takes its samples without a sampler.</param>
/// <param name="Seed">Decides their order.</param>
/// <param name="Size">The number that a peer takes in a step.</param>
/// <param name="Partition">Whose samples are whose.</param>
sealed record SamplerSettings(long? Count, ulong Seed, BatchSize Size, Partition Partition)
{
    /// <summary>The settings of a program that takes its samples without a sampler.</summary>
    public static SamplerSettings None { get; } = new(null, 1, new BatchSize(1), Partition.Local);

    /// <summary>The allocator before the first step, with all peers of a roster as members.</summary>
    public SampleAllocator NewAllocator(int peers) => Partition.SamplerOf(Count ?? 1, peers, Size);

    /// <summary>The fields of the fingerprint.</summary>
    public IEnumerable<FingerprintField> Fields()
    {
        if (Count is not { } count)
            yield break;
        yield return new("seed", TrainingSettings.Text(Seed));
        yield return Size.GlobalBatch is { } sum
            ? new("globalBatch", TrainingSettings.Text(sum)) : new("batch", TrainingSettings.Text(Size.Batch));
        yield return new("data.partition", Partition.ToString());
        if (Partition.Kind != PartitionKind.Local)
            yield return new("data.samples", TrainingSettings.Text(count));
    }
}
