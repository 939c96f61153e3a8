using DecentralizedLion.Peer.Cli.Options;

namespace DecentralizedLion.Peer.Cli.Evaluate;

/// <summary>The flags of <c>peer evaluate</c>.</summary>
sealed record EvaluateOptions : ModelOptions
{
    /// <summary>Samples of the test part; 0 for all.</summary>
    public int Samples { get; init; }

    /// <summary>JSON instead of text.</summary>
    public bool Json { get; init; }
}
