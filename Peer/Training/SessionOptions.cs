using DecentralizedLion.Topology;

namespace DecentralizedLion.Peer.Training;

/// <summary>The settings of a <see cref="TrainingSession"/> that belong to one host and not to the run.</summary>
public sealed record SessionOptions
{
    /// <summary>The folder of this peer's checkpoints, journal and view.</summary>
    public required string Folder { get; init; }

    /// <summary>The device on which gradients are computed: one that <see cref="DeviceName"/> allows.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>CPU threads of libtorch; 0 for all cores.</summary>
    public int Threads { get; init; }

    /// <summary>The place of the data on this host; null for the path in peers.json.</summary>
    public string? Data { get; init; }

    /// <summary>The person's decision about how the run begins or goes on.</summary>
    public Bootstrap Bootstrap { get; init; } = Bootstrap.AllPeers;

    /// <summary>The factor by which a gradient is slowed down, 1 … 1000: for trying out what a slow host does.</summary>
    public double Slow { get; init; } = 1;

    /// <summary>True when the note about keys without effect is left out, because the operator was told already.</summary>
    public bool OmitsKeysNote { get; init; }

    /// <summary>The last step that an earlier process told of.</summary>
    public long Reported { get; init; }
}
