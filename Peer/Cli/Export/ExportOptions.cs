namespace DecentralizedLion.Peer.Cli.Export;

/// <summary>The flags of <c>peer export</c>.</summary>
sealed record ExportOptions
{
    public required string PeersFile { get; init; }

    /// <summary>A .safetensors file, or a folder under which the newest checkpoint is taken; null for runs/RUN.</summary>
    public string? Checkpoint { get; init; }

    /// <summary>The safetensors file to write; null: none.</summary>
    public string? Safetensors { get; init; }

    /// <summary>The TorchScript file to write; null: none.</summary>
    public string? TorchScript { get; init; }

    /// <summary>True when files that are there may be replaced.</summary>
    public bool Force { get; init; }

    /// <summary>JSON instead of text.</summary>
    public bool Json { get; init; }
}
