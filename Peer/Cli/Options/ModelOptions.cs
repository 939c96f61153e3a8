namespace DecentralizedLion.Peer.Cli.Options;

/// <summary>Which trained weights, for <c>peer evaluate</c> and <c>peer generate</c>.</summary>
record ModelOptions
{
    public required string PeersFile { get; init; }

    /// <summary>A .safetensors file, or a folder under which the newest checkpoint is taken; null for runs/RUN.</summary>
    public string? Checkpoint { get; init; }

    public string? Data { get; init; }
    public string Device { get; init; } = "cpu";
    public int Threads { get; init; }
}
