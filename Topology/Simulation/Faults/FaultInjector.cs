using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Simulation.Oracles;
using DecentralizedLion.Topology.Simulation.World;

namespace DecentralizedLion.Topology.Simulation.Faults;

/// <summary>Lets a schedule's faults happen, each when its time has come and the invariants allow for it, and ends
/// them.</summary>
sealed class FaultInjector(SimulatedWorld world, FaultSchedule schedule)
{
    const int Attempts = 60;
    static readonly TimeSpan betweenAttempts = TimeSpan.FromMilliseconds(150), armed = TimeSpan.FromSeconds(3);

    readonly Random random = Scenario.RandomOf(world.Scenario.Seed, 3);
    readonly NetworkFaultInjector network = new(world);
    int open, inForce, begun;
    bool alone; // a fault is in force beside which there can be no other

    /// <summary>Every fault is over, and every process runs.</summary>
    public bool IsOver => open == 0;

    /// <summary>Nothing is wrong at present but that peers may be slow.</summary>
    public bool IsQuiet => inForce == 0 && !network.IsNoisy;

    /// <summary>Sets the schedule going.</summary>
    public void Begin()
    {
        foreach (Fault fault in schedule.Faults)
        {
            open++;
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
            open--;
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
            case FaultKind.Flip or FaultKind.ForceNewRing when inForce > 0 || !world.IsWhole:
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
        begun += fault.Kind == FaultKind.Slow ? 0 : 1;
        if (NetworkFaultInjector.IsNoise(fault.Kind))
        {
            network.MakeNoise(fault, over: () => open--);
            return;
        }
        inForce++;
        switch (fault.Kind)
        {
            case FaultKind.OneWayCut or FaultKind.Cut or FaultKind.Partition:
                network.Cut(fault, Over);
                break;
            case FaultKind.Freeze:
                world.Counts.Freezes++;
                Freeze(world.Peers[fault.Peer].Process!, fault.For);
                break;
            case FaultKind.CrashAll:
                CrashAll(fault);
                break;
            case FaultKind.LeaveTogether:
                LeaveTogether(fault);
                break;
            case FaultKind.Flip:
                Flip(world.Peers[fault.Peer], SlotOf(fault), fault);
                break;
            case FaultKind.ForceNewRing:
                ForceNewRing(world.Peers[fault.Peer], fault.For);
                break;
            default:
                DoToProcess(world.Peers[fault.Peer], fault);
                break;
        }
    }

    void DoToProcess(SimulatedPeer peer, Fault fault)
    {
        peer.IsBusy = true;
        SimulatedProcess process = peer.Process!;
        switch (fault.Kind)
        {
            case FaultKind.Crash or FaultKind.Wipe or FaultKind.Forget:
                world.Counts.Crashes++;
                peer.Die("is killed", refuses: fault.Amount == 0);
                if (fault.Kind == FaultKind.Wipe)
                    peer.Wipe();
                else if (fault.Kind == FaultKind.Forget)
                    peer.Forget();
                world.Clock.After(fault.For, () => Return(peer));
                break;
            case FaultKind.TornWrite:
                peer.Disk.Tear = length => (int)(length * fault.Amount);
                process.Gone = () =>
                {
                    world.Counts.Crashes++;
                    world.Clock.After(fault.For, () => Return(peer));
                };
                world.Clock.After(armed, () =>
                {
                    if (process.IsDead)
                        return;
                    (peer.Disk.Tear, process.Gone) = (null, null);
                    Return(peer);
                });
                break;
            case FaultKind.Leave:
                process.Gone = () => world.Clock.After(fault.For, () => Return(peer));
                process.Leave();
                break;
            case FaultKind.DiskFull:
                peer.Disk.IsFull = true;
                world.Clock.After(fault.For, () =>
                {
                    peer.Disk.IsFull = false;
                    if (peer.Process is { DiskFailed: true } stopping)
                        stopping.PassGate();
                    Return(peer);
                });
                break;
        }
    }

    /// <summary>A fault that had a peer's process in hand is over: one runs again.</summary>
    void Return(SimulatedPeer peer)
    {
        peer.IsBusy = false;
        if (peer.Process is null && peer.FinishedAt is null)
            peer.Start();
        Over();
    }

    void Over()
    {
        inForce--;
        open--;
    }

    void Freeze(SimulatedProcess process, TimeSpan time)
    {
        process.Freeze();
        world.Clock.After(time, () =>
        {
            if (!process.IsDead)
            {
                world.Trace.Add(process.Peer.Index, "is let go");
                process.Thaw();
            }
            Over();
        });
    }

    void CrashAll(Fault fault)
    {
        SimulatedPeer[] victims = [.. world.Peers.Where(peer => peer is { IsBusy: false, Process: not null })];
        open += victims.Length - 1;
        inForce += victims.Length - 1;
        foreach (SimulatedPeer peer in victims)
        {
            world.Counts.Crashes++;
            peer.IsBusy = true;
            peer.Die("is killed", refuses: true);
            world.Clock.After(fault.For * random.NextDouble(), () => Return(peer));
        }
    }

    void LeaveTogether(Fault fault)
    {
        SimulatedPeer[] leaving = [.. fault.Side.Select(peer => world.Peers[peer])];
        // Where nothing else is wrong, they are to end together.
        bool isJudged = inForce == 1 && !network.IsNoisy && world.IsWhole;
        int before = begun;
        var ends = new List<(string, long, Digest?)>();
        open += leaving.Length - 1;
        inForce += leaving.Length - 1;
        foreach (SimulatedPeer peer in leaving)
        {
            peer.IsBusy = true;
            SimulatedProcess process = peer.Process!;
            process.Gone = () =>
            {
                ends.Add((process.Name, process.Replica.Step, process.Replica.Chain));
                if (ends.Count == leaving.Length && isJudged && begun == before)
                    StopOracle.Check(world.Invariants, ends);
                world.Clock.After(fault.For, () => Return(peer));
            };
            double share = peer == leaving[0] ? 0 : peer == leaving[^1] ? 1 : random.NextDouble();
            world.Clock.After(TimeSpan.FromMilliseconds(share * fault.Amount), () =>
            {
                if (!process.IsDead)
                    process.Leave();
            });
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
            Over();
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
            Over();
        }
    }
}
