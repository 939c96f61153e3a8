using DecentralizedLion.Topology.Simulation.World;
using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Topology.Tests.Node;

/// <summary>Rings that choose the way of their exchange by what they measure (docs/protocol.md#choice-of-the-exchange).</summary>
public sealed class ExchangeChoiceTests
{
    const int Members = 5;

    // Frames of about 120 bytes: an uplink sends a step's by either way in about 10 ms.
    const int Parameters = 2_000;
    const double Uplink = 1e5, SlowPair = 3e3;

    static readonly TimeSpan near = TimeSpan.FromMicroseconds(200), far = TimeSpan.FromMilliseconds(15);

    static PathSpeed Even => new(Uplink, double.PositiveInfinity);

    [Fact]
    public void Long_links_make_a_ring_exchange_directly_once()
    {
        RingHarness ring = Rings(far);
        ring.StartAllAndRun();
        TimeSpan begun = ring.Now;
        Assert.All(ring.Peers, peer => Assert.Equal(ExchangeKind.Ring, WayOf(peer)));
        ring.Run(seconds: 1.5);
        Assert.All(ring.Peers, peer => Assert.Equal(1, peer.Member.View!.Number)); // it must look so for a while
        ring.Run(seconds: 5);
        Assert.All(ring.Peers, peer => Assert.Equal(ExchangeKind.Direct, WayOf(peer)));
        TimeSpan direct = ring.Now;
        ring.Run(seconds: 30);
        Assert.All(ring.Peers, peer => Assert.Equal(2, peer.Member.View!.Number));
        Assert.True(ring.Pace(0, direct, ring.Now) > 1.5 * ring.Pace(0, begun, begun + TimeSpan.FromSeconds(1.5)));
        string text = Assert.Single(ring.Texts(0, RingEventKind.ExchangeChanged));
        Assert.Matches(
            @"^the members exchange directly from step \d+ on: a step's exchange takes [0-9.]+ ms directly, [0-9.]+ ms ", text);
        Assert.All(ring.Peers, peer => Assert.Equal([text], ring.Texts(peer.Index, RingEventKind.ExchangeChanged)));
        Assert.DoesNotContain(ring.Events, events => events.Event.Kind
            is RingEventKind.Suspected or RingEventKind.Removed or RingEventKind.ViewChanged or RingEventKind.Recovered);
        ring.AssertMajorities();
    }

    [Fact]
    public void A_pair_with_a_slow_link_makes_it_a_ring_again_and_the_measurement_is_remembered()
    {
        RingHarness ring = Rings(far);
        ring.StartAllAndRun();
        ring.Run(seconds: 8);
        Assert.All(ring.Peers, peer => Assert.Equal(ExchangeKind.Direct, WayOf(peer)));
        ring.Network.Distance = (_, _) => near;
        ring.Network.Speed = Uneven;
        ring.Run(seconds: 14);
        Assert.All(ring.Peers, peer => Assert.Equal((3, ExchangeKind.Ring), (peer.Member.View!.Number, WayOf(peer))));
        ring.Run(seconds: 60); // that it was worse is known for a while
        Assert.All(ring.Peers, peer => Assert.Equal(3, peer.Member.View!.Number));
        ring.AssertMajorities();
    }

    [Fact]
    public void Links_that_change_all_the_time_make_few_views()
    {
        RingHarness ring = Rings(far);
        bool isUneven = false;
        ring.Network.Distance = (_, _) => isUneven ? near : far;
        ring.Network.Speed = (from, to) => isUneven ? Uneven(from, to) : Even;
        ring.StartAllAndRun();
        for (int turn = 0; turn < 16; turn++)
        {
            ring.Run(seconds: 8);
            isUneven = !isUneven;
        }
        // Intervals of 6, 12, 24 … seconds.
        Assert.All(ring.Peers, peer => Assert.InRange(peer.Member.View!.Number, 2, 6));
        ring.AssertMajorities();
    }

    [Fact]
    public void Short_links_are_left_alone()
    {
        RingHarness ring = Rings(TimeSpan.FromMicroseconds(50), compute: 200);
        ring.StartAllAndRun();
        ring.Run(seconds: 20);
        Assert.All(ring.Peers, peer => Assert.Equal((1, ExchangeKind.Ring), (peer.Member.View!.Number, WayOf(peer))));
    }

    [Fact]
    public void Two_that_do_not_reach_each_other_make_it_a_ring_at_once_and_nobody_is_removed()
    {
        RingHarness ring = Rings(far);
        ring.StartAllAndRun();
        ring.Run(seconds: 8);
        TimeSpan cut = ring.Now;
        ring.Network.IsCut = (from, to) => (from, to) is (1, 3) or (3, 1);
        ring.Until(() => Array.TrueForAll(ring.Peers, peer => WayOf(peer) == ExchangeKind.Ring), "all exchange around the ring",
            seconds: 10);
        ring.UntilApplied(ring.Live.Max(process => process.Replica.Step) + 20);
        Assert.All(ring.Peers, peer => Assert.Equal(Members, peer.Member.View!.Count));
        Assert.Contains("not every member reaches", Assert.Single(ring.TextsSince(cut, 0, RingEventKind.ExchangeChanged)),
            StringComparison.Ordinal);
        ring.AssertMajorities();
    }

    [Theory]
    [InlineData(ExchangeKind.Ring)]
    [InlineData(ExchangeKind.Direct)]
    internal void A_way_that_is_given_stays(ExchangeKind given)
    {
        RingHarness ring = Rings(given == ExchangeKind.Ring ? far : near, given);
        if (given == ExchangeKind.Direct)
            ring.Network.Speed = Uneven;
        ring.StartAllAndRun();
        ring.Run(seconds: 20);
        Assert.All(ring.Peers, peer => Assert.Equal((1, new ExchangeChoice(given)),
            (peer.Member.View!.Number, peer.Member.View.Exchange)));
    }

    static PathSpeed? Uneven(int from, int to) => Math.Abs(from - to) == 2 ? Even with { Pair = SlowPair } : Even;

    static ExchangeKind WayOf(HarnessPeer peer) => peer.Member.View!.Exchange.Kind;

    static RingHarness Rings(TimeSpan latency, ExchangeKind? exchange = null, double compute = 20)
    {
        var ring = new RingHarness(Members, Parameters)
        {
            Exchange = exchange,
            Timings = RingTimings.Default with
            {
                ExchangeSwitchTime = TimeSpan.FromSeconds(3),
                ExchangeSwitchInterval = TimeSpan.FromSeconds(6),
            },
            Compute = (peer, step) => TimeSpan.FromMilliseconds(compute + (peer + step) % 3),
        };
        ring.Network.Distance = (_, _) => latency;
        ring.Network.Speed = (_, _) => Even;
        return ring;
    }
}
