namespace DecentralizedLion.Topology.Tests.Node;

/// <summary>A ring with a least number of members for a step.</summary>
public sealed class MinPeersTests
{
    const int MinPeers = 3;

    static RingHarness NewRing(int peers, long lastStep = long.MaxValue) =>
        new(peers) { LastStep = lastStep, Change = (_, options) => options with { MinPeers = MinPeers } };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void With_fewer_members_the_ring_pauses_and_goes_on_when_enough_are_back(bool inOrder)
    {
        RingHarness ring = NewRing(4);
        ring.StartAllAndRun(10);
        foreach (int gone in (int[])[1, 3])
        {
            if (inOrder)
                ring.Peers[gone].Member.RequestStop();
            else
                ring.Peers[gone].Kill();
            ring.Until(() => ring.Peers[gone].Process is null && ring.Peers[0].Member.View!.MemberSet.Contains(gone) is false,
                $"p{gone} is gone");
        }
        ring.UntilIdle();
        Assert.Equal(2, ring.Peers[0].Member.View!.Count);
        long paused = ring.Peers[0].Replica.Step;
        TimeSpan since = ring.Now;
        ring.Run(20);
        Assert.All((int[])[0, 2], peer => Assert.Equal(paused, ring.Peers[peer].Replica.Step));
        Assert.All((int[])[0, 2], peer => Assert.Contains("paused: 2 of 4 peers are in the ring, and minPeers in peers.json is 3",
            ring.Texts(peer, RingEventKind.Paused)[0]));
        ring.Peers[3].Start();
        ring.UntilWhole(3);
        Assert.NotEmpty(ring.TextsSince(since, 0, RingEventKind.Resumed));
        Assert.Equal(paused + 1, ring.Peers[0].Applied.First(applied => applied.At > since).Step);
        ring.AssertMajorities();
    }

    [Fact]
    public void Peers_that_are_stopped_one_by_one_do_not_leave_the_last_to_train_alone()
    {
        RingHarness ring = NewRing(4);
        ring.StartAllAndRun(10);
        foreach (HarnessPeer peer in ring.Peers)
        {
            peer.Member.RequestStop();
            ring.Run(5);
        }
        ring.UntilEnded();
        Assert.All(ring.Peers, peer => Assert.Equal(new EndTurn(true, null), peer.Ended));
        Assert.Equal(ring.Peers[1].Disk.Last, ring.Peers[2].Disk.Last);
        Assert.Equal(ring.Peers[1].Disk.Last, ring.Peers[3].Disk.Last);
    }

    [Fact]
    public void A_run_that_one_begins_alone_waits_for_enough_others()
    {
        RingHarness ring = NewRing(4);
        ring.Peers[2].Start(Bootstrap.Single);
        ring.Run(10);
        Assert.Equal((1, 0L), (ring.Peers[2].Member.View!.Count, ring.Peers[2].Replica.Step));
        Assert.Contains("waiting: 1 of 4 peers are in the ring, and minPeers in peers.json is 3",
            Assert.Single(ring.Texts(2, RingEventKind.Waiting), text => text.Contains("minPeers")));
        ring.Peers[0].Start();
        ring.Run(5);
        Assert.Equal(0, ring.Peers[2].Replica.Step);
        ring.Peers[1].Start();
        ring.UntilWhole(3);
    }
}
