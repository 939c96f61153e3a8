namespace DecentralizedLion.Peer.Cli.Plan;

/// <summary>The flags of <c>peer plan</c>.</summary>
sealed record PlanOptions
{
    /// <summary>d; null: as the network of <see cref="PeersFile"/> has.</summary>
    public int? Parameters { get; init; }

    /// <summary>A peers.json whose network, method and roster are planned; null: none.</summary>
    public string? PeersFile { get; init; }

    /// <summary>N; null: as the roster of <see cref="PeersFile"/> has, or 4.</summary>
    public int? Count { get; init; }

    /// <summary>Bits a second that each peer can send, and receive at the same time.</summary>
    public double Link { get; init; } = 1e9;

    /// <summary>Milliseconds from one peer to another.</summary>
    public double Latency { get; init; } = 0.5;

    /// <summary>Seconds between two exchanges in which gradients are computed; null: not known.</summary>
    public double? Gradient { get; init; }

    /// <summary>The share of the entries that graddrop and dgc send; null: as <see cref="PeersFile"/> says, or 0.04.</summary>
    public double? Keep { get; init; }

    /// <summary>JSON instead of tables.</summary>
    public bool Json { get; init; }
}
