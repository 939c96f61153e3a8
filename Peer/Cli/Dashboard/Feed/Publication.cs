namespace DecentralizedLion.Peer.Cli.Dashboard.Feed;

/// <summary>A snapshot as it is sent to pages.</summary>
/// <param name="Version">Its number.</param>
/// <param name="Full">All of it, as JSON.</param>
/// <param name="Update">What is new since the one before, as JSON; null: a page needs all of it.</param>
sealed record Publication(long Version, byte[] Full, byte[]? Update);
