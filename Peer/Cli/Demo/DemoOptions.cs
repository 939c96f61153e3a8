namespace DecentralizedLion.Peer.Cli.Demo;

/// <summary>The flags of <c>peer demo</c>.</summary>
sealed record DemoOptions
{
    public required string PeersFile { get; init; }
    public string? Data { get; init; }

    /// <summary>The folder that gets one folder for each peer; null for runs/RUN.</summary>
    public string? Out { get; init; }

    public string Device { get; init; } = "cpu";

    /// <summary>Threads of each peer; 0 for an equal share of the cores.</summary>
    public int Threads { get; init; }

    /// <summary>Lines instead of a table, even on a terminal.</summary>
    public bool Plain { get; init; }

    /// <summary>Begin anew, even where checkpoints of an earlier demo are.</summary>
    public bool Fresh { get; init; }

    /// <summary>Do not start a peer again whose process was killed.</summary>
    public bool NoRestart { get; init; }

    /// <summary>Write a <see cref="Display.FaultReport"/> at the end.</summary>
    public bool FaultReport { get; init; }

    /// <summary>Show the run as a web page at this address; empty for the usual one, null for none.</summary>
    public string? Dashboard { get; init; }

    /// <summary>The token that page and metrics ask for; null: none on loopback, a random one elsewhere.</summary>
    public string? DashboardToken { get; init; }

    /// <summary>Serve the first peer's metrics at this address, and each other's at the next port; null for nowhere.</summary>
    public string? Metrics { get; init; }

    /// <summary>The folder that gets one folder of TensorBoard's event files for each peer; null for none.</summary>
    public string? TensorBoard { get; init; }
}
