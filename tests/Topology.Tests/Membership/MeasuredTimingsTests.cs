using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Topology.Configuration;
using DecentralizedLion.Topology.Membership;
using DecentralizedLion.Topology.Simulation.World;

namespace DecentralizedLion.Topology.Tests.Membership;

/// <summary>Tests of the timeouts that follow measured round trips.</summary>
public sealed class MeasuredTimingsTests
{
    readonly VirtualClock clock = new();
    readonly RemotePeer[] peers;
    readonly MeasuredTimings timings;

    public MeasuredTimingsTests()
    {
        peers = [.. Enumerable.Range(0, 3).Select(_ => new RemotePeer(clock))];
        timings = new MeasuredTimings(RingTimings.Default, peers);
        for (int peer = 1; peer < peers.Length; peer++)
        {
            peers[peer].OnHello(10 + (ulong)peer, new Hello(0, false, 100, 0, default, [new FingerprintField("run", "test")]));
            peers[peer].HasHeardUs = true;
        }
    }

    [Fact]
    public void Where_nothing_is_measured_and_on_quick_links_the_settings_hold()
    {
        AssertFloors();
        Beat(1, 1);
        Beat(2, 20);
        AssertFloors();
    }

    [Fact]
    public void Over_a_long_link_everything_waits_for_its_answers()
    {
        Beat(1, 1);
        Beat(2, 600);
        Assert.InRange(timings.AnswerTime, TimeSpan.FromMilliseconds(600), TimeSpan.FromMilliseconds(700));
        Assert.Equal(3 * timings.AnswerTime, timings.ProposeTimeout);
        Assert.Equal(timings.AnswerTime, timings.ProposeInterval);
        Assert.Equal(timings.AnswerTime, timings.ResendDelay);
        Assert.Equal(timings.AnswerTime, timings.ResendPause(0));
        Assert.Equal(RingTimings.Default.ResendDelayMax, timings.ResendPause(5));
        Assert.True(timings.SuspicionTimeoutOf(peers[2]) > RingTimings.Default.SuspicionTimeout);
        Assert.Equal(RingTimings.Default.SuspicionTimeout, timings.SuspicionTimeoutOf(peers[1]));
        Assert.Equal(timings.SuspicionTimeoutOf(peers[2]), timings.SuspicionTimeout);
        Assert.Equal(12 * timings.AnswerTime, timings.LeaveTimeout);
    }

    [Fact]
    public void Nobody_waits_for_the_answers_of_a_peer_that_is_gone()
    {
        Beat(2, 600);
        peers[2].IsDisconnected = true;
        Assert.Equal(TimeSpan.Zero, timings.AnswerTime);
        peers[2].MarkHeard();
        Assert.True(timings.AnswerTime > TimeSpan.Zero);
        Pass(20_000);
        Assert.Equal(TimeSpan.Zero, timings.AnswerTime);
    }

    void AssertFloors()
    {
        Assert.Equal(RingTimings.Default.ProposeTimeout, timings.ProposeTimeout);
        Assert.Equal(TimeSpan.Zero, timings.ProposeInterval);
        Assert.Equal(RingTimings.Default.ResendDelay, timings.ResendDelay);
        Assert.Null(timings.ResendPause(0));
        Assert.Equal(RingTimings.Default.SuspicionTimeout, timings.SuspicionTimeout);
        Assert.Equal(RingTimings.Default.LeaveTimeout, timings.LeaveTimeout);
        Assert.Equal(TimeSpan.FromSeconds(1), timings.CaughtUpFor);
    }

    /// <summary>Lets heartbeats go to a peer and come back.</summary>
    void Beat(int peer, int roundTrip)
    {
        for (int i = 0; i < 20; i++)
        {
            RoundTripStamp sent = peers[peer].NextStamp();
            Pass(roundTrip);
            peers[peer].MarkHeard();
            peers[peer].OnHeartbeat(new Heartbeat(1, 0, 0, HeartbeatFlags.Active, PeerSet.First(3))
            {
                Stamp = new RoundTripStamp(1, sent.SentAt, 0),
            });
        }
    }

    void Pass(int milliseconds)
    {
        clock.After(TimeSpan.FromMilliseconds(milliseconds), () => { });
        clock.RunNext();
    }
}
