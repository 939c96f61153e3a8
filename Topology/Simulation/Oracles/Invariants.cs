using DecentralizedLion.Topology.Simulation.Faults;
using DecentralizedLion.Topology.Simulation.World;

namespace DecentralizedLion.Topology.Simulation.Oracles;

/// <summary>The first violation of an invariant.</summary>
sealed class Invariants(VirtualClock clock)
{
    /// <summary>The invariant that was violated, when, and what happened instead; null: none.</summary>
    public string? Failure { get; private set; }

    public void Violated(string promise, string happened) =>
        Failure ??= $"{Fault.Seconds(clock.Elapsed)}: {promise}; but {happened}";
}
