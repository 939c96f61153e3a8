namespace DecentralizedLion.Peer.Commands;

/// <summary>Which trained weights, for <c>peer evaluate</c> and <c>peer generate</c>.</summary>
public record ModelOptions
{
    public required string PeersFile { get; init; }

    /// <summary>A .safetensors file, or a folder under which the newest checkpoint is taken; null for runs/RUN.</summary>
    public string? Checkpoint { get; init; }

    public string? Data { get; init; }
    public string Device { get; init; } = "cpu";
    public int Threads { get; init; }
}

/// <summary>The flags of <c>peer evaluate</c>.</summary>
public sealed record EvaluateOptions : ModelOptions
{
    /// <summary>Samples of the test part; 0 for all.</summary>
    public int Samples { get; init; }
}

/// <summary>The flags of <c>peer generate</c>.</summary>
public sealed record GenerateOptions : ModelOptions
{
    public string Prompt { get; init; } = "\n";

    /// <summary>Tokens to write.</summary>
    public int Tokens { get; init; } = 500;

    /// <summary>0 takes the likeliest token always; 1 draws as the model says.</summary>
    public double Temperature { get; init; } = 0.8;

    public int Seed { get; init; } = 1;
}
