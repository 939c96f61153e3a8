namespace DecentralizedLion.Peer.Cli.Tokenize;

/// <summary>The flags of <c>peer tokenize</c>.</summary>
sealed record TokenizeOptions
{
    /// <summary>The only tokenizer that there is.</summary>
    public const string Gpt2 = "gpt2";

    public string Tokenizer { get; init; } = Gpt2;

    /// <summary>The texts, one after the other.</summary>
    public required IReadOnlyList<string> Files { get; init; }

    /// <summary>The folder that gets train.bin and val.bin.</summary>
    public required string Out { get; init; }

    /// <summary>The share of the texts, at their end, that is for testing.</summary>
    public double Validation { get; init; } = 0.1;

    /// <summary>True when files that are there may be replaced.</summary>
    public bool Force { get; init; }

    /// <summary>JSON instead of text.</summary>
    public bool Json { get; init; }
}
