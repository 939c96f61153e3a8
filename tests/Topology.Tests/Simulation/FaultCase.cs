using DecentralizedLion.Topology.Simulation.Faults;

namespace DecentralizedLion.Topology.Tests.Simulation;

/// <summary>A ring and what goes wrong in it.</summary>
public sealed record FaultCase
{
    internal FaultCase(int seed, int peers, FaultSchedule schedule) => (Seed, Peers, Schedule) = (seed, peers, schedule);

    internal int Seed { get; }

    internal int Peers { get; }

    internal FaultSchedule Schedule { get; init; }

    public override string ToString() => $"seed {Seed}, {Peers} peers:\n{Schedule}";
}
