using DecentralizedLion.Models.Sampling;

namespace DecentralizedLion;

/// <summary>The options of a sampler, which must be equal on all peers but for <see cref="OwnCount"/>.</summary>
public sealed record SamplerOptions
{
    /// <summary>Samples of all peers together and step, kept when peers come and go; null: each peer takes its batch
    /// size.</summary>
    public int? GlobalBatch { get; init; }

    /// <summary>Mini-batches whose gradients the program adds up before each <c>step()</c>; each is a call of
    /// <see cref="DistributedSampler.Next"/>.</summary>
    public int Accumulate { get; init; } = 1;

    /// <summary>Whose samples are whose: all samples are everybody's unless given.</summary>
    public Partition Partition { get; init; } = Partition.Iid;

    /// <summary>The number of samples that this peer has of its own, with other partitions than iid; null for all.</summary>
    public long? OwnCount { get; init; }
}
