using DecentralizedLion.Peer.Cli.Logging;
using DecentralizedLion.Topology;

namespace DecentralizedLion.Peer.Cli.Run;

/// <summary>The options of one host, which are not the run's: the flags of <c>peer run</c>.</summary>
sealed record RunOptions
{
    public required string PeersFile { get; init; }

    /// <summary>Which roster entry this process is; null to find out.</summary>
    public string? Id { get; init; }

    /// <summary>The file with this peer's secret key; null for ID.key beside peers.json.</summary>
    public string? Key { get; init; }

    public string Device { get; init; } = "cpu";

    /// <summary>The path of the data on this host; null for the path in peers.json.</summary>
    public string? Data { get; init; }

    /// <summary>The folder of this peer's checkpoints and metrics; null for runs/RUN/ID.</summary>
    public string? Out { get; init; }

    /// <summary>CPU threads of libtorch; 0 for all cores.</summary>
    public int Threads { get; init; }

    /// <summary>Begin anew, even where checkpoints are.</summary>
    public bool Fresh { get; init; }

    /// <summary>The operator's decision about how the run begins or goes on.</summary>
    public Bootstrap Bootstrap { get; init; } = Bootstrap.AllPeers;

    /// <summary>The factor by which a gradient is slowed down, 1 … 1000: for trying out what a slow host does.</summary>
    public double Slow { get; init; } = 1;

    /// <summary>A file that shows a health check that the peer is alive; null for none.</summary>
    public string? HealthFile { get; init; }

    /// <summary>Lines instead of a table.</summary>
    public bool Plain { get; init; }

    /// <summary>Write a <see cref="Display.FaultReport"/> at the end.</summary>
    public bool FaultReport { get; init; }

    /// <summary>Measure where each step's time goes, and write a <see cref="Display.ProfileReport"/> at the end.</summary>
    public bool Profile { get; init; }

    /// <summary>Show the run as a web page at this address; empty for the usual one, null for none.</summary>
    public string? Dashboard { get; init; }

    /// <summary>The token that page and metrics ask for; null: none on loopback, a random one elsewhere.</summary>
    public string? DashboardToken { get; init; }

    /// <summary>Serve the metrics at this address; null for nowhere but beside the page.</summary>
    public string? Metrics { get; init; }

    /// <summary>The folder for TensorBoard's event files; null for none.</summary>
    public string? TensorBoard { get; init; }

    /// <summary>The form of what is printed.</summary>
    public LogFormat LogFormat { get; init; }

    /// <summary>Print events instead of a display, and leave when standard input ends or says so: started by <c>peer
    /// demo</c>.</summary>
    public bool Child { get; init; }
}
