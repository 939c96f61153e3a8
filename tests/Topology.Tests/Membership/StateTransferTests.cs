using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Membership;
using DecentralizedLion.Topology.Simulated;

namespace DecentralizedLion.Topology.Tests.Membership;

/// <summary>States that differ at the start: all take the furthest peer's.</summary>
public sealed class StateTransferTests
{
    const int Length = 3 * (1 << 20) + 12345;

    [Theory]
    [InlineData(0.0, 0.0)]
    [InlineData(0.2, 0.3)]
    public void All_take_the_furthest_state_in_pieces(double loss, double repeat)
    {
        SimulatedRing ring = WithStates([10, 25, 0, 25], loss, repeat);
        byte[] wanted = [.. ring.States[1].Bytes];
        ChainDigest chain = ring.States[1].Chain;
        Outcome[] outcomes = ring.ForAll(peer => ring.TrainAsync(peer, 30));
        Assert.All(ring.States, state => Assert.Equal(wanted, state.Bytes));
        Assert.All(ring.States, state => Assert.Equal((25L, chain), (state.Step, state.Chain)));
        Assert.All(outcomes, outcome => Assert.Equal(5, outcome.Committed.Count));
        Assert.All(outcomes, outcome => Assert.Equal(outcomes[0].Committed, outcome.Committed));
        Assert.Empty(ring.Texts(1, RingEventKind.Fetched));
        foreach (int peer in (int[])[0, 2, 3])
        {
            Assert.Equal(["fetching the state after step 25 from p1 (3,158,073 bytes)", "the state after step 25 is here"],
                ring.Texts(peer, RingEventKind.Fetched));
        }
    }

    [Fact]
    public void New_runs_take_the_first_peers_initial_state()
    {
        SimulatedRing ring = WithStates([0, 0, 0], 0, 0);
        byte[] wanted = [.. ring.States[0].Bytes];
        Outcome[] outcomes = ring.ForAll(peer => ring.TrainAsync(peer, 3));
        Assert.All(ring.States, state => Assert.Equal(wanted, state.Bytes));
        Assert.All(outcomes, outcome => Assert.Equal(outcomes[0].Committed, outcome.Committed));
    }

    [Fact]
    public void Equal_states_are_not_fetched()
    {
        SimulatedRing ring = WithStates([5, 5, 5], 0, 0);
        foreach (MemoryState state in ring.States)
            (state.Bytes, state.Chain) = (ring.States[0].Bytes, ring.States[0].Chain);
        ring.ForAll(peer => ring.TrainAsync(peer, 7));
        Assert.DoesNotContain(ring.Events, told => told.Event.Kind == RingEventKind.Fetched);
        Assert.InRange(ring.Network.MeshOf(0).Counters.BytesSent, 1, 100_000);
    }

    [Fact]
    public void A_fetch_longer_than_the_patience_of_all_is_no_silence()
    {
        var ring = new SimulatedRing(3, 100, seed: 4, stateLength: Length);
        (ring.States[1].Step, ring.States[1].Chain) = (3, ChainDigest.Of([3]));
        ring.Network.Faults = new NetworkFaults { ShortestDelay = TimeSpan.FromSeconds(0.95), LongestDelay = TimeSpan.FromSeconds(0.96), Loss = 0.75 };
        Outcome[] outcomes = ring.ForAll(peer => ring.TrainAsync(peer, 4, before: _ =>
        {
            ring.Network.Faults = NetworkFaults.None;
            return Task.CompletedTask;
        }));
        Assert.All(outcomes, outcome => Assert.Equal("left in order", outcome.Message));
        Assert.All(outcomes, outcome => Assert.Single(outcome.Committed));
    }

    [Fact]
    public void A_source_that_dies_while_it_is_asked_is_named()
    {
        SimulatedRing ring = WithStates([0, 9, 0], 0, 0);
        ring.Network.Faults = new NetworkFaults { ShortestDelay = TimeSpan.FromMilliseconds(200), LongestDelay = TimeSpan.FromMilliseconds(200) };
        Outcome[] outcomes = ring.ForAll(peer =>
        {
            ring.Loop.Clock.After(TimeSpan.FromSeconds(1.2), () => ring.Network.IsCut = (from, to) => from == 1 || to == 1);
            return ring.TrainAsync(peer, 12);
        });
        foreach (int peer in (int[])[0, 2])
        {
            Assert.Single(ring.Texts(peer, RingEventKind.Fetched));
            Assert.Contains("p1 has given no sign of life", outcomes[peer].Message);
        }
    }

    [Fact]
    public void A_stop_while_fetching_ends_with_a_reason()
    {
        SimulatedRing ring = WithStates([0, 9], 0, 0);
        Outcome[] outcomes = ring.ForAll(peer =>
        {
            if (peer == 0)
            {
                ring.Loop.Clock.After(TimeSpan.FromMilliseconds(400), () => ring.Network.IsCut = (_, _) => true);
                ring.Loop.Clock.After(TimeSpan.FromSeconds(2), ring.Members[0].RequestStop);
            }
            ring.Network.Faults = new NetworkFaults { ShortestDelay = TimeSpan.FromMilliseconds(100), LongestDelay = TimeSpan.FromMilliseconds(100) };
            return ring.TrainAsync(peer, 12);
        });
        Assert.Single(ring.Texts(0, RingEventKind.Fetched));
        Assert.Equal("stopped before all peers were here", outcomes[0].Message);
    }

    /// <summary>States of random bytes after given steps.</summary>
    static SimulatedRing WithStates(long[] steps, double loss, double repeat)
    {
        var ring = new SimulatedRing(steps.Length, 100, seed: 3, stateLength: Length);
        ring.Network.Faults = new NetworkFaults
        {
            Loss = loss,
            Repeat = repeat,
            Reorder = loss > 0,
            LongestDelay = TimeSpan.FromMilliseconds(loss > 0 ? 100 : 1),
            ShortestDelay = TimeSpan.Zero,
        };
        var random = new Random(5);
        for (int peer = 0; peer < steps.Length; peer++)
        {
            random.NextBytes(ring.States[peer].Bytes);
            ring.States[peer].Step = steps[peer];
            ring.States[peer].Chain = ChainDigest.Of([(byte)peer]);
        }
        return ring;
    }
}
