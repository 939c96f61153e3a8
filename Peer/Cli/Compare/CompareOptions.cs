namespace DecentralizedLion.Peer.Cli.Compare;

/// <summary>The flags of <c>peer compare</c>.</summary>
public sealed record CompareOptions
{
    /// <summary>What is compared.</summary>
    public required string File { get; init; }

    /// <summary>Where the data lies on this host; null: where the file says.</summary>
    public string? Data { get; init; }

    /// <summary>Where results go; null: runs/compare/NAME.</summary>
    public string? Out { get; init; }

    public required string Device { get; init; }

    /// <summary>Runs at a time; 0: one a core.</summary>
    public int Jobs { get; init; }

    /// <summary>No training: tables and charts of the runs that are finished.</summary>
    public bool Report { get; init; }
}
