using DecentralizedLion.Topology.Simulation.World;

namespace DecentralizedLion.Topology.Simulation.Faults;

/// <summary>Lets the faults of the network happen, and ends them: cuts between peers, and noise on all links.</summary>
sealed class NetworkFaultInjector(SimulatedWorld world)
{
    readonly ActiveNetworkFaults noise = new(world.Scenario.Network);

    /// <summary>Frames are lost, repeated, delayed or damaged beyond what the scenario's network does by itself.</summary>
    public bool IsNoisy => noise.IsAny;

    /// <summary>True for faults that harm nobody for good and may happen at any time: noise, and a peer that is slow.</summary>
    public static bool IsNoise(FaultKind kind) =>
        kind is FaultKind.Loss or FaultKind.Repeat or FaultKind.Delay or FaultKind.Reorder or FaultKind.Corrupt or FaultKind.Slow;

    /// <summary>Begins noise, and ends it when its time is over.</summary>
    public void MakeNoise(Fault fault, Action over)
    {
        Set(begins: true);
        world.Clock.After(fault.For, () =>
        {
            Set(begins: false);
            over();
        });

        void Set(bool begins)
        {
            if (fault.Kind == FaultKind.Slow)
                world.Peers[fault.Peer].Slowness *= begins ? fault.Amount : 1 / fault.Amount;
            else if (begins)
                noise.Begin(fault);
            else
                noise.End(fault);
            world.Network.Faults = noise.Faults;
        }
    }

    /// <summary>Cuts links, and restores them when the fault's time is over.</summary>
    public void Cut(Fault fault, Action over)
    {
        switch (fault.Kind)
        {
            case FaultKind.OneWayCut:
                world.Counts.Cuts++;
                Cut([(fault.Peer, fault.Other)], fault.For, over);
                break;
            case FaultKind.Cut:
                world.Counts.Cuts++;
                Cut([(fault.Peer, fault.Other), (fault.Other, fault.Peer)], fault.For, over);
                break;
            default:
                world.Counts.Partitions++;
                int[] side = [.. fault.Side], rest = [.. Enumerable.Range(0, world.Peers.Length).Except(side)];
                Cut([.. side.SelectMany(one => rest.SelectMany(other => new[] { (one, other), (other, one) }))], fault.For, over);
                break;
        }
    }

    void Cut((int From, int To)[] links, TimeSpan time, Action over)
    {
        foreach ((int from, int to) in links)
            world.Network.Cut(from, to);
        world.Clock.After(time, () =>
        {
            foreach ((int from, int to) in links)
                world.Network.Restore(from, to);
            over();
        });
    }
}
