namespace DecentralizedLion.Topology.Commit;

/// <summary>Whom a step waits for in the end.</summary>
readonly record struct StallCause(int Member, StallReason Reason);
