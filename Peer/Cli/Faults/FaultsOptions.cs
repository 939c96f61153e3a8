namespace DecentralizedLion.Peer.Cli.Faults;

/// <summary>The arguments of <c>peer faults</c>.</summary>
sealed record FaultsOptions
{
    /// <summary>The folder below which metrics.jsonl files are.</summary>
    public required string Folder { get; init; }

    /// <summary>JSON instead of text.</summary>
    public bool Json { get; init; }
}
