namespace DecentralizedLion.Topology.Tests.Node;

/// <summary>Links that carry short frames and lose long ones, as a tunnel with a small MTU does.</summary>
public sealed class LargePacketTests
{
    const int Longest = 1200;

    [Fact]
    public void A_peer_whose_long_frames_are_lost_is_named_with_what_to_look_at_and_the_ring_goes_round_the_link()
    {
        var ring = new RingHarness(4, parameters: 100_000);
        ring.StartAllAndRun();
        ring.Network.LongestPayload = (from, to) => (from, to) == (0, 1) ? Longest : int.MaxValue;
        ring.Until(() => MentionsOf(ring, 1).Length > 0, "p1 reports p0's long frames", seconds: 20);
        Assert.StartsWith("p0's short frames arrive, but the long ones that were requested do not; ", MentionsOf(ring, 1)[0]);
        ring.UntilWhole(4);
        Assert.All(ring.Live, process => Assert.True(process.Member.View!.Number > 1));
        Assert.All(ring.Peers, peer => Assert.All(MentionsOf(ring, peer.Index), text => Assert.StartsWith("p0's", text)));
    }

    [Fact]
    public void Who_cannot_fetch_because_long_frames_are_lost_is_told_why()
    {
        var ring = new RingHarness(3, parameters: 100_000);
        ring.StartAllAndRun();
        ring.Peers[2].Kill();
        ring.Peers[2].Wipe();
        ring.Network.LongestPayload = (_, to) => to == 2 ? Longest : int.MaxValue;
        ring.Peers[2].Start();
        ring.Until(() => MentionsOf(ring, 2).Length > 0, "p2 is told", seconds: 60);
        Assert.Empty(MentionsOf(ring, 0));
        ring.Network.LongestPayload = null;
        ring.UntilWhole(3, seconds: 120);
    }

    [Fact]
    public void A_link_that_only_loses_some_frames_is_not_taken_for_one()
    {
        var ring = new RingHarness(4, parameters: 100_000);
        ring.Network.Faults = ring.Network.Faults with { Loss = 0.05 };
        ring.StartAll();
        ring.UntilApplied(200, seconds: 300);
        Assert.All(ring.Peers, peer => Assert.Empty(MentionsOf(ring, peer.Index)));
    }

    static string[] MentionsOf(RingHarness ring, int peer) =>
        [.. ring.Texts(peer, RingEventKind.Waiting).Where(text => text.Contains("MTU"))];
}
