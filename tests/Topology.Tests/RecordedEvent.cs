namespace DecentralizedLion.Topology.Tests;

/// <summary>An event that a peer reported to its operator, and the time.</summary>
readonly record struct RecordedEvent(TimeSpan At, int Peer, RingEvent Event);
