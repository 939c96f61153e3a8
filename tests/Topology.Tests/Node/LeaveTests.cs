using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Simulation;
using DecentralizedLion.Topology.Simulation.Faults;
using FsCheck;
using FsCheck.Xunit;

namespace DecentralizedLion.Topology.Tests.Node;

/// <summary>Leaving in order, and a run's end.</summary>
public sealed class LeaveTests
{
    [Fact]
    public void One_leaves_and_the_others_go_on()
    {
        var ring = new RingHarness(3);
        ring.StartAllAndRun(10);
        TimeSpan asked = ring.Now;
        ring.Peers[1].Member.RequestStop();
        ring.Until(() => ring.Peers[1].Process is null, "it ends");
        Assert.Equal(new EndTurn(true, null), ring.Peers[1].Ended);
        TimeSpan gathered = RingTimings.Default.LeaveGatherTime;
        Assert.InRange(ring.Now - asked, gathered, gathered + TimeSpan.FromSeconds(1)); // no timeout was needed
        ring.UntilWhole(2);
        foreach (int peer in (int[])[0, 2])
        {
            Assert.Equal("p1 leaves in order", Assert.Single(ring.Texts(peer, RingEventKind.Leaving)));
            Assert.Empty(ring.Texts(peer, RingEventKind.Suspected));
            Assert.Empty(ring.Texts(peer, RingEventKind.Removed));
        }
        ring.Peers[1].Start();
        ring.UntilWhole(3);
        Assert.Equal("p1 joins the ring", Assert.Single(ring.Texts(0, RingEventKind.Joined)));
        AssertNoFault(ring, TimeSpan.Zero);
    }

    /// <summary>Nobody reported anything that looks like a fault.</summary>
    static void AssertNoFault(RingHarness ring, TimeSpan since) =>
        Assert.DoesNotContain(ring.Events, events => events.At >= since && events.Event.Kind is
        RingEventKind.Suspected or RingEventKind.Removed or RingEventKind.Rejoined or RingEventKind.ViewChanged
            or RingEventKind.Paused or RingEventKind.Recovered);

    [Theory]
    [InlineData(2, 0.0)]
    [InlineData(2, 1.0)]
    [InlineData(3, 0.0)]
    [InlineData(4, 0.05)]
    [InlineData(4, 1.0)]
    public void When_all_leave_they_end_at_one_and_the_same_step(int peers, double between)
    {
        var ring = new RingHarness(peers);
        ring.StartAllAndRun(10);
        foreach (HarnessPeer peer in ring.Peers)
        {
            peer.Member.RequestStop();
            if (peer.Index < peers - 1)
                ring.Run(between);
        }
        ring.UntilEnded(seconds: 1); // the last one's wish is all that was waited for
        Assert.All(ring.Peers, peer => Assert.Equal(new EndTurn(true, null), peer.Ended));
        long last = ring.Peers[0].Applied[^1].Step;
        Assert.All(ring.Peers, peer => Assert.Equal((last, last), (peer.Applied[^1].Step, peer.Disk.Last)));
        // And they go on there.
        int before = ring.Peers[0].Applied.Count;
        ring.StartAll();
        ring.UntilWhole(peers);
        Assert.Equal(last + 1, ring.Peers[0].Applied.Skip(before).First(applied => applied.Step > last).Step);
    }

    [Theory]
    [InlineData(0.05, 0.0)]
    [InlineData(3.0, 0.0)]
    [InlineData(0.05, 3.0)] // they leave one after the other, and the last view is small
    [InlineData(3.0, 3.0)] // and come one after the other, so that the ring goes on before it is whole
    public void A_ring_that_all_left_goes_on_without_looking_like_a_fault(double between, double leaving)
    {
        var ring = new RingHarness(4);
        ring.StartAllAndRun(10);
        foreach (HarnessPeer peer in ring.Peers)
        {
            peer.Member.RequestStop();
            ring.Run(leaving);
        }
        ring.UntilEnded(seconds: 10);
        TimeSpan again = ring.Now;
        foreach (HarnessPeer peer in ring.Peers)
        {
            peer.Start();
            ring.Run(between);
        }
        ring.UntilWhole(4);
        AssertNoFault(ring, TimeSpan.Zero);
        Assert.Contains(ring.Events, events => events.At >= again && events.Event.Kind == RingEventKind.Reconfigured
            && events.Event.Text.Contains("training continues at step"));
        if (between < 1 && leaving == 0)
            // the last view is waited for
            Assert.DoesNotContain(ring.Events, events => events.At >= again && events.Event.Kind == RingEventKind.Joined);
        // What happens then is one again.
        TimeSpan killed = ring.Now;
        ring.Peers[3].Kill();
        ring.UntilWhole(3);
        ring.Peers[3].Start();
        ring.UntilWhole(4);
        foreach (int peer in (int[])[0, 1, 2])
        {
            Assert.StartsWith("p3 was removed from the view",
                Assert.Single(ring.TextsSince(killed, peer, RingEventKind.Removed)));
            Assert.Equal("p3 is a member again", Assert.Single(ring.TextsSince(killed, peer, RingEventKind.Rejoined)));
            Assert.Equal(2, ring.TextsSince(killed, peer, RingEventKind.ViewChanged).Length);
            Assert.Single(ring.TextsSince(killed, peer, RingEventKind.Recovered));
        }
        Assert.Empty(ring.TextsSince(killed, 3, RingEventKind.Recovered)); // it was not what recovered
    }

    [Fact]
    public void Who_has_not_heard_of_the_last_view_is_waited_for()
    {
        var ring = new RingHarness(3);
        ring.StartAllAndRun(10);
        ring.Network.Sent = (int _, int to, in FrameHeader header, ReadOnlySpan<byte> _) =>
        {
            if (to != 2 || header.Kind != FrameKind.Decided || ring.Network.IsCut is not null)
                return;
            ring.Network.IsCut = (_, peer) => peer == 2;
            ring.Loop.Clock.After(TimeSpan.FromSeconds(1), () => ring.Network.IsCut = (_, _) => false);
        };
        foreach (HarnessPeer peer in ring.Peers)
            peer.Member.RequestStop();
        ring.UntilEnded();
        Assert.All(ring.Peers, peer => Assert.Equal(new EndTurn(true, null), peer.Ended));
        Assert.Single(ring.Peers.Select(peer => (peer.Disk.Last, peer.Disk.DigestAfter(peer.Disk.Last))).Distinct());
    }

    [Fact]
    public void Some_that_ask_within_a_second_end_at_one_step_and_the_others_go_on()
    {
        var ring = new RingHarness(5);
        ring.StartAllAndRun(10);
        foreach (int leaver in (int[])[4, 0, 2])
        {
            ring.Peers[leaver].Member.RequestStop();
            ring.Run(0.5);
        }
        long asked = ring.Peers[1].Replica.Step;
        ring.Until(() => ring.Live.Count() == 2, "those who asked end");
        long[] last = [.. ((int[])[0, 2, 4]).Select(leaver => ring.Peers[leaver].Disk.Last).Distinct()];
        Assert.True(Assert.Single(last) > asked, "steps go on while wishes are gathered");
        ring.UntilWhole(2);
        AssertNoFault(ring, TimeSpan.Zero);
    }

    [Fact]
    public void Who_asks_when_the_others_have_left_leaves_by_the_next_view()
    {
        var ring = new RingHarness(3);
        ring.StartAllAndRun(10);
        ring.Peers[2].Member.RequestStop();
        ring.Until(() => ring.Peers[2].Process is null, "it ends");
        ring.Peers[1].Member.RequestStop();
        ring.Until(() => ring.Peers[1].Process is null, "it ends, too");
        Assert.Equal(new EndTurn(true, null), ring.Peers[1].Ended);
        Assert.True(ring.Peers[1].Disk.Last > ring.Peers[2].Disk.Last);
        ring.UntilWhole(1);
    }

    [Property(MaxTest = 40, Replay = FixedCases.Seed)]
    public void Whoever_asks_and_whatever_the_network_does_all_end_in_order(DoNotSize<int> seed)
    {
        var random = new Random(seed.Item);
        int peers = random.Next(2, 6), parameters = random.Next(1, 500), leavers = random.Next(1, peers);
        var ring = new RingHarness(peers, parameters, seed.Item)
        {
            Exchange = (ExchangeKind)random.Next(2),
            Compute = (peer, step) => TimeSpan.FromMilliseconds(100 * Scenario.RandomOf(seed.Item, peer, (int)step).NextDouble()),
        };
        ring.Network.Faults = new NetworkFaults
        {
            Loss = random.Next(2) * 0.1,
            Repeat = 0.1,
            Reorder = true,
            ShortestDelay = TimeSpan.Zero,
            LongestDelay = TimeSpan.FromMilliseconds(random.Next(1, 30)),
        };
        ring.StartAll();
        for (int leaver = 0; leaver < leavers; leaver++)
            Ask(leaver, random.Next(1500, 4000));
        ring.Until(() => Array.TrueForAll(ring.Peers[..leavers], peer => peer.Ended is not null), "those who asked end");
        Assert.All(ring.Peers[..leavers], peer => Assert.True(peer.Ended!.Left));
        ring.UntilWhole(peers - leavers);
        for (int leaver = leavers; leaver < peers; leaver++)
            Ask(leaver, random.Next(1, 200));
        ring.UntilEnded(seconds: 60);
        ring.AssertMajorities();

        void Ask(int peer, int after) =>
            ring.Loop.Clock.After(TimeSpan.FromMilliseconds(after), () => ring.Peers[peer].Member.RequestStop());
    }

    [Fact]
    public void A_peer_that_is_cut_off_at_the_last_step_still_finishes_it()
    {
        // The others have the last step and are done; for eight seconds the peer cannot hear them, and nobody asked it to stop.
        var ring = new RingHarness(3) { LastStep = 12 };
        ring.StartAllAndRun(11);
        ring.Network.IsCut = (_, to) => to == 0;
        ring.Loop.Clock.After(TimeSpan.FromSeconds(8), ring.Heal);
        ring.UntilEnded();
        Assert.All(ring.Peers, peer => Assert.Equal(12, peer.Applied[^1].Step));
        Assert.All(ring.Peers, peer => Assert.Equal(new EndTurn(false, null), peer.Ended));
    }

    [Fact]
    public void One_that_is_cut_off_and_asked_to_leave_ends_after_a_while_and_says_so()
    {
        var ring = new RingHarness(3);
        ring.StartAllAndRun(10);
        ring.Partition(2);
        ring.Run(4);
        TimeSpan asked = ring.Now;
        ring.Peers[2].Member.RequestStop();
        ring.Until(() => ring.Peers[2].Process is null, "it ends");
        Assert.Equal(RingTimings.Default.LeaveTimeout.TotalSeconds, (ring.Now - asked).TotalSeconds, tolerance: 0.3);
        Assert.StartsWith("left after 5 s without confirmation: too few peers were reachable. ",
            ring.Peers[2].Ended!.Note);
        ring.UntilWhole(2);
    }
}
