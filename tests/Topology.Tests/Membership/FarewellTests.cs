using DecentralizedLion.Topology.Membership;
using DecentralizedLion.Topology.Simulated;
using FsCheck.Xunit;

namespace DecentralizedLion.Topology.Tests.Membership;

/// <summary>Leaving in order: all end at one and the same step, committed by all.</summary>
public sealed class FarewellTests
{
    [Property(MaxTest = 60)]
    public void Whenever_one_asks_all_end_at_one_step(int seed)
    {
        var random = new Random(seed);
        int peers = random.Next(2, 6), leavers = random.Next(1, 3);
        var ring = new SimulatedRing(peers, random.Next(1, 500), seed, (ExchangeKind)random.Next(2));
        ring.Network.Faults = new NetworkFaults
        {
            Loss = random.Next(2) * 0.1,
            Repeat = 0.1,
            Reorder = true,
            ShortestDelay = TimeSpan.Zero,
            LongestDelay = TimeSpan.FromMilliseconds(random.Next(1, 30)),
        };
        for (int leaver = 0; leaver < leavers; leaver++)
        {
            int peer = random.Next(peers);
            ring.Loop.Clock.After(TimeSpan.FromMilliseconds(random.Next(1500, 4000)), () => ring.Members[peer].RequestStop());
        }
        var paces = new Random(seed);
        Outcome[] outcomes = ring.ForAll(peer => ring.TrainAsync(peer, 100_000,
            before: _ => Task.Delay(TimeSpan.FromMilliseconds(paces.Next(100)), ring.Loop.Clock)));
        Assert.All(outcomes, outcome => Assert.Equal("left in order", outcome.Message));
        Assert.All(outcomes, outcome => Assert.Equal(outcomes[0].Committed, outcome.Committed));
    }

    [Fact]
    public void The_others_are_told_who_leaves_and_end_at_the_same_step()
    {
        var ring = new SimulatedRing(3, 100, seed: 1);
        Outcome[] outcomes = ring.ForAll(peer => ring.TrainAsync(peer, 1000, before: step =>
        {
            if (peer == 2 && step == 8)
                ring.Members[2].RequestStop();
            return Task.Delay(TimeSpan.FromMilliseconds(10), ring.Loop.Clock);
        }));
        Assert.All(outcomes, outcome => Assert.Equal(7, outcome.Committed.Count));
        foreach (int peer in (int[])[0, 1])
            Assert.Contains("p2 leaves in order; this ring needs all peers, so it ends", ring.Texts(peer, RingEventKind.Leaving));
        Assert.All(outcomes, outcome => Assert.InRange(outcome.At, TimeSpan.Zero, TimeSpan.FromSeconds(2))); // no timeout was needed
    }

    [Fact]
    public void A_peer_that_is_cut_off_at_the_last_step_still_finishes_it()
    {
        // The others have the last step and are done; for ten seconds the peer cannot hear them, and nobody asked it to stop.
        var ring = new SimulatedRing(3, 100, seed: 1, change: (_, options) => options with { LastStep = 5 });
        Outcome[] outcomes = ring.ForAll(peer => ring.TrainAsync(peer, 5, before: async step =>
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), ring.Loop.Clock);
            if (peer == 0 && step == 5)
            {
                ring.Network.IsCut = (_, to) => to == 0;
                ring.Loop.Clock.After(TimeSpan.FromSeconds(10), () => ring.Network.IsCut = null);
            }
        }));
        Assert.All(outcomes, outcome => Assert.Equal(5, outcome.Committed.Count));
    }

    [Fact]
    public void Who_leaves_and_then_disappears_is_missed_while_a_step_needs_it()
    {
        var ring = new SimulatedRing(3, 100, seed: 1);
        Outcome[] outcomes = ring.ForAll(peer => ring.TrainAsync(peer, 1000, before: async step =>
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), ring.Loop.Clock);
            if (peer != 2 || step != 8)
                return;
            // Its farewell is heard, and its part of the step it votes on never comes.
            ring.Network.IsCut = (from, to) => from == 2;
            _ = ring.VoteAsync(2, 8);
            ring.Network.IsCut = null;
            ring.Members[2].RequestStop();
            ring.Network.IsCut = (from, to) => from == 2 || to == 2;
            await Task.Delay(TimeSpan.FromMinutes(2), ring.Loop.Clock);
            ring.Members[2].Abort();
        }));
        foreach (int peer in (int[])[0, 1])
        {
            Assert.Equal(7, outcomes[peer].Committed.Count);
            Assert.Contains("p2 has given no sign of life", outcomes[peer].Message);
            Assert.InRange(outcomes[peer].At, RingTimings.Default.GiveUpAfter, 1.5 * RingTimings.Default.GiveUpAfter);
        }
    }
}
