namespace DecentralizedLion.Topology.Tests.Node;

/// <summary>The figures that other threads read of a member.</summary>
public sealed class StatisticsTests
{
    [Fact]
    public void They_are_those_of_the_ring_and_of_each_link()
    {
        var ring = new RingHarness(3);
        ring.StartAllAndRun();
        ring.Run(seconds: 2); // heartbeats have come and gone
        for (int self = 0; self < 3; self++)
        {
            RingStatistics now = ring.Peers[self].Member.Statistics;
            int[] others = [.. Enumerable.Range(0, 3).Where(peer => peer != self)];
            Assert.Equal((1, 3, 2, 3), (now.View, now.Members, now.Quorum, now.Reachable));
            Assert.Equal(now.Counters.BytesSent, others.Sum(now.Counters.BytesSentTo));
            Assert.Equal(now.Counters.BytesReceived, others.Sum(now.Counters.BytesReceivedFrom));
            Assert.All(others, peer =>
            {
                Assert.True(now.IsHeard(peer));
                Assert.True(now.Counters.BytesSentTo(peer) > 0 && now.Counters.BytesReceivedFrom(peer) > 0);
                Assert.InRange(now.RoundTripTo(peer), TimeSpan.FromTicks(1), TimeSpan.FromSeconds(1));
            });
            Assert.Equal((0, TimeSpan.Zero, false),
                (now.Counters.BytesSentTo(self), now.RoundTripTo(self), now.IsHeard(self)));
        }
    }

    [Fact]
    public void A_peer_that_died_is_not_heard_and_no_member_any_more()
    {
        var ring = new RingHarness(3);
        ring.StartAllAndRun();
        RingStatistics now = ring.Peers[0].Member.Statistics;
        ring.Peers[2].Kill();
        ring.Until(() => now.Members == 2, "a view of two");
        ring.Run(seconds: 1);
        Assert.Equal((false, true, 2, 2), (now.IsHeard(2), now.IsHeard(1), now.Reachable, now.View));
        ring.Peers[2].Start();
        ring.UntilWhole(3);
        ring.Run(seconds: 1);
        Assert.Equal((true, 3), (now.IsHeard(2), now.Members));
        Assert.True(ring.Peers[2].Member.Statistics.BytesFetched > 0);
    }
}
