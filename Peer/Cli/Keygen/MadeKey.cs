namespace DecentralizedLion.Peer.Cli.Keygen;

/// <summary>A key that was made.</summary>
/// <param name="Id">The peer.</param>
/// <param name="File">The file with the secret half.</param>
/// <param name="Key">The public half, for peers.json.</param>
sealed record MadeKey(string Id, string File, string Key);
