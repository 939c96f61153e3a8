using DecentralizedLion.Codecs;
using DecentralizedLion.Topology.Membership;
using DecentralizedLion.Topology.Simulated;
using DecentralizedLion.Topology.Tests.Views;
using DecentralizedLion.Topology.Views;

namespace DecentralizedLion.Topology.Tests.Membership;

/// <summary>Peer 0's judgement of who is there, and of what the next view should be.</summary>
public sealed class CensusTests
{
    const int Peers = 5;

    readonly VirtualClock clock = new();
    readonly Acquaintance[] peers;
    readonly Acceptor acceptor;
    readonly Census census;

    public CensusTests()
    {
        peers = [.. Enumerable.Range(0, Peers).Select(_ => new Acquaintance(clock))];
        var options = new MemberOptions
        {
            Names = [.. Enumerable.Range(0, Peers).Select(peer => $"p{peer}")],
            Self = 0,
            Session = 10,
            Fingerprint = new Fingerprint([new("run", "test")]),
            Parameters = 100,
            Rates = RingRig.Rates,
        };
        var store = new MemoryViewStore { Bytes = new AcceptorState(100, ViewOf(0, 1, 2, 3), 0, 0, null).Encode() };
        acceptor = new Acceptor(0, Peers, store, () => 100);
        census = new Census(options, acceptor, peers, clock) { IsActive = true };
        for (int peer = 1; peer < Peers; peer++)
            peers[peer].Meet(10 + (ulong)peer, HelloOf(peer));
        Beat();
    }

    [Fact]
    public void Where_all_are_well_nothing_is_to_change()
    {
        Assert.False(census.ChangeIsNeeded);
        Assert.Equal(VoterSet.First(5), census.Hears);
        Assert.Equal(VoterSet.First(4), census.Voters);
        Assert.Equal([0, 1, 2, 3], census.Next()!.Members);
    }

    [Fact]
    public void Who_is_silent_is_left_out_and_whoever_speaks_again_is_not()
    {
        Silence(2);
        Assert.True(census.ChangeIsNeeded);
        Assert.Equal([0, 1, 3], census.Next(7)!.Members);
        Assert.Equal(7, census.Next(7)!.Number);
        Assert.Equal(VoterSet.Of(0, 1, 3), census.Voters);
        Beat();
        Assert.Equal([0, 1, 2, 3], census.Next()!.Members);
    }

    [Fact]
    public void Who_is_silent_here_and_heard_by_another_is_gone_round_not_left_out()
    {
        Silence(1, heardByOthers: true);
        Assert.False(census.Linked(0, 1));
        Assert.True(census.Linked(1, 2));
        Assert.True(census.ChangeIsNeeded);
        Assert.Equal([0, 2, 1, 3], census.Next()!.Members);
        Assert.Equal(11UL, census.Next()!.SessionOf(1));
    }

    [Fact]
    public void A_broken_link_between_two_others_changes_the_order_only()
    {
        peers[1].Say(StatusOf(hears: VoterSet.Of(0, 1, 3, 4)));
        Assert.False(census.Linked(1, 2));
        Assert.True(census.ChangeIsNeeded);
        Assert.Equal([0, 1, 3, 2], census.Next()!.Members);
        acceptor.Install(new View(2, [0, 1, 3, 2], [10, 11, 13, 12], 5, [100, 101, 103, 102]));
        Beat(view: 2);
        peers[1].Say(StatusOf(view: 2, hears: VoterSet.Of(0, 1, 3, 4)));
        Assert.False(census.ChangeIsNeeded); // it is gone round already
        Beat(view: 2);
        Assert.False(census.ChangeIsNeeded); // a link that works again is no reason
    }

    [Fact]
    public void A_peer_that_was_started_again_is_another()
    {
        peers[2].Meet(99, HelloOf(2));
        peers[2].Say(StatusOf());
        Assert.True(census.ChangeIsNeeded);
        Assert.Equal([0, 1, 3], census.Next()!.Members);
        Assert.Equal(VoterSet.First(4), census.Voters); // its disk is the same: it has a vote
        peers[2].Say(StatusOf(flags: StatusFlags.CaughtUp));
        Assert.Equal([0, 1, 2, 3], census.Next()!.Members);
        Assert.Equal(99UL, census.Next()!.SessionOf(2));
    }

    [Fact]
    public void A_lost_disk_has_no_vote()
    {
        peers[2].Meet(99, HelloOf(2) with { Incarnation = 555 });
        peers[2].Say(StatusOf(flags: StatusFlags.CaughtUp));
        Assert.Equal(VoterSet.Of(0, 1, 3), census.Voters);
        Assert.Equal(VoterSet.Of(2), census.Wiped);
        Assert.Equal(555UL, census.Next()!.IncarnationOf(2));
    }

    [Theory]
    [InlineData(StatusFlags.CaughtUp, 1, true, true)]
    [InlineData(StatusFlags.None, 1, true, false)] // it has not all there is
    [InlineData(StatusFlags.CaughtUp, 0, true, false)] // it does not know the present view
    [InlineData(StatusFlags.CaughtUp, 1, false, false)] // it does not hear us
    internal void A_newcomer_is_taken_in_when_it_is_ready(StatusFlags flags, int view, bool hearsUs, bool taken)
    {
        peers[4].Say(StatusOf(flags, view, hearsUs ? VoterSet.First(5) : VoterSet.Of(1, 2, 3, 4)));
        Assert.Equal(taken, census.ChangeIsNeeded);
        Assert.Equal(taken, census.Next()!.Set.Contains(4));
    }

    [Fact]
    public void Who_was_voted_out_again_and_again_waits_longer_and_longer()
    {
        View with = ViewOf(0, 1, 2, 3, 4), without = ViewOf(0, 1, 2, 3);
        var waits = new List<double>();
        for (int i = 0; i < 5; i++)
        {
            census.Changed(with, without);
            TimeSpan start = clock.Elapsed;
            while (census.Next()!.Set.Contains(4) is false)
            {
                Pass(TimeSpan.FromMilliseconds(50));
                Beat();
                peers[4].Say(StatusOf(StatusFlags.CaughtUp));
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
        peers[3].Say(StatusOf(StatusFlags.Active | StatusFlags.Leaving));
        Assert.True(census.ChangeIsNeeded);
        Assert.Equal([0, 1, 2], census.Next()!.Members);
        Assert.False(census.Next()!.Closed);
        census.IsLeaving = true;
        foreach (int peer in (int[])[1, 2])
            peers[peer].Say(StatusOf(StatusFlags.Active | StatusFlags.Leaving));
        Assert.True(census.Next()!.Closed);
        Assert.Equal([0, 1, 2, 3], census.Next()!.Members);
    }

    [Fact]
    public void Those_who_leave_do_not_close_the_ring_over_one_that_stays()
    {
        census.IsLeaving = true;
        foreach (int peer in (int[])[1, 2])
            peers[peer].Say(StatusOf(StatusFlags.Active | StatusFlags.Leaving));
        Assert.Equal([3], census.Next()!.Members);
        Assert.Null(census.Next(2, VoterSet.Of(3))); // it is only slow to fetch what it lacks
        peers[3].Say(StatusOf(StatusFlags.Active | StatusFlags.Leaving));
        Assert.True(census.Next(2, VoterSet.Of(3)) is { Closed: true, Count: 3 });
    }

    [Fact]
    public void Who_did_not_catch_up_in_time_is_left_out() => Assert.Equal([0, 2, 3], census.Next(2, VoterSet.Of(1))!.Members);

    [Fact]
    public void A_member_that_has_promised_a_later_view_does_nothing_more_in_this_one()
    {
        peers[1].Say(StatusOf(StatusFlags.Active | StatusFlags.Frozen));
        Assert.True(census.ChangeIsNeeded);
        Beat();
        Assert.False(census.ChangeIsNeeded);
        acceptor.Promise(256);
        Assert.True(census.ChangeIsNeeded);
    }

    [Fact]
    public void A_run_is_founded_when_all_hear_each_other()
    {
        acceptor.Install(View.BeforeFounding(Peers));
        Beat(view: 0, StatusFlags.None);
        Assert.True(census.ChangeIsNeeded);
        Assert.Equal([0, 1, 2, 3, 4], census.Next(1)!.Members);
        peers[3].Say(StatusOf(StatusFlags.None, 0, VoterSet.Of(1, 2, 3, 4)));
        Assert.False(census.ChangeIsNeeded);
        Beat(view: 0, StatusFlags.None);
        peers[3].Say(StatusOf(StatusFlags.None, view: 1)); // it knows a run
        Assert.False(census.ChangeIsNeeded);
    }

    void Silence(int silent, bool heardByOthers = false)
    {
        Pass(RingTimings.Default.SuspectAfter + TimeSpan.FromMilliseconds(1));
        for (int peer = 1; peer < Peers; peer++)
        {
            if (peer == silent)
                continue;
            peers[peer].Hear();
            peers[peer].Say(StatusOf(hears: heardByOthers ? default(VoterSet?) : VoterSet.First(Peers).Except(VoterSet.Of(silent))));
        }
    }

    void Beat(int view = 1, StatusFlags flags = StatusFlags.Active)
    {
        for (int peer = 1; peer < Peers; peer++)
        {
            peers[peer].Hear();
            peers[peer].Say(StatusOf(peer < 4 ? flags : StatusFlags.None, view));
        }
    }

    void Pass(TimeSpan time)
    {
        clock.After(time, () => { });
        clock.RunNext();
    }

    static PeerStatus StatusOf(StatusFlags flags = StatusFlags.Active, int view = 1, VoterSet? hears = null) =>
        new(view, 4, 4, flags, hears ?? VoterSet.First(Peers));

    static Hello HelloOf(int peer) => new(10, false, 100 + (ulong)peer, 0, default, []);

    static View ViewOf(params int[] members) =>
        new(1, members, [.. members.Select(member => 10 + (ulong)member)], 5, [.. members.Select(member => 100 + (ulong)member)]);
}
