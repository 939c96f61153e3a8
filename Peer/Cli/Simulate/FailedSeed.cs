namespace DecentralizedLion.Peer.Cli.Simulate;

/// <summary>A seed in which an invariant was violated.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="Failure">The invariant, and how it was violated.</param>
/// <param name="Replay">The command that repeats it.</param>
sealed record FailedSeed(int Seed, string Failure, string Replay);
