using DecentralizedLion.Models.Vectors;
using DecentralizedLion.Peer.Metrics;
using DecentralizedLion.Topology;

namespace DecentralizedLion;

/// <summary>The options of one host's peer, which may differ from host to host but for <see cref="Settings"/>.</summary>
public sealed record PeerOptions
{
    /// <summary>The folder of this peer's checkpoints, journal and metrics; null for <c>runs/RUN/ID</c>. A peer that finds its
    /// state there goes on from it.</summary>
    public string? Folder { get; init; }

    /// <summary>The file with this peer's secret key, as <c>peer keygen</c> makes it; null for <c>ID.key</c> beside the roster's
    /// file.</summary>
    public string? KeyFile { get; init; }

    /// <summary>True to begin anew: what the folder has of an earlier run is deleted.</summary>
    public bool Fresh { get; init; }

    /// <summary>The operator's decision about how the run begins or goes on.</summary>
    public Bootstrap Bootstrap { get; init; } = Bootstrap.AllPeers;

    /// <summary>More settings that must be equal on all peers, by name, such as the digest of the data
    /// (<c>["data.digest"] = Convert.ToHexStringLower(SHA256.HashData(bytes))</c>). Peers compare them when they meet; one that
    /// differs is refused on both sides, with the name and both values. Of something long give the digest: names have at most 100
    /// characters, values 1000, and there are at most 100 of them.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();

    /// <summary>Fields of the roster's file that the program reads itself. A field that neither it nor the ring knows is
    /// refused.</summary>
    public IReadOnlyCollection<string> OwnFields { get; init; } = [];

    /// <summary>Takes a line for each event that a person ought to read, such as <c>Console.Error</c>: for whom this peer waits,
    /// who was removed or refused and why, and what to do. Null: nothing is written.</summary>
    public TextWriter? Log { get; init; }

    /// <summary>Takes each event of this peer, after it was written to its metrics: steps, checkpoints, faults of the ring.
    /// Called by one thread at a time, the training thread or the ring's; it must be quick.</summary>
    public Action<PeerEvent>? OnEvent { get; init; }

    /// <summary>True to measure where each step's time goes: <see cref="Profiled"/> in the metrics and in
    /// <see cref="OnEvent"/>.</summary>
    public bool Profile { get; init; }

    /// <summary>The place of the flat vectors; null: on a CUDA device that has the network, unless the method needs host
    /// memory.</summary>
    internal VectorPlacement? Placement { get; init; }

    /// <summary>True for a program that changes no weights by itself, not even for a moment: a checkpoint may be copied while the
    /// next gradient is computed.</summary>
    internal bool OverlapsCopy { get; init; }

    /// <summary>Refuses settings that would not fit into a greeting: peers could not read it, and would wait for each
    /// other.</summary>
    /// <exception cref="ArgumentException">There are too many, or a name or a value is too long.</exception>
    internal void Validate()
    {
        const int CountMax = 100, NameMax = 100, ValueMax = 1000;
        if (Settings.Count > CountMax)
            throw new ArgumentException($"PeerOptions.Settings: found {Settings.Count} settings; allowed are at most {CountMax}");
        foreach (var (name, value) in Settings)
        {
            if (name.Length is 0 or > NameMax)
                throw new ArgumentException($"PeerOptions.Settings: found a name of {name.Length} characters; allowed are 1 to "
                    + $"{NameMax}");
            if (value is null || value.Length > ValueMax)
                throw new ArgumentException($"PeerOptions.Settings: {name}: found "
                    + (value is null ? "null" : $"{value.Length} characters")
                    + $"; allowed are at most {ValueMax}, such as the SHA-256 of what must be equal");
        }
    }
}
