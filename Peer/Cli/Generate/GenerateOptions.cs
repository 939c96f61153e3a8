using DecentralizedLion.Peer.Cli.Options;

namespace DecentralizedLion.Peer.Cli.Generate;

/// <summary>The flags of <c>peer generate</c>.</summary>
sealed record GenerateOptions : ModelOptions
{
    public string Prompt { get; init; } = "\n";

    /// <summary>Tokens to write.</summary>
    public int Tokens { get; init; } = 500;

    /// <summary>0 takes the likeliest token always; 1 draws as the model says.</summary>
    public double Temperature { get; init; } = 0.8;

    public int Seed { get; init; } = 1;
}
