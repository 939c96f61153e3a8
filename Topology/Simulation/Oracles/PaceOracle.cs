using DecentralizedLion.Topology.Simulation.Faults;
using DecentralizedLion.Topology.Simulation.World;

namespace DecentralizedLion.Topology.Simulation.Oracles;

/// <summary>
/// A peer that is slow to compute does not hold the others up (docs/protocol.md#i4): where all else is well, steps go on at the
/// others' pace.
/// </summary>
sealed class PaceOracle(SimulatedWorld world)
{
    // Members must know a few gradient times before they can tell what is late.
    const int StepsToLearn = 8;

    readonly Scenario scenario = world.Scenario;
    // The deadline is a small multiple of the usual times, which vary by less than half.
    readonly TimeSpan patience = 4 * world.Scenario.Compute.Max() + TimeSpan.FromMilliseconds(100)
        + world.Scenario.TravelTime;
    long decided, learnt;
    TimeSpan since;

    /// <summary>To be called after each event.</summary>
    /// <param name="isQuiet">Nothing goes wrong but that peers may be slow.</param>
    public void Check(bool isQuiet)
    {
        if (world.Counts.Steps != decided)
        {
            learnt += isQuiet ? world.Counts.Steps - decided : -learnt;
            (decided, since) = (world.Counts.Steps, world.Clock.Elapsed);
        }
        if (!isQuiet || !IsJudged())
            (learnt, since) = (0, world.Clock.Elapsed);
        else if (learnt >= StepsToLearn && world.Clock.Elapsed - since > patience)
            world.Invariants.Violated("a peer that is slow to compute does not hold the others up (I4)",
                $"no step has been applied for {Fault.Seconds(world.Clock.Elapsed - since)}, though nothing is wrong but that a "
                    + "peer computes slowly");
    }

    bool IsJudged()
    {
        int slow = 0;
        foreach (SimulatedPeer peer in world.Peers)
            slow += peer.Slowness > 1 ? 1 : 0;
        return scenario is { Timings.UseStragglerDeadline: true, Network.Loss: 0 } && slow == 1 && world.Peers.Length > 2
            && world.IsWhole && !IsAtGate();
    }

    bool IsAtGate()
    {
        foreach (SimulatedPeer peer in world.Peers)
        {
            if (peer.Process is not { } process || process.Replica.Step >= scenario.Gate - 2)
                return true;
        }
        return false;
    }
}
