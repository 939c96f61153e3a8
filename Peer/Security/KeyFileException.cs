namespace DecentralizedLion.Peer.Security;

/// <summary>A key file is missing, not safe or not what it must be. The message names the file, what was found and what is
/// allowed.</summary>
public sealed class KeyFileException(string file, string problem, Exception? inner = null)
    : Exception($"{file}: {problem}", inner);
