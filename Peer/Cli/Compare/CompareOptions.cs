namespace DecentralizedLion.Peer.Cli.Compare;

/// <summary>The flags of <c>peer compare</c>.</summary>
sealed record CompareOptions
{
    /// <summary>The file that says what is compared.</summary>
    public required string File { get; init; }

    /// <summary>The path of the data on this host; null: where the file says.</summary>
    public string? Data { get; init; }

    /// <summary>The folder of the results; null: runs/compare/NAME.</summary>
    public string? Out { get; init; }

    public required string Device { get; init; }

    /// <summary>Runs at a time; 0: one a core.</summary>
    public int Jobs { get; init; }

    /// <summary>No training: tables and charts of the runs that are finished.</summary>
    public bool Report { get; init; }

    /// <summary>The part of the runs to make; null: all.</summary>
    public Shard? Shard { get; init; }

    /// <summary>JSON instead of text.</summary>
    public bool Json { get; init; }
}
