using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Topology.Configuration;
using DecentralizedLion.Topology.Membership;
using DecentralizedLion.Topology.Node;
using DecentralizedLion.Topology.Simulation.World;
using DecentralizedLion.Topology.Tests.ViewChanges;
using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Topology.Tests.Membership;

/// <summary>Peer 0's judgement of who is there, and of what the next view should be.</summary>
public sealed class FailureDetectorTests
{
    const int Peers = 5;

    readonly VirtualClock clock = new();
    readonly RemotePeer[] peers;
    readonly Acceptor acceptor;
    readonly MemberState state;
    readonly FailureDetector failureDetector;
    readonly ViewPlanner planner;

    public FailureDetectorTests()
    {
        peers = [.. Enumerable.Range(0, Peers).Select(_ => new RemotePeer(clock))];
        var options = new RingOptions
        {
            PeerIds = [.. Enumerable.Range(0, Peers).Select(peer => $"p{peer}")],
            SelfIndex = 0,
            Session = 10,
            Fingerprint = new Fingerprint([new("run", "test")]),
            ParameterCount = 100,
            RatesOf = RingHarness.Rates,
        };
        var store = new MemoryViewStore { Bytes = new AcceptorState(100, ViewOf(0, 1, 2, 3), 0, 0, null).Encode() };
        acceptor = new Acceptor(0, Peers, store, () => 100);
        state = new MemberState(acceptor) { IsActive = true };
        failureDetector = new FailureDetector(options, peers, clock);
        planner = new ViewPlanner(options, state, failureDetector, peers, clock);
        for (int peer = 1; peer < Peers; peer++)
            peers[peer].OnHello(10 + (ulong)peer, HelloOf(peer));
        Beat();
    }

    [Fact]
    public void Where_all_are_well_nothing_is_to_change()
    {
        Assert.False(planner.IsChangeNeeded);
        Assert.Equal(PeerSet.First(5), failureDetector.Reachable);
        Assert.Equal(PeerSet.First(4), planner.ReachableAcceptors);
        Assert.Equal([0, 1, 2, 3], planner.ProposeNext()!.Members);
    }

    [Fact]
    public void Who_was_stopped_itself_hears_the_others_first()
    {
        Assert.False(failureDetector.IsJustResumed);
        failureDetector.ResetSilenceAfterClockGap();
        Pass(TimeSpan.FromSeconds(3));
        failureDetector.ResetSilenceAfterClockGap();
        Assert.True(failureDetector.IsJustResumed);
        Beat();
        for (int tick = 0; tick < 10; tick++)
        {
            Pass(RingTimings.Default.TickInterval);
            failureDetector.ResetSilenceAfterClockGap();
        }
        Assert.False(failureDetector.IsJustResumed);
    }

    [Fact]
    public void Who_is_silent_is_left_out_and_whoever_speaks_again_is_not()
    {
        Silence(2);
        Assert.True(planner.IsChangeNeeded);
        Assert.Equal([0, 1, 3], planner.ProposeNext(7)!.Members);
        Assert.Equal(7, planner.ProposeNext(7)!.Number);
        Assert.Equal(PeerSet.Of(0, 1, 3), planner.ReachableAcceptors);
        Beat();
        Assert.Equal([0, 1, 2, 3], planner.ProposeNext()!.Members);
    }

    [Fact]
    public void Who_is_silent_here_and_heard_by_another_is_gone_round_not_left_out()
    {
        Silence(1, heardByOthers: true);
        Assert.False(failureDetector.AreConnected(0, 1));
        Assert.True(failureDetector.AreConnected(1, 2));
        Assert.True(planner.IsChangeNeeded);
        Assert.Equal([0, 2, 1, 3], planner.ProposeNext()!.Members);
        Assert.Equal(11UL, planner.ProposeNext()!.SessionOf(1));
    }

    [Fact]
    public void A_broken_link_between_two_others_changes_the_order_only()
    {
        peers[1].OnHeartbeat(NewHeartbeat(hears: PeerSet.Of(0, 1, 3, 4)));
        Assert.False(failureDetector.AreConnected(1, 2));
        Assert.True(planner.IsChangeNeeded);
        Assert.Equal([0, 1, 3, 2], planner.ProposeNext()!.Members);
        acceptor.Install(new View(2, [0, 1, 3, 2], [10, 11, 13, 12], 5, [100, 101, 103, 102]));
        Beat(view: 2);
        peers[1].OnHeartbeat(NewHeartbeat(view: 2, hears: PeerSet.Of(0, 1, 3, 4)));
        Assert.False(planner.IsChangeNeeded); // it is gone round already
        Beat(view: 2);
        Assert.False(planner.IsChangeNeeded); // a link that works again is no reason
    }

    [Fact]
    public void A_peer_that_was_started_again_is_another()
    {
        peers[2].OnHello(99, HelloOf(2));
        peers[2].OnHeartbeat(NewHeartbeat());
        Assert.True(planner.IsChangeNeeded);
        Assert.Equal([0, 1, 3], planner.ProposeNext()!.Members);
        Assert.Equal(PeerSet.First(4), planner.ReachableAcceptors); // its disk is the same: it has a vote
        peers[2].OnHeartbeat(NewHeartbeat(flags: HeartbeatFlags.CaughtUp));
        Assert.Equal([0, 1, 2, 3], planner.ProposeNext()!.Members);
        Assert.Equal(99UL, planner.ProposeNext()!.SessionOf(2));
    }

    [Fact]
    public void A_lost_disk_has_no_vote()
    {
        peers[2].OnHello(99, HelloOf(2) with { DiskId = 555 });
        peers[2].OnHeartbeat(NewHeartbeat(flags: HeartbeatFlags.CaughtUp));
        Assert.Equal(PeerSet.Of(0, 1, 3), planner.ReachableAcceptors);
        Assert.Equal(PeerSet.Of(2), planner.PeersWithLostDisk);
        Assert.Equal(555UL, planner.ProposeNext()!.DiskIdOf(2));
    }

    [Theory]
    [InlineData(HeartbeatFlags.CaughtUp, 1, true, true)]
    [InlineData(HeartbeatFlags.None, 1, true, false)] // it has not all there is
    [InlineData(HeartbeatFlags.CaughtUp, 0, true, false)] // it does not know the present view
    [InlineData(HeartbeatFlags.CaughtUp, 1, false, false)] // it does not hear us
    internal void A_newcomer_is_taken_in_when_it_is_ready(HeartbeatFlags flags, int view, bool hearsUs, bool taken)
    {
        peers[4].OnHeartbeat(NewHeartbeat(flags, view, hearsUs ? PeerSet.First(5) : PeerSet.Of(1, 2, 3, 4)));
        Assert.Equal(taken, planner.IsChangeNeeded);
        Assert.Equal(taken, planner.ProposeNext()!.MemberSet.Contains(4));
    }

    [Fact]
    public void Who_was_removed_from_the_view_again_and_again_waits_longer_and_longer()
    {
        View with = ViewOf(0, 1, 2, 3, 4), without = ViewOf(0, 1, 2, 3);
        var waits = new List<double>();
        for (int i = 0; i < 5; i++)
        {
            planner.OnViewInstalled(with, without);
            TimeSpan start = clock.Elapsed;
            while (planner.ProposeNext()!.MemberSet.Contains(4) is false)
            {
                Pass(TimeSpan.FromMilliseconds(50));
                Beat();
                peers[4].OnHeartbeat(NewHeartbeat(HeartbeatFlags.CaughtUp));
                Assert.True(clock.Elapsed - start < TimeSpan.FromMinutes(1));
            }
            waits.Add((clock.Elapsed - start).TotalSeconds);
        }
        Assert.Equal(0, waits[0], 0.1); // once is nothing
        Assert.Equal(0.25, waits[1], 0.06);
        Assert.Equal(0.5, waits[2], 0.06);
        Assert.Equal(1, waits[3], 0.06);
        Assert.Equal(2, waits[4], 0.06);
    }

    [Fact]
    public void Who_leaves_is_left_out_and_when_all_leave_the_view_is_closed()
    {
        AskToLeave(3);
        Pass(RingTimings.Default.LeaveGatherTime);
        BeatLeaving(3);
        Assert.True(planner.IsChangeNeeded);
        Assert.Equal([0, 1, 2], planner.ProposeNext()!.Members);
        Assert.False(planner.ProposeNext()!.IsFinal);
        AskToLeave(0, 1, 2);
        Assert.True(planner.ProposeNext()!.IsFinal);
        Assert.Equal([0, 1, 2, 3], planner.ProposeNext()!.Members);
    }

    [Fact]
    public void Who_asks_to_leave_stays_until_nobody_has_asked_for_a_while()
    {
        TimeSpan gather = RingTimings.Default.LeaveGatherTime;
        AskToLeave(3);
        Assert.False(planner.IsChangeNeeded);
        Assert.Equal([0, 1, 2, 3], planner.ProposeNext()!.Members);
        Pass(0.9 * gather);
        AskToLeave(2);
        BeatLeaving(2, 3);
        Pass(0.9 * gather);
        BeatLeaving(2, 3);
        Assert.False(planner.IsChangeNeeded);
        Pass(0.1 * gather);
        BeatLeaving(2, 3);
        Assert.True(planner.IsChangeNeeded);
        Assert.Equal([0, 1], planner.ProposeNext()!.Members);
    }

    [Fact]
    public void Who_asks_to_leave_does_not_wait_for_ever_for_others_that_ask_one_by_one()
    {
        TimeSpan gather = RingTimings.Default.LeaveGatherTime;
        AskToLeave(3);
        foreach (int next in (int[])[2, 1])
        {
            Pass(0.9 * gather);
            AskToLeave(next);
            BeatLeaving([.. Enumerable.Range(next, 4 - next)]);
        }
        Assert.False(planner.IsChangeNeeded);
        Pass(0.3 * gather);
        BeatLeaving(1, 2, 3);
        Assert.Equal([0], planner.ProposeNext()!.Members);
    }

    [Fact]
    public void Who_asks_to_leave_stays_when_the_view_changes_for_another_reason()
    {
        Silence(2);
        AskToLeave(3);
        Assert.True(planner.IsChangeNeeded);
        Assert.Equal([0, 1, 3], planner.ProposeNext()!.Members);
    }

    [Fact]
    public void Those_who_leave_do_not_close_the_ring_over_one_that_stays()
    {
        AskToLeave(0, 1, 2);
        Pass(RingTimings.Default.LeaveGatherTime);
        BeatLeaving(1, 2);
        Assert.Equal([3], planner.ProposeNext()!.Members);
        Assert.Null(planner.ProposeNext(2, PeerSet.Of(3))); // it is only slow to fetch what it lacks
        peers[3].OnHeartbeat(NewHeartbeat(HeartbeatFlags.Active | HeartbeatFlags.Leaving));
        Assert.True(planner.ProposeNext(2, PeerSet.Of(3)) is { IsFinal: true, Count: 3 });
    }

    [Fact]
    public void Who_did_not_catch_up_in_time_is_left_out() =>
        Assert.Equal([0, 2, 3], planner.ProposeNext(2, PeerSet.Of(1))!.Members);

    [Fact]
    public void A_member_that_has_promised_a_later_view_does_nothing_more_in_this_one()
    {
        peers[1].OnHeartbeat(NewHeartbeat(HeartbeatFlags.Active | HeartbeatFlags.InViewChange));
        Assert.True(planner.IsChangeNeeded);
        Beat();
        Assert.False(planner.IsChangeNeeded);
        acceptor.Promise(256);
        Assert.True(planner.IsChangeNeeded);
    }

    [Fact]
    public void A_run_begins_when_all_hear_each_other()
    {
        acceptor.Install(View.BeforeBootstrap(Peers));
        Beat(view: 0, HeartbeatFlags.None);
        Assert.True(planner.IsChangeNeeded);
        Assert.Equal([0, 1, 2, 3, 4], planner.ProposeNext(1)!.Members);
        peers[3].OnHeartbeat(NewHeartbeat(HeartbeatFlags.None, 0, PeerSet.Of(1, 2, 3, 4)));
        Assert.False(planner.IsChangeNeeded);
        Beat(view: 0, HeartbeatFlags.None);
        peers[3].OnHeartbeat(NewHeartbeat(HeartbeatFlags.None, view: 1)); // it knows a run
        Assert.False(planner.IsChangeNeeded);
    }

    void AskToLeave(params int[] leaving)
    {
        foreach (int peer in leaving)
        {
            if (peer == 0)
                state.LeaveAskedAt = clock.GetTimestamp();
            else
                peers[peer].OnHeartbeat(NewHeartbeat(HeartbeatFlags.Active | HeartbeatFlags.Leaving));
        }
    }

    /// <summary>All are heard, and some of them still say that they want to leave.</summary>
    void BeatLeaving(params int[] leaving)
    {
        for (int peer = 1; peer < Peers; peer++)
        {
            peers[peer].MarkHeard();
            HeartbeatFlags flags = peer < 4 ? HeartbeatFlags.Active : HeartbeatFlags.None;
            peers[peer].OnHeartbeat(NewHeartbeat(leaving.Contains(peer) ? flags | HeartbeatFlags.Leaving : flags));
        }
    }

    void Silence(int silent, bool heardByOthers = false)
    {
        Pass(RingTimings.Default.SuspicionTimeout + TimeSpan.FromMilliseconds(1));
        for (int peer = 1; peer < Peers; peer++)
        {
            if (peer == silent)
                continue;
            peers[peer].MarkHeard();
            peers[peer].OnHeartbeat(NewHeartbeat(hears: heardByOthers
                ? default(PeerSet?) : PeerSet.First(Peers).Except(PeerSet.Of(silent))));
        }
    }

    void Beat(int view = 1, HeartbeatFlags flags = HeartbeatFlags.Active)
    {
        for (int peer = 1; peer < Peers; peer++)
        {
            peers[peer].MarkHeard();
            peers[peer].OnHeartbeat(NewHeartbeat(peer < 4 ? flags : HeartbeatFlags.None, view));
        }
    }

    void Pass(TimeSpan time)
    {
        clock.After(time, () => { });
        clock.RunNext();
    }

    static Heartbeat NewHeartbeat(HeartbeatFlags flags = HeartbeatFlags.Active, int view = 1, PeerSet? hears = null) =>
        new(view, 4, 4, flags, hears ?? PeerSet.First(Peers));

    static Hello HelloOf(int peer) => new(10, false, 100 + (ulong)peer, 0, default, []);

    static View ViewOf(params int[] members) =>
        new(1, members, [.. members.Select(member => 10 + (ulong)member)], 5, [.. members.Select(member => 100 + (ulong)member)]);
}
