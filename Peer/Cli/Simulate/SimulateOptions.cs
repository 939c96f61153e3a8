using DecentralizedLion.Topology.Simulation.Faults;

namespace DecentralizedLion.Peer.Cli.Simulate;

/// <summary>The flags of <c>peer simulate</c>.</summary>
sealed record SimulateOptions
{
    public required int FirstSeed { get; init; }
    public required int LastSeed { get; init; }

    /// <summary>The number of peers; null: as each seed says.</summary>
    public int? Peers { get; init; }

    /// <summary>The families of faults; null: as each seed says.</summary>
    public IReadOnlyList<FaultKind>? Faults { get; init; }

    /// <summary>Seeds at a time; 0: one a core.</summary>
    public int Jobs { get; init; }

    /// <summary>A line for every seed.</summary>
    public bool Verbose { get; init; }

    /// <summary>JSON instead of text.</summary>
    public bool Json { get; init; }

    /// <summary>The command that runs one seed alone, in the same way.</summary>
    public string Replay(int seed) => $"peer simulate --seeds {seed}..{seed}{(Peers is { } count ? $" --peers {count}" : "")}"
        + $"{(Faults is null ? "" : $" --faults {string.Join(',', Faults.Select(NameOf))}")} --verbose";

    /// <summary>The spelling of a family: crash, torn-write.</summary>
    public static string NameOf(FaultKind kind) =>
        string.Concat($"{kind}".Select((c, at) => char.IsUpper(c) && at > 0
            ? $"-{char.ToLowerInvariant(c)}" : $"{char.ToLowerInvariant(c)}"));
}
