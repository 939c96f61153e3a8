namespace DecentralizedLion.Topology.Tests;

/// <summary>What a peer's operator was told, and when.</summary>
readonly record struct RecordedEvent(TimeSpan At, int Peer, RingEvent Event);
