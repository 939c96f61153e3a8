using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Transport;
using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Topology.Tests.Node;

/// <summary>A link that is broken between two peers whom all others still reach.</summary>
public sealed class BrokenLinkTests
{
    [Theory]
    [InlineData(0, 1, true)]
    [InlineData(2, 3, true)]
    [InlineData(3, 0, true)]
    [InlineData(1, 2, false)]
    [InlineData(3, 2, false)]
    public void The_order_goes_round_it_and_all_stay_members(int from, int to, bool bothWays)
    {
        var ring = new RingHarness(4);
        ring.StartAllAndRun();
        TimeSpan cut = ring.Now;
        ring.Network.IsCut = (a, b) => (a, b) == (from, to) || (bothWays && (b, a) == (from, to));
        ring.Until(() => ring.Live.All(process => process.Member is { IsActive: true, View.Number: > 1 }),
            "a view without that link", seconds: 20);
        ring.UntilApplied(ring.Records.Keys.Max() + 20);
        View view = ring.Peers[0].Member.View!;
        Assert.Equal(PeerSet.First(4), view.MemberSet);
        Assert.Equal(2, Math.Abs(view.PositionOf(from) - view.PositionOf(to))); // opposite each other
        Assert.DoesNotContain(ring.Events, events => events.At > cut && events.Event.Kind == RingEventKind.Removed);
        ring.Run(40);
        Assert.InRange(view.Number, 2, 3);
        Assert.All(ring.Live, process => Assert.Equal(view, process.Member.View)); // it stays like that
        ring.Heal();
        ring.UntilApplied(ring.Records.Keys.Max() + 50);
    }

    [Fact]
    public void A_broken_neighbour_of_three_costs_the_higher_rank_until_it_is_mended()
    {
        var ring = new RingHarness(3);
        ring.StartAllAndRun();
        ring.Network.IsCut = (from, to) => (from, to) is (0, 1) or (1, 0);
        ring.Until(() => ring.Peers[0].Member.View!.MemberSet == PeerSet.Of(0, 2) && ring.Peers[0].Member.IsActive,
            "p1 is left out");
        long step = ring.Peers[0].Replica.Step;
        ring.Until(() => ring.Peers[0].Replica.Step > step + 20 && ring.Peers[2].Replica.Step > step + 20, "the two go on");
        ring.Heal();
        ring.UntilWhole(3, seconds: 90);
    }

    [Fact]
    public void A_link_that_loses_only_what_is_large_is_found_broken_by_its_silence_to_asks()
    {
        // Heartbeats pass, but neither segments nor asks do: the link is taken to be broken.
        var ring = new RingHarness(4, parameters: 64 * 40);
        ring.StartAllAndRun();
        int lost = 0;
        foreach (HarnessProcess process in ring.Live.Where(process => process.Peer.Index is 1 or 2))
        {
            Filter(process.Transport, (from, header) =>
            {
                bool drop = (from, process.Peer.Index) is (1, 2) or (2, 1)
                    && header.Kind is FrameKind.Reduce or FrameKind.Gather or FrameKind.ResendRequest or FrameKind.NotReady;
                lost += drop ? 1 : 0;
                return !drop;
            });
        }
        ring.Until(() => ring.Live.All(process => process.Member is { IsActive: true, View.Number: > 1 }),
            "a view that goes round it", seconds: 60);
        ring.UntilApplied(ring.Records.Keys.Max() + 20);
        View view = ring.Peers[0].Member.View!;
        Assert.Equal((4, 2), (view.Count, Math.Abs(view.PositionOf(1) - view.PositionOf(2))));
        Assert.True(lost > 0);
    }

    /// <summary>Lets only some of what arrives come through.</summary>
    static void Filter(ITransport transport, Func<int, FrameHeader, bool> passes)
    {
        FrameHandler inner = transport.Handler!;
        transport.Handler = (from, envelope, payload) =>
        {
            if (FrameHeader.TryRead(envelope, out FrameHeader header, out _) && passes(from, header))
                inner(from, envelope, payload);
        };
    }
}
