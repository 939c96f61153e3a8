namespace DecentralizedLion.Peer.Metrics;

/// <summary>Where the time of a step went at this peer; only where a profile is asked for. It follows the line of the
/// step.</summary>
/// <param name="Step">The step that was applied.</param>
/// <param name="Seconds">The time since the step before it was applied.</param>
/// <param name="Parts">The seconds of each part, by its name (docs/operations.md#where-a-steps-time-goes); they add up to
/// <paramref name="Seconds"/>.</param>
/// <param name="Hops">The seconds of <c>wait</c> for segments of each hop of the exchange, the first first; none after the last
/// that was waited for.</param>
public sealed record Profiled(long Step, double Seconds, IReadOnlyDictionary<string, double> Parts, IReadOnlyList<double> Hops)
    : PeerEvent;
