namespace DecentralizedLion.Topology.Exchange;

/// <summary>Whom a step waits for in the end.</summary>
readonly record struct StallCause(int Member, StallReason Reason);
