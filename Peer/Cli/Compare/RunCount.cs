namespace DecentralizedLion.Peer.Cli.Compare;

/// <summary>Some runs of a comparison.</summary>
/// <param name="All">How many there are.</param>
/// <param name="Missing">How many of them have no result yet.</param>
readonly record struct RunCount(int All, int Missing);
