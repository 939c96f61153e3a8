using DecentralizedLion.Topology.Simulation.Faults;
using DecentralizedLion.Topology.Simulation.Oracles;
using DecentralizedLion.Topology.Simulation.World;

namespace DecentralizedLion.Topology.Simulation;

/// <summary>
/// A whole run on one thread, after FoundationDB and TigerBeetle: the real members on a virtual clock, a seeded network and
/// seeded disks; what goes wrong follows from the seed, every invariant is checked after every event, and a failing seed repeats
/// exactly.
/// </summary>
public static class SimulationRun
{
    const long EventsMax = 4_000_000;

    // Once nothing goes wrong any more, all must be in the ring again within the first, and done within the second.
    static readonly TimeSpan toHeal = TimeSpan.FromSeconds(90), toEnd = TimeSpan.FromSeconds(60),
        faultsLast = TimeSpan.FromSeconds(120), personsPatience = TimeSpan.FromSeconds(30);

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
            Run(world, injector, schedule);
        }
        catch (Exception e)
        {
            world.Invariants.Violated("nothing is thrown out of the loop (I24)", e.ToString());
        }
        string? failure = world.Invariants.Failure;
        if (failure is not null)
            failure += "\n" + Describe(world);
        foreach (SimulatedPeer peer in world.Peers)
            world.Counts.Retries += peer.Process?.Member.Retries ?? 0;
        return new SimulationResult(scenario.Seed, scenario.Peers, scenario.ToString(), schedule, failure,
            world.Clock.Elapsed, world.Counts, world.Trace.Hash, world.Trace.Lines);
    }

    static void Run(SimulatedWorld world, FaultInjector injector, FaultSchedule schedule)
    {
        Scenario scenario = world.Scenario;
        Random random = Scenario.RandomOf(scenario.Seed, 5);
        foreach (SimulatedPeer peer in world.Peers)
            world.Clock.After(TimeSpan.FromMilliseconds(random.Next(1, 500)),
                () => peer.Start(peer.Index == scenario.Founder ? Bootstrap.Single : Bootstrap.AllPeers));
        injector.Begin();
        var pace = new PaceOracle(world);
        long events = 0;

        if (!Until(() => injector.IsOver && Array.TrueForAll(world.Peers, peer => peer.Process is not null),
            schedule.End + faultsLast))
        {
            Stuck("what went wrong is over");
            return;
        }
        world.Trace.Add(-1, "nothing goes wrong any more");
        TimeSpan healed = world.Clock.Elapsed;
        if (!Until(AllWait, healed + personsPatience) && world.Invariants.Failure is null && !PairStopped() && !world.CanGoOn())
        {
            world.Trace.Add(-1, $"no quorum of view {world.Views.Latest!.Name} has its disk");
            injector.BeginAnew(world.Peers.MaxBy(peer => peer.Disk.Last)!);
        }
        if (!Until(AllWait, healed + toHeal))
        {
            Stuck($"all are in the ring and have applied step {scenario.Gate - 1}");
            return;
        }
        foreach (SimulatedPeer peer in world.Peers)
        {
            if (peer.Process is { } process && !world.Chain.IsSound(process.Replica))
                world.Invariants.Violated("the weights are equal on all peers in the end (I2)",
                    $"p{peer.Index}'s differ at step {process.Replica.Step}");
        }
        world.Trace.Add(-1, $"all have applied step {scenario.Gate - 1} and go on");
        world.OpenGate();
        if (!scenario.LastStepIsKnown)
        {
            world.IsClosing = true;
            TimeSpan asked = TimeSpan.FromMilliseconds(random.Next(300));
            foreach (SimulatedPeer peer in world.Peers)
                world.Clock.After(asked + TimeSpan.FromMilliseconds(random.Next(30)), () => peer.Process?.Leave());
        }
        if (!Until(() => Array.TrueForAll(world.Peers, peer => peer.FinishedAt is not null), world.Clock.Elapsed + toEnd))
            Stuck(scenario.LastStepIsKnown
                ? $"all have applied step {scenario.Steps} and ended" : "all that were asked to leave have left");

        bool AllWait() => world.IsWhole && Array.TrueForAll(world.Peers, peer => peer.Process!.IsAtGate);

        // True as well when an invariant is violated, or the run ended as it must where one of two replicas is wrong.
        bool Until(Func<bool> reached, TimeSpan limit) => world.Loop.RunUntil(() =>
        {
            world.Tick();
            pace.Check(injector.IsQuiet);
            if (++events > EventsMax)
                world.Invariants.Violated("time goes on (I25)", $"{EventsMax:N0} events have happened");
            return world.Invariants.Failure is not null || PairStopped() || reached();
        }, limit) && world.Invariants.Failure is null && !PairStopped();

        bool PairStopped() => world.PairDiffers && Array.TrueForAll(world.Peers, peer => peer.FinishedAt is not null);

        void Stuck(string expected)
        {
            if (PairStopped())
                world.Counts.DivergenceStops++;
            else if (Array.Find(world.Peers, peer => peer.FlippedAt is not null) is { } flipped)
                world.Invariants.Violated("a flipped bit is found when its slice is compared, and repaired (I2)",
                    $"p{flipped.Index}'s, flipped after step {flipped.FlippedAt}, is still there");
            else
                world.Invariants.Violated($"in the end, {expected} (I25)", "that does not happen");
        }
    }

    static string Describe(SimulatedWorld world) => string.Join("\n", world.Peers.Select(peer =>
        $"  p{peer.Index}: {peer.Process?.State ?? (peer.FinishedAt is { } at ? $"finished at step {at}" : "no process")}; "
        + $"journal {peer.Disk.First} … {peer.Disk.Last}"));
}
