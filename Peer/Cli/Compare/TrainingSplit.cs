namespace DecentralizedLion.Peer.Cli.Compare;

/// <summary>The samples that a comparison trains on.</summary>
/// <param name="Count">How many.</param>
/// <param name="Digest">What they are: results from other samples are not taken for these.</param>
readonly record struct TrainingSplit(long Count, string Digest);
