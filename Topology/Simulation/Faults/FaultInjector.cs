using DecentralizedLion.Topology.Simulation.World;

namespace DecentralizedLion.Topology.Simulation.Faults;

/// <summary>Lets a schedule's faults happen, each when its time has come and the invariants allow for it, and ends
/// them.</summary>
sealed class FaultInjector
{
    const int Attempts = 60;
    static readonly TimeSpan betweenAttempts = TimeSpan.FromMilliseconds(150);

    readonly SimulatedWorld world;
    readonly FaultSchedule schedule;
    readonly Random random;
    readonly FaultCount count = new();
    readonly NetworkFaultInjector network;
    readonly ProcessFaultInjector processes;
    bool alone; // a fault is in force beside which there can be no other

    public FaultInjector(SimulatedWorld world, FaultSchedule schedule)
    {
        (this.world, this.schedule) = (world, schedule);
        random = Scenario.RandomOf(world.Scenario.Seed, 3);
        network = new NetworkFaultInjector(world);
        processes = new ProcessFaultInjector(world, random, count);
    }

    /// <summary>Every fault is over, and every process runs.</summary>
    public bool IsOver => count.Open == 0;

    /// <summary>Nothing is wrong at present but that peers may be slow.</summary>
    public bool IsQuiet => count.InForce == 0 && !network.IsNoisy;

    /// <summary>Sets the schedule going.</summary>
    public void Begin()
    {
        foreach (Fault fault in schedule.Faults)
        {
            count.Open++;
            world.Clock.After(fault.At, () => Try(fault, Attempts));
        }
    }

    /// <summary>A person begins the ring anew from a peer's disk.</summary>
    public void BeginAnew(SimulatedPeer survivor)
    {
        world.Views.RunIdsAllowed++;
        world.Counts.ForcedNewRings++;
        survivor.Die("is stopped by a person", refuses: true);
        survivor.Start(Bootstrap.ForceNewRing);
    }

    void Try(Fault fault, int attempts)
    {
        if (Obstacle(fault) is not { } obstacle)
        {
            world.Trace.Add(-1, $"fault: {fault.Text}");
            Do(fault);
        }
        else if (attempts > 0)
        {
            world.Clock.After(betweenAttempts, () => Try(fault, attempts - 1));
        }
        else
        {
            world.Trace.Add(-1, $"left out: {fault.Text}, because {obstacle}");
            count.Open--;
        }
    }

    /// <summary>Why a fault cannot happen now; null: it can.</summary>
    string? Obstacle(Fault fault)
    {
        if (NetworkFaultInjector.IsNoise(fault.Kind))
            return null;
        if (alone)
            return "another fault leaves room for no other";
        if (fault.Kind == FaultKind.LeaveTogether)
            return fault.Side.All(one => world.Peers[one] is
            { IsBusy: false, Process: { IsFrozen: false, Member.IsActive: true } })
                ? null : "one of them is not in the ring";
        SimulatedPeer? peer = fault.Kind is FaultKind.Partition or FaultKind.CrashAll ? null : world.Peers[fault.Peer];
        bool takesProcess = fault.Kind is not (FaultKind.Partition or FaultKind.CrashAll or FaultKind.OneWayCut or FaultKind.Cut);
        if (takesProcess && (peer!.IsBusy || peer.Process is null))
            return "its process is gone";
        switch (fault.Kind)
        {
            case FaultKind.Freeze or FaultKind.Leave or FaultKind.DiskFull or FaultKind.TornWrite when peer!.Process!.IsFrozen:
                return "it is frozen";
            case FaultKind.Leave when !peer!.Process!.Member.IsActive:
                return "it is not in the ring";
            case FaultKind.Wipe or FaultKind.Forget when world.Frames.HighestProposed > (world.Views.Latest?.Number ?? 0):
                return "a view is being decided";
            case FaultKind.Wipe or FaultKind.Forget when !world.CanGoOn(without: fault.Peer):
                return "it would take the disks of a quorum";
            case FaultKind.Flip or FaultKind.ForceNewRing when count.InForce > 0 || !world.IsWhole:
                return "the ring is not whole";
            case FaultKind.Flip when SlotOf(fault) < 0:
                return "too few steps are left to find it";
            case FaultKind.ForceNewRing when peer!.Process!.Replica.Step < 1:
                return "nothing is lost yet";
            default:
                return null;
        }
    }

    void Do(Fault fault)
    {
        count.Begun += fault.Kind == FaultKind.Slow ? 0 : 1;
        if (NetworkFaultInjector.IsNoise(fault.Kind))
        {
            network.MakeNoise(fault, over: () => count.Open--);
            return;
        }
        count.InForce++;
        switch (fault.Kind)
        {
            case FaultKind.OneWayCut or FaultKind.Cut or FaultKind.Partition:
                network.Cut(fault, count.End);
                break;
            case FaultKind.Freeze:
                processes.Freeze(world.Peers[fault.Peer].Process!, fault.For);
                break;
            case FaultKind.CrashAll:
                processes.CrashAll(fault);
                break;
            case FaultKind.LeaveTogether:
                // Where nothing else is wrong, they are to end together.
                processes.LeaveTogether(fault, isJudged: count.InForce == 1 && !network.IsNoisy && world.IsWhole);
                break;
            case FaultKind.Flip:
                Flip(world.Peers[fault.Peer], SlotOf(fault), fault);
                break;
            case FaultKind.ForceNewRing:
                ForceNewRing(world.Peers[fault.Peer], fault.For);
                break;
            default:
                processes.Do(world.Peers[fault.Peer], fault);
                break;
        }
    }

    /// <summary>A parameter whose slice is compared while there are still steps to go; −1: there are too few.</summary>
    int SlotOf(Fault fault)
    {
        Scenario scenario = world.Scenario;
        long applied = world.Peers[fault.Peer].Process!.Replica.Step,
            last = Math.Min(scenario.Gate - 4, applied + SimulatedReplica.Slices);
        if (applied < 1 || last < applied + 3)
            return -1;
        long compared = applied + 3 + (long)(fault.Amount * (last - applied - 3));
        (int begin, int end) = SimulatedReplica.Slice(scenario.Parameters, compared);
        return begin + random.Next(end - begin);
    }

    void Flip(SimulatedPeer peer, int parameter, Fault fault)
    {
        (alone, peer.FlippedAt) = (true, peer.Process!.Replica.Step);
        ref float weight = ref peer.Process.Replica.Weights[parameter];
        weight = BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(weight) ^ (1 << random.Next(23)));
        world.PairDiffers = world.Peers.Length == 2;
        world.Trace.Add(peer.Index, $"has a flipped bit in parameter {parameter} after step {peer.FlippedAt}");
        AwaitRepair();

        void AwaitRepair()
        {
            if (peer.FlippedAt is not null)
            {
                world.Clock.After(betweenAttempts, AwaitRepair);
                return;
            }
            world.Trace.Add(peer.Index, $"is sound again: {fault.Text}");
            alone = false;
            count.End();
        }
    }

    void ForceNewRing(SimulatedPeer survivor, TimeSpan time)
    {
        alone = true;
        foreach (SimulatedPeer peer in world.Peers)
        {
            world.Counts.Crashes++;
            peer.Die("is killed", refuses: true);
            if (peer != survivor)
                peer.Wipe();
            world.Clock.After(TimeSpan.FromMilliseconds(random.Next(500)), () =>
            {
                if (peer.Process is null) // one that had stopped before may have been started again
                    peer.Start();
            });
        }
        world.Clock.After(time, () =>
        {
            // Where the survivor alone is a quorum (the lower of two), it has gone on by itself.
            if (!world.CanGoOn())
                BeginAnew(survivor);
            AwaitRing();
        });

        void AwaitRing()
        {
            if (!world.IsWhole)
            {
                world.Clock.After(betweenAttempts, AwaitRing);
                return;
            }
            alone = false;
            count.End();
        }
    }
}
