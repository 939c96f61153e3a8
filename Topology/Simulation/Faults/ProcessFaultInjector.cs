using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Simulation.Oracles;
using DecentralizedLion.Topology.Simulation.World;

namespace DecentralizedLion.Topology.Simulation.Faults;

/// <summary>Lets the faults of processes and their disks happen, and ends them: crashes, lost disks, torn writes, full disks,
/// freezes, and peers that leave.</summary>
sealed class ProcessFaultInjector(SimulatedWorld world, Random random, FaultCount count)
{
    /// <summary>How long a torn write waits for something to be written.</summary>
    static readonly TimeSpan armed = TimeSpan.FromSeconds(3);

    /// <summary>Lets a fault happen to one peer: its process, or what its disk does to it.</summary>
    public void Do(SimulatedPeer peer, Fault fault)
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

    /// <summary>Stops a process, and lets it go on after a time.</summary>
    public void Freeze(SimulatedProcess process, TimeSpan time)
    {
        world.Counts.Freezes++;
        process.Freeze();
        world.Clock.After(time, () =>
        {
            if (!process.IsDead)
            {
                world.Trace.Add(process.Peer.Index, "is let go");
                process.Thaw();
            }
            count.End();
        });
    }

    /// <summary>Kills all processes at once; each is started again at a moment of its own.</summary>
    public void CrashAll(Fault fault)
    {
        SimulatedPeer[] victims = [.. world.Peers.Where(peer => peer is { IsBusy: false, Process: not null })];
        count.Add(victims.Length - 1);
        foreach (SimulatedPeer peer in victims)
        {
            world.Counts.Crashes++;
            peer.IsBusy = true;
            peer.Die("is killed", refuses: true);
            world.Clock.After(fault.For * random.NextDouble(), () => Return(peer));
        }
    }

    /// <summary>Asks some peers to leave in order, all within the fault's milliseconds.</summary>
    /// <param name="fault">Who, within how long, and when they are started again.</param>
    /// <param name="isJudged">Whether they must end at one step with one digest, unless another fault begins
    /// meanwhile.</param>
    public void LeaveTogether(Fault fault, bool isJudged)
    {
        SimulatedPeer[] leaving = [.. fault.Side.Select(peer => world.Peers[peer])];
        int before = count.Begun;
        var ends = new List<(string, long, Digest?)>();
        count.Add(leaving.Length - 1);
        foreach (SimulatedPeer peer in leaving)
        {
            peer.IsBusy = true;
            SimulatedProcess process = peer.Process!;
            process.Gone = () =>
            {
                ends.Add((process.Name, process.Replica.Step, process.Replica.Chain));
                if (ends.Count == leaving.Length && isJudged && count.Begun == before)
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

    /// <summary>A fault that had a peer's process in hand is over: one runs again.</summary>
    void Return(SimulatedPeer peer)
    {
        peer.IsBusy = false;
        if (peer.Process is null && peer.FinishedAt is null)
            peer.Start();
        count.End();
    }
}
