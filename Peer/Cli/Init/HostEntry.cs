namespace DecentralizedLion.Peer.Cli.Init;

/// <summary>A peer of the file to be made.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Address">The host name or address that the others reach it by.</param>
/// <param name="Port">The port that it listens on, or the first of them.</param>
readonly record struct HostEntry(string Id, string Address, int Port);
