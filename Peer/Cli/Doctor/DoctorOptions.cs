namespace DecentralizedLion.Peer.Cli.Doctor;

/// <summary>The flags of <c>peer doctor</c>: those of <c>peer run</c> that matter before it begins, and its own.</summary>
sealed record DoctorOptions
{
    public required string PeersFile { get; init; }

    /// <summary>Which roster entry this host is; null to find out.</summary>
    public string? Id { get; init; }

    /// <summary>The file with this peer's secret key; null for ID.key beside peers.json.</summary>
    public string? Key { get; init; }

    public string Device { get; init; } = "cpu";

    /// <summary>The path of the data on this host; null for the path in peers.json.</summary>
    public string? Data { get; init; }

    /// <summary>The folder that <c>peer run</c> would write to; null for runs/RUN/ID.</summary>
    public string? Out { get; init; }

    /// <summary>Seconds to look at the links for at most.</summary>
    public int Wait { get; init; } = 5;

    /// <summary>JSON instead of lines.</summary>
    public bool Json { get; init; }
}
