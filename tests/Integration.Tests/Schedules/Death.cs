namespace DecentralizedLion.Integration.Tests.Schedules;

/// <summary>A process of a peer was killed.</summary>
/// <param name="Peer">The peer.</param>
/// <param name="Process">The process' place among the peer's.</param>
/// <param name="At">The time stamp.</param>
sealed record Death(string Peer, int Process, long At);
