namespace DecentralizedLion.Peer.Cli;

/// <summary>The command line asks for something that is not there; exit code 2.</summary>
sealed class UsageException(string message) : Exception(message);
