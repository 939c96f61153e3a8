using DecentralizedLion.Topology.Simulation.Faults;

namespace DecentralizedLion.Topology.Simulation;

/// <summary>The result of one seed.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="Peers">How many peers.</param>
/// <param name="Settings">The run's settings, in a line.</param>
/// <param name="Schedule">What was to go wrong.</param>
/// <param name="Failure">The invariant that was violated, and how; null: none.</param>
/// <param name="Time">The virtual time it took.</param>
/// <param name="Counts">What happened, in numbers.</param>
/// <param name="TraceHash">Equal for two runs only if everything happened alike.</param>
/// <param name="Trace">The last lines of what happened.</param>
sealed record SimulationResult(int Seed, int Peers, string Settings, FaultSchedule Schedule, string? Failure,
    TimeSpan Time, SimulationCounts Counts, ulong TraceHash, IReadOnlyList<string> Trace)
{
    /// <summary>No invariant was violated.</summary>
    public bool IsOk => Failure is null;

    /// <summary>One line.</summary>
    public override string ToString() =>
        $"seed {Seed}: {(IsOk ? "ok" : "FAILED")}, {Peers} peers, {Fault.Seconds(Time)}, {Counts}";

    /// <summary>All that a person needs to follow a failure.</summary>
    public string Report => $"seed {Seed} failed: {Failure}\n{Settings}\n{Schedule}\n{string.Join("\n", Trace)}";
}
