using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Topology.Tests.Node;

/// <summary>Invariant I5 (docs/protocol.md#i5): a cut-off minority pauses and says so, the majority goes on, and after the cut
/// all are equal again.</summary>
public sealed class RingPartitionTests
{
    [Fact]
    public void Of_two_the_lower_ranked_goes_on_alone_and_the_other_pauses()
    {
        RingHarness ring = Cut(2, [1]);
        AssertSides(ring, on: [0], paused: [1], "paused: 1 of 2 peers reachable, 2 needed");
        Heal(ring);
    }

    [Theory]
    [InlineData(new[] { 2, 3 }, new[] { 0, 1 })]
    [InlineData(new[] { 1, 2 }, new[] { 0, 3 })]
    public void Two_halves_of_four_never_both_go_on(int[] side, int[] withTheLowest)
    {
        RingHarness ring = Cut(4, side);
        AssertSides(ring, withTheLowest, side, "paused: 2 of 4 peers reachable, 3 needed");
        Heal(ring);
    }

    [Theory]
    [InlineData(3, 4)]
    [InlineData(0, 1)] // the lowest ranks, too
    [InlineData(1, 3)]
    public void The_three_of_five_go_on_and_the_two_pause(int a, int b)
    {
        RingHarness ring = Cut(5, [a, b]);
        AssertSides(ring, [.. Enumerable.Range(0, 5).Except([a, b])], [a, b], "paused: 2 of 5 peers reachable, 3 needed");
        Heal(ring);
    }

    [Fact]
    public void When_no_side_has_a_quorum_all_pause_and_go_on_where_they_were()
    {
        var ring = new RingHarness(5);
        ring.StartAllAndRun(20);
        ring.Network.IsCut = (from, to) => from / 2 != to / 2; // 2 | 2 | 1
        ring.Run(15);
        long held = ring.Records.Keys.Max();
        for (int peer = 0; peer < 5; peer++)
        {
            Assert.Contains(peer == 4
                ? "paused: 1 of 5 peers reachable, 3 needed; if the run is over for the others, stop this peer"
                : "paused: 2 of 5 peers reachable, 3 needed", ring.Texts(peer, RingEventKind.Paused));
        }
        ring.Run(5);
        Assert.Equal(held, ring.Records.Keys.Max());
        ring.Heal();
        ring.UntilWhole(5);
        ring.AssertMajorities();
    }

    [Fact]
    public void A_cut_that_is_over_before_anyone_is_suspected_changes_nothing()
    {
        var ring = new RingHarness(3);
        ring.StartAllAndRun(20);
        ring.Partition(2);
        ring.Run(1.5);
        ring.Heal();
        ring.UntilApplied(ring.Records.Keys.Max() + 20);
        Assert.All(ring.Live, process => Assert.Equal(1, process.Member.View!.Number));
        Assert.DoesNotContain(ring.Events, events => events.Event.Kind is RingEventKind.Suspected or RingEventKind.Paused);
    }

    static RingHarness Cut(int peers, int[] side)
    {
        var ring = new RingHarness(peers);
        ring.StartAllAndRun(20);
        ring.Partition(side);
        ring.Run(15);
        return ring;
    }

    static void AssertSides(RingHarness ring, int[] on, int[] paused, string text)
    {
        TimeSpan now = ring.Now;
        foreach (int peer in on)
        {
            Assert.InRange(ring.Pace(peer, now - TimeSpan.FromSeconds(5), now), 20, 50);
            View view = ring.Peers[peer].Member.View!;
            Assert.Equal(PeerSet.Of(on), view.MemberSet);
            Assert.Empty(ring.Texts(peer, RingEventKind.Paused));
        }
        foreach (int peer in paused)
        {
            Assert.Equal(0, ring.Pace(peer, now - TimeSpan.FromSeconds(11), now));
            Assert.StartsWith(text, Assert.Single(ring.Texts(peer, RingEventKind.Paused)));
        }
    }

    static void Heal(RingHarness ring)
    {
        TimeSpan healed = ring.Now;
        ring.Heal();
        ring.UntilWhole(ring.Peers.Length);
        Assert.InRange(ring.Now - healed, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        Assert.All(ring.Live, process => Assert.Equal(ring.Peers[0].Member.View, process.Member.View));
        ring.AssertMajorities();
    }
}
