using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Membership;

namespace DecentralizedLion.Topology.Tests.Membership;

/// <summary>Whose state all take when they meet.</summary>
public sealed class SourceTests
{
    static readonly ChainDigest chain = ChainDigest.Of([1]);

    [Fact]
    public void A_damaged_state_is_outvoted_even_when_the_first_peer_has_it()
    {
        var ring = At(step: 7, [[9], [1], [1]]);
        ring.Run(steps: 0, zeros: 0);
        Assert.All(ring.States, state => Assert.Equal([1], state.Bytes));
        Assert.Contains(ring.Events, e => e.Event.Kind == RingEventKind.Diverged && e.Event.Text.StartsWith("p0 has another state after step 7"));
    }

    [Fact]
    public void Of_two_different_states_of_one_chain_none_is_preferred()
    {
        var ring = At(step: 7, [[9], [1]]);
        var refused = Assert.Throws<RingException>(() => ring.Run(steps: 0, zeros: 0));
        Assert.Contains("after step 7 the peers have different states of one and the same chain", refused.Message);
        Assert.Equal([9], ring.States[0].Bytes);
        Assert.Equal([1], ring.States[1].Bytes);
    }

    [Fact]
    public void The_furthest_is_taken_whoever_has_it()
    {
        var ring = At(step: 7, [[1], [1], [2]]);
        ring.States[2].Step = 8;
        ring.Run(steps: 0, zeros: 0);
        Assert.All(ring.States, state => Assert.Equal([2], state.Bytes));
    }

    static SimulatedRing At(long step, byte[][] bytes)
    {
        var ring = new SimulatedRing(bytes.Length, 100, seed: 1);
        for (int peer = 0; peer < bytes.Length; peer++)
            (ring.States[peer].Bytes, ring.States[peer].Step, ring.States[peer].Chain) = (bytes[peer], step, chain);
        return ring;
    }
}
