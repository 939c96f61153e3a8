using DecentralizedLion.Topology.Simulation.Faults;

namespace DecentralizedLion.Topology.Tests.Simulation;

/// <summary>A ring and what goes wrong in it.</summary>
public sealed record FaultCase(int Seed, int Peers, FaultSchedule Schedule)
{
    public override string ToString() => $"seed {Seed}, {Peers} peers:\n{Schedule}";
}
