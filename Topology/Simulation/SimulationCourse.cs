using DecentralizedLion.Topology.Simulation.Faults;
using DecentralizedLion.Topology.Simulation.Oracles;
using DecentralizedLion.Topology.Simulation.World;

namespace DecentralizedLion.Topology.Simulation;

/// <summary>The course of a simulated run: the faults, the healing after the last of them, and the end.</summary>
sealed class SimulationCourse(SimulatedWorld world, FaultInjector injector, FaultSchedule schedule)
{
    // More than any run has; in larger rings they grow with the pairs of peers.
    readonly long eventsMax = 4_000_000 * Math.Max(1L, world.Peers.Length * world.Peers.Length / 49);

    // Once nothing goes wrong any more, all must be in the ring again within the first, and done within the second.
    static readonly TimeSpan toHeal = TimeSpan.FromSeconds(90), toEnd = TimeSpan.FromSeconds(60),
        faultsLast = TimeSpan.FromSeconds(120), personsPatience = TimeSpan.FromSeconds(30);

    readonly Scenario scenario = world.Scenario;
    // Over long links all steps may be still to come.
    readonly TimeSpan travel = world.Scenario.Steps * world.Scenario.TravelTime;
    readonly Random random = Scenario.RandomOf(world.Scenario.Seed, 5);
    readonly PaceOracle pace = new(world);
    long events;

    /// <summary>Runs until all peers have ended, or an invariant is violated.</summary>
    public void Run()
    {
        foreach (SimulatedPeer peer in world.Peers)
            world.Clock.After(TimeSpan.FromMilliseconds(random.Next(1, 500)),
                () => peer.Start(peer.Index == scenario.Founder ? Bootstrap.Single : Bootstrap.AllPeers));
        injector.Begin();
        if (!Until(() => injector.IsOver && Array.TrueForAll(world.Peers, peer => peer.Process is not null),
            schedule.End + faultsLast + travel))
        {
            ReportStuck("what went wrong is over");
            return;
        }
        world.Trace.Add(-1, "nothing goes wrong any more");
        if (!Heals())
        {
            ReportStuck($"all are in the ring and have applied step {scenario.Gate - 1}");
            return;
        }
        CompareWeights();
        world.Trace.Add(-1, $"all have applied step {scenario.Gate - 1} and go on");
        world.OpenGate();
        if (!scenario.LastStepIsKnown)
            AskAllToLeave();
        TimeSpan limit = world.Clock.Elapsed + toEnd + travel;
        if (!Until(() => Array.TrueForAll(world.Peers, peer => peer.FinishedAt is not null), limit))
            ReportStuck(scenario.LastStepIsKnown
                ? $"all have applied step {scenario.Steps} and ended" : "all that were asked to leave have left");
        else if (!scenario.LastStepIsKnown)
            StopOracle.Check(world.Invariants,
                [.. world.Peers.Select(peer => ($"p{peer.Index}", peer.Disk.Last, peer.Disk.DigestAfter(peer.Disk.Last)))]);
    }

    /// <summary>Waits until all are in the ring again; where no quorum has its disk, a person forces a new one.</summary>
    bool Heals()
    {
        TimeSpan healed = world.Clock.Elapsed;
        if (!Until(AllWait, healed + personsPatience) && world.Invariants.Failure is null && !PairStopped() && !world.CanGoOn())
        {
            world.Trace.Add(-1, $"no quorum of view {world.Views.Latest!.Name} has its disk");
            injector.BeginAnew(world.Peers.MaxBy(peer => peer.Disk.Last)!);
        }
        return Until(AllWait, healed + toHeal + travel);
    }

    void CompareWeights()
    {
        foreach (SimulatedPeer peer in world.Peers)
        {
            if (peer.Process is { } process && !world.Chain.IsSound(process.Replica))
                world.Invariants.Violated("the weights are equal on all peers in the end (I2)",
                    $"p{peer.Index}'s differ at step {process.Replica.Step}");
        }
    }

    void AskAllToLeave()
    {
        world.IsClosing = true;
        TimeSpan asked = TimeSpan.FromMilliseconds(random.Next(300));
        int spread = 1 + random.Next(1000);
        foreach (SimulatedPeer peer in world.Peers)
            world.Clock.After(asked + TimeSpan.FromMilliseconds(random.Next(spread)), () => peer.Process?.Leave());
    }

    bool AllWait() => world.IsWhole && Array.TrueForAll(world.Peers, peer => peer.Process!.IsAtGate);

    // Stops as well when an invariant is violated, or the run ended as it must where one of two replicas is wrong.
    bool Until(Func<bool> reached, TimeSpan limit) => world.Loop.RunUntil(() =>
    {
        world.Tick();
        pace.Check(injector.IsQuiet);
        if (++events > eventsMax)
            world.Invariants.Violated("time goes on (I25)", $"{eventsMax:N0} events have happened");
        return world.Invariants.Failure is not null || PairStopped() || reached();
    }, limit) && world.Invariants.Failure is null && !PairStopped();

    bool PairStopped() => world.PairDiffers && Array.TrueForAll(world.Peers, peer => peer.FinishedAt is not null);

    void ReportStuck(string expected)
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
