namespace DecentralizedLion.Peer.Cli.Tokenize;

/// <summary>What texts became.</summary>
/// <param name="Files">The files of tokens, that to train on first.</param>
sealed record TokenizationReport(IReadOnlyList<TokenFile> Files)
{
    /// <summary>Writes it for people.</summary>
    public void Write(TextWriter output)
    {
        foreach (var one in Files)
            output.WriteLine($"{one.File}  {one.Tokens} tokens");
    }
}
