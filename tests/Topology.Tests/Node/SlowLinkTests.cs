using DecentralizedLion.Topology.Simulation.Faults;

namespace DecentralizedLion.Topology.Tests.Node;

/// <summary>Rings over links with round trips of 600 ms that lose 3 % of the frames.</summary>
public sealed class SlowLinkTests
{
    static readonly TimeSpan oneWay = TimeSpan.FromMilliseconds(300);

    [Theory]
    [InlineData(2, ExchangeKind.Ring)]
    [InlineData(3, ExchangeKind.Ring)]
    [InlineData(5, ExchangeKind.Direct)]
    [InlineData(7, ExchangeKind.Ring)]
    internal void A_ring_forms_a_view_at_once_commits_steps_and_suspects_nobody(int peers, ExchangeKind exchange)
    {
        for (int seed = 1; seed <= 2; seed++)
        {
            RingHarness ring = Slow(peers, exchange, seed);
            ring.StartAll();
            ring.Until(() => Array.TrueForAll(ring.Peers, peer => peer.Member.IsActive), "all are in a view", seconds: 30);
            ring.UntilApplied(10, seconds: 300);
            Assert.All(ring.Peers, peer => Assert.Equal(1, peer.Member.View!.Number));
            Assert.DoesNotContain(ring.Events, events => events.Event.Kind == RingEventKind.Suspected);
            ring.AssertMajorities();
        }
    }

    [Fact]
    public void A_ring_goes_on_without_a_host_that_is_gone_and_takes_it_back()
    {
        RingHarness ring = Slow(4);
        ring.StartAll();
        ring.UntilApplied(4, seconds: 120);
        ring.Peers[1].Kill(refuses: false);
        ring.Until(() => ring.Live.All(process => process.Member.View!.Count == 3), "three go on", seconds: 40);
        ring.UntilApplied(ring.Live.Max(process => process.Replica.Step) + 2, seconds: 120);
        ring.Peers[1].Wipe();
        ring.Peers[1].Start();
        ring.UntilWhole(4, seconds: 120);
        ring.AssertMajorities();
    }

    [Fact]
    public void Peers_that_are_told_to_stop_together_end_at_one_step()
    {
        RingHarness ring = Slow(5);
        ring.StartAll();
        ring.UntilApplied(3, seconds: 120);
        foreach (HarnessPeer peer in ring.Peers)
            ring.Loop.Clock.After(TimeSpan.FromMilliseconds(200 * peer.Index), () => peer.Member.RequestStop());
        ring.UntilEnded(seconds: 120);
        Assert.All(ring.Peers, peer => Assert.Null(peer.Ended!.Note));
        Assert.Single(ring.Peers.Select(peer => peer.Disk.DigestAfter(peer.Disk.Last)).Distinct());
    }

    [Fact]
    public void One_far_peer_does_not_make_the_others_slow_to_suspect_each_other()
    {
        RingHarness ring = Slow(4);
        ring.Network.Distance = (from, to) => from == 3 || to == 3 ? oneWay : TimeSpan.Zero;
        ring.StartAll();
        ring.UntilApplied(4, seconds: 120);
        TimeSpan at = ring.Now;
        ring.Peers[1].Kill(refuses: false);
        ring.Until(() => ring.TextsSince(at, 0, RingEventKind.Suspected).Length > 0, "p1 is suspected", seconds: 3);
        Assert.Contains("p1", ring.TextsSince(at, 0, RingEventKind.Suspected)[0]);
    }

    static RingHarness Slow(int peers, ExchangeKind exchange = ExchangeKind.Ring, int seed = 1)
    {
        var ring = new RingHarness(peers, seed: seed) { Exchange = exchange };
        ring.Network.Distance = (_, _) => oneWay;
        ring.Network.Faults = new NetworkFaults { Loss = 0.03, LongestDelay = TimeSpan.FromMilliseconds(30) };
        return ring;
    }
}
