namespace DecentralizedLion.Peer.Cli.Tokenize;

/// <summary>A file of tokens that was written.</summary>
/// <param name="File">The file.</param>
/// <param name="Tokens">The number of tokens in it.</param>
sealed record TokenFile(string File, long Tokens);
