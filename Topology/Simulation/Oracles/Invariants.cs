using DecentralizedLion.Topology.Simulation.Faults;
using DecentralizedLion.Topology.Simulation.World;

namespace DecentralizedLion.Topology.Simulation.Oracles;

/// <summary>Keeps the first broken promise.</summary>
sealed class Invariants(VirtualClock clock)
{
    /// <summary>Which promise was broken, when, and what happened instead; null: none.</summary>
    public string? Failure { get; private set; }

    public void Violated(string promise, string happened) => Failure ??= $"{Fault.Seconds(clock.Elapsed)}: {promise}; but {happened}";
}
