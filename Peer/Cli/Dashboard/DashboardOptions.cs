namespace DecentralizedLion.Peer.Cli.Dashboard;

/// <summary>The arguments of <c>peer dashboard</c>.</summary>
sealed record DashboardOptions
{
    /// <summary>The folder of a run, or of one peer.</summary>
    public required string Folder { get; init; }

    /// <summary>The address to serve at, as ADDRESS:PORT; null for loopback and the usual port.</summary>
    public string? Listen { get; init; }

    /// <summary>The token; null: none on loopback, a random one elsewhere.</summary>
    public string? Token { get; init; }
}
