namespace DecentralizedLion.Peer.Cli.Dashboard.History;

/// <summary>Steps without a peer's ballot.</summary>
/// <param name="Abstained">Steps in whose view it was, without a ballot.</param>
/// <param name="Away">Steps in whose view it was not.</param>
readonly record struct AbsenceCount(int Abstained, int Away);
