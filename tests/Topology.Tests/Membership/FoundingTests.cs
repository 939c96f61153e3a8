using DecentralizedLion.Topology.Exchange;
using DecentralizedLion.Topology.Membership;
using DecentralizedLion.Topology.Simulated;

namespace DecentralizedLion.Topology.Tests.Membership;

/// <summary>Who may be in a ring, and what a peer says while it waits for others.</summary>
public sealed class FoundingTests
{
    [Theory]
    [InlineData(0.0)]
    [InlineData(0.3)]
    public void Settings_that_differ_stop_both_sides_with_the_field_and_both_values(double loss)
    {
        var ring = new SimulatedRing(2, 100, seed: 1, change: (peer, options) => options with
        {
            Fingerprint = new Fingerprint([new("run", "test"), new("learningRate", peer == 0 ? "0.001" : "0.003")]),
        });
        ring.Network.Faults = new NetworkFaults { Loss = loss };
        Outcome[] outcomes = ring.ForAll(peer => ring.TrainAsync(peer, 3));
        Assert.Contains("p1 is set up differently: learningRate is 0.001 here and 0.003 there", outcomes[0].Message);
        Assert.Contains("p0 is set up differently: learningRate is 0.003 here and 0.001 there", outcomes[1].Message);
        Assert.Single(ring.Texts(0, RingEventKind.Refused));
        Assert.Single(ring.Texts(1, RingEventKind.Refused));

        // Refusals are not answered for ever.
        RunOn(ring, TimeSpan.FromMinutes(1));
        Assert.InRange(ring.Network.MeshOf(0).Counters.FramesSent, 1, 200);
    }

    [Fact]
    public void A_field_that_only_one_has_is_named_too()
    {
        var ring = new SimulatedRing(2, 100, seed: 1, change: (peer, options) => options with
        {
            Fingerprint = new Fingerprint(peer == 0 ? [new("run", "test")] : [new("run", "test"), new("model.width", "64")]),
        });
        Outcome[] outcomes = ring.ForAll(peer => ring.TrainAsync(peer, 3));
        Assert.Contains("model.width is absent here and 64 there", outcomes[0].Message);
        Assert.Contains("model.width is 64 here and absent there", outcomes[1].Message);
    }

    [Fact]
    public void A_peer_that_is_late_is_named_and_the_ring_founds_itself_when_it_comes()
    {
        var ring = new SimulatedRing(3, 100, seed: 1);
        var late = TimeSpan.FromSeconds(42);
        View[] views = ring.ForAll(async peer =>
        {
            if (peer == 1)
                await Task.Delay(late, ring.Loop.Clock);
            View view = await ring.Members[peer].JoinAsync();
            Assert.InRange(ring.Loop.Clock.Elapsed, late, late + TimeSpan.FromSeconds(1));
            return view;
        });
        Assert.All(views, view => Assert.Equal((1, 1L, 3), (view.Number, view.FirstStep, view.Count)));
        Assert.All(views, view => Assert.All(view.Members, member => Assert.Equal(views[0].SessionOf(member), view.SessionOf(member))));
        string[] told = ring.Texts(0, RingEventKind.Waiting);
        Assert.InRange(told.Length, 7, 8); // every five seconds
        Assert.All(told, text => Assert.Contains("waiting for p1: the whole roster is needed once to start", text));
        Assert.Single(ring.Texts(0, RingEventKind.Founded));
    }

    [Fact]
    public void Several_that_are_away_are_all_named()
    {
        var ring = new SimulatedRing(4, 100, seed: 1);
        Assert.Throws<TimeoutException>(() => ring.Loop.Run(() => ring.Members[2].JoinAsync(), TimeSpan.FromSeconds(20)));
        Assert.All(ring.Texts(2, RingEventKind.Waiting), text => Assert.Contains("waiting for p0, p1, p3:", text));
    }

    [Fact]
    public void A_link_that_works_one_way_only_is_told_as_that()
    {
        var ring = new SimulatedRing(2, 100, seed: 1);
        ring.Network.IsCut = (from, _) => from == 0;
        Assert.Throws<TimeoutException>(() => ring.Loop.Run(
            () => Task.WhenAll(ring.Members[0].JoinAsync(), ring.Members[1].JoinAsync()), TimeSpan.FromSeconds(20)));
        Assert.All(ring.Texts(0, RingEventKind.Waiting), text => Assert.Contains("p1: it is there but does not hear p0", text));
        Assert.All(ring.Texts(1, RingEventKind.Waiting), text => Assert.Contains("waiting for p0: the whole roster", text));
        Assert.NotEmpty(ring.Texts(0, RingEventKind.Waiting));
    }

    [Fact]
    public void A_peer_may_be_started_again_before_the_ring_is_founded()
    {
        var ring = new SimulatedRing(3, 100, seed: 1);
        Outcome[] outcomes = ring.ForAll(async peer =>
        {
            if (peer == 2)
                await Task.Delay(TimeSpan.FromMilliseconds(20_000), ring.Loop.Clock);
            if (peer == 1)
            {
                Task<View> first = ring.Members[1].JoinAsync();
                await Task.Delay(TimeSpan.FromMilliseconds(10_000), ring.Loop.Clock);
                ring.Members[1].Abort();
                await Assert.ThrowsAsync<RingException>(() => first);
                ring.Restart(1);
            }
            return await ring.TrainAsync(peer, 5);
        });
        Assert.All(outcomes, outcome => Assert.Equal(outcomes[0].Committed, outcome.Committed));
        Assert.Equal(5, outcomes[0].Committed.Count);
        Assert.Contains("p1 was started again", ring.Texts(0, RingEventKind.Greeted));
    }

    [Fact]
    public void A_peer_restarted_in_mid_run_is_refused_and_the_ring_says_so()
    {
        var ring = new SimulatedRing(3, 100, seed: 1);
        Task<View>? second = null;
        Outcome[] outcomes = ring.ForAll(peer => ring.TrainAsync(peer, 100, before: async step =>
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), ring.Loop.Clock);
            if (peer != 1 || step != 20)
                return;
            ring.Members[1].Abort();
            ring.Restart(1);
            second = ring.Members[1].JoinAsync();
        }));
        foreach (int peer in (int[])[0, 2])
        {
            Assert.Contains("p1 was restarted while the ring was running", outcomes[peer].Message);
            Assert.InRange(outcomes[peer].Committed.Count, 19, 19);
            Assert.InRange(outcomes[peer].At, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(10));
        }
        Assert.False(second!.IsCompleted);
    }

    [Fact]
    public void A_second_process_of_a_live_peer_changes_nothing_and_learns_why()
    {
        var ring = new SimulatedRing(3, 100, seed: 1);
        var two = new SimulatedRing(3, 100, seed: 2); // its members greet ours from p1's place
        Outcome[] outcomes = ring.ForAll(peer => ring.TrainAsync(peer, 200, before: async step =>
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), ring.Loop.Clock);
            if (peer == 0 && step == 10)
                ring.StartImpostor(1, two);
        }));
        Assert.All(outcomes, outcome => Assert.Equal("left in order", outcome.Message));
        Assert.All(outcomes, outcome => Assert.Equal(200, outcome.Committed.Count));
        Assert.Equal("a second process of p1 was refused; the first is in the ring and goes on",
            Assert.Single(ring.Texts(0, RingEventKind.Refused)));
        Assert.Contains(two.Texts(1, RingEventKind.Waiting), text => text.Contains("p0: it is in a ring with another process of p1"));
    }

    [Fact]
    public void Stopping_before_the_ring_is_founded_ends_the_wait()
    {
        var ring = new SimulatedRing(2, 100, seed: 1);
        Outcome outcome = ring.Loop.Run(async () =>
        {
            Task<Outcome> training = ring.TrainAsync(0, 10);
            await Task.Delay(TimeSpan.FromMilliseconds(1000), ring.Loop.Clock);
            ring.Members[0].RequestStop();
            return await training;
        }, TimeSpan.FromSeconds(10));
        Assert.Equal("stopped before all peers were here", outcome.Message);
        Assert.Equal(TimeSpan.FromSeconds(1), outcome.At);
        long sent = ring.Network.MeshOf(0).Counters.FramesSent;
        RunOn(ring, TimeSpan.FromSeconds(10));
        Assert.Equal(sent, ring.Network.MeshOf(0).Counters.FramesSent);
    }

    [Fact]
    public void Voting_before_joining_is_a_mistake_of_the_caller()
    {
        var ring = new SimulatedRing(2, 100, seed: 1);
        Assert.Throws<InvalidOperationException>(() => ring.Loop.Run(() => ring.VoteAsync(0, 1), TimeSpan.FromSeconds(1)));
    }

    static void RunOn(SimulatedRing ring, TimeSpan time) => ring.Loop.Run(async () =>
    {
        await Task.Delay(time, ring.Loop.Clock);
        return 0;
    }, ring.Loop.Clock.Elapsed + time + time);
}
