using DecentralizedLion.Topology.Simulation.Faults;
using DecentralizedLion.Topology.Simulation.World;

namespace DecentralizedLion.Topology.Simulation;

/// <summary>
/// A whole run on one thread, after FoundationDB and TigerBeetle: the real members on a virtual clock, a seeded network and
/// seeded disks; what goes wrong follows from the seed, every invariant is checked after every event, and a failing seed repeats
/// exactly.
/// </summary>
static class SimulationRun
{
    /// <summary>Runs one seed.</summary>
    /// <param name="seed">Everything follows from it.</param>
    /// <param name="peers">How many peers, 2 and more; null: as the seed says, 2 … 7.</param>
    /// <param name="kinds">The families of faults; null: as the seed says, of all.</param>
    public static SimulationResult Run(int seed, int? peers = null, IReadOnlyList<FaultKind>? kinds = null)
    {
        Scenario scenario = Scenario.Draw(seed, peers);
        return Run(scenario, FaultSchedule.Draw(Scenario.RandomOf(seed, 4), scenario.Peers, kinds));
    }

    /// <summary>Runs one seed with a schedule of its own.</summary>
    /// <param name="seed">Everything else follows from it.</param>
    /// <param name="peers">How many peers, 2 and more; those of the schedule must be among them.</param>
    /// <param name="schedule">What goes wrong.</param>
    public static SimulationResult Run(int seed, int peers, FaultSchedule schedule) => Run(Scenario.Draw(seed, peers), schedule);

    static SimulationResult Run(Scenario scenario, FaultSchedule schedule)
    {
        var world = new SimulatedWorld(scenario);
        var injector = new FaultInjector(world, schedule);
        try
        {
            new SimulationCourse(world, injector, schedule).Run();
        }
        catch (Exception e)
        {
            world.Invariants.Violated("nothing is thrown out of the loop (I24)", e.ToString());
        }
        string? failure = world.Invariants.Failure;
        if (failure is not null)
            failure += "\n" + Describe(world);
        foreach (SimulatedPeer peer in world.Peers)
            world.Counts.Retries += peer.Process?.Member.Statistics.Retries ?? 0;
        return new SimulationResult(scenario.Seed, scenario.Peers, scenario.ToString(), schedule, failure,
            world.Clock.Elapsed, world.Counts, world.Trace.Hash, world.Trace.Lines);
    }

    static string Describe(SimulatedWorld world) => string.Join("\n", world.Peers.Select(peer =>
        $"  p{peer.Index}: {peer.Process?.State ?? (peer.FinishedAt is { } at ? $"finished at step {at}" : "no process")}; "
        + $"journal {peer.Disk.First} … {peer.Disk.Last}"));
}
