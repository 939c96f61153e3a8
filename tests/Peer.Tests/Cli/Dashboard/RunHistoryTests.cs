using DecentralizedLion.Peer.Cli.Dashboard.History;
using DecentralizedLion.Peer.Metrics;
using static DecentralizedLion.Peer.Tests.Cli.Dashboard.MetricsWriter;

namespace DecentralizedLion.Peer.Tests.Cli.Dashboard;

public sealed class RunHistoryTests : IDisposable
{
    readonly TemporaryFolder folder = new();
    readonly RunHistory history;

    public RunHistoryTests() => history = new RunHistory(new RunDescription("run", null, [], folder.File("run")));

    public void Dispose() => folder.Dispose();

    string FileOf(string peer) => folder.File($"run/{peer}/{MetricsFolder.FileName}");

    void Tell(string peer, params IEnumerable<PeerEvent> events) => Append(FileOf(peer), events);

    RingState Latest()
    {
        history.Discover();
        while (history.Read())
            continue;
        return history.Latest();
    }

    static (ConditionKind, string) Of(RingState state, string peer) =>
        state.Peers.Where(p => p.Id == peer).Select(p => (p.Kind, p.State)).Single();

    /// <summary>A ring of three begins, with a view's order that is not the ids' one.</summary>
    void Begin(long steps)
    {
        foreach (var peer in (string[])["a", "b", "c"])
            Tell(peer, [Ring("founded", null, "view 1: b → a → c take part; the first step here is 1", 0, 0), Start(peer),
                .. Enumerable.Range(1, (int)steps).Select(step => Step(step))]);
    }

    [Fact]
    public void Nothing_told_is_a_ring_that_starts()
    {
        var state = Latest();
        Assert.Equal(("starting", 0), (state.Status, state.Step));
        Assert.Empty(state.Peers);
    }

    [Fact]
    public void The_ring_is_as_the_files_say()
    {
        Begin(10);
        var state = Latest();
        Assert.Equal(("running", 10, "1", 2, 3), (state.Status, state.Step, state.View, state.Quorum, state.Voters));
        Assert.Equal(["b", "a", "c"], state.Members);
        Assert.Equal(LossOf(10), state.Loss);
        Assert.Equal(128.0 / 3, state.Fp32Bits);
        Assert.All(state.Peers, p =>
            Assert.Equal((ConditionKind.Votes, "votes", 10L, true), (p.Kind, p.State, p.Step, p.IsSameDigest)));
        Assert.Equal(DigestOf(10)[..16], state.Digest);
        Assert.Empty(state.Alerts);
    }

    /// <summary>The life of c: killed, silent, removed from the view, back, and a member again.</summary>
    [Fact]
    public void A_peer_that_is_killed_and_comes_back_is_shown_at_every_moment()
    {
        Begin(10);
        foreach (var peer in (string[])["a", "b"])
            Tell(peer, Ring("suspected", "c", "c is silent", 10, 1));
        Assert.Equal((ConditionKind.Trouble, "silent"), Of(Latest(), "c"));

        foreach (var peer in (string[])["a", "b"])
            Tell(peer, Ring("removed", "c", "c was removed from the view", 10, 2),
                Ring("view-changed", null, "view 2: members are now b → a; training continues at step 11", 10, 2, 0.3),
                Step(11, away: "c", view: 2), Step(12, away: "c", view: 2));
        var without = Latest();
        Assert.Equal((ConditionKind.Away, "away"), Of(without, "c"));
        Assert.Equal(["b", "a"], without.Members);
        Assert.Equal("2", without.View);
        Assert.Equal("removed from the view after step 10", without.Peers.Single(p => p.Id == "c").Text);
        Assert.Contains(without.Alerts,
            a => a.Peer == "c" && a.Title.Contains("not in the ring") && a.Advice!.Contains("Start"));

        Tell("c", Ring("fetched", "a", "fetches 2 records", 10, 3));
        Assert.Equal((ConditionKind.Busy, "fetching"), Of(Latest(), "c"));
        Tell("c", Ring("fetched", "a", "all steps up to 12 are here", 12, 4, 0.1), Start("c", 12));
        Assert.Equal((ConditionKind.Busy, "starting"), Of(Latest(), "c"));
        foreach (var peer in (string[])["a", "b", "c"])
            Tell(peer, Ring("admitted", "c", "c is a member again", 12, 5), Step(13, view: 3));
        var again = Latest();
        Assert.Equal((ConditionKind.Votes, "votes"), Of(again, "c"));
        Assert.Empty(again.Alerts);

        var past = history.At(11);
        Assert.Equal((11, "2", false), (past.Step, past.View, past.IsLatest));
        Assert.Equal((ConditionKind.Away, "away"), Of(past, "c"));
        Assert.Equal((ConditionKind.Votes, "votes"), Of(past, "a"));
        Assert.Equal(["b", "a", "c"], history.At(5).Members);
    }

    [Fact]
    public void Who_abstains_says_why_and_who_does_so_often_is_pointed_out()
    {
        foreach (var peer in (string[])["a", "b"])
            Tell(peer, [Start(peer), .. Enumerable.Range(1, 40)
                .Select(step => Step(step, step % 2 == 0 ? "b" : "", why: peer == "b" && step % 2 == 0 ? "evaluating" : null))]);
        var state = Latest();
        Assert.Equal((ConditionKind.Abstains, "evaluating"), Of(state, "b"));
        Assert.Contains(state.Alerts, a => a.Peer == "b" && a.Title.Contains("50.0 % of the last 40 steps"));
        Assert.Equal((ConditionKind.Abstains, "evaluating"), Of(history.At(20), "b"));
        Assert.Equal((ConditionKind.Votes, "votes"), Of(history.At(21), "b"));
    }

    [Fact]
    public void A_digest_that_differs_is_serious()
    {
        Begin(10);
        Tell("a", Step(11));
        Tell("b", Step(11));
        Tell("c", Step(11) with { Digest = DigestOf(5) });
        foreach (var state in (RingState[])[Latest(), history.At(11)])
        {
            Assert.False(state.Peers.Single(p => p.Id == "c").IsSameDigest);
            Assert.Contains(state.Alerts, a => a is { Severity: Severity.Serious, Peer: "c" });
        }
    }

    [Fact]
    public void A_pause_is_told_with_what_to_do()
    {
        Begin(3);
        foreach (var peer in (string[])["a", "b", "c"])
            Tell(peer, Ring("paused", null, "paused: 1 of 3 peers reachable, 2 needed", 3, 9));
        var state = Latest();
        Assert.Equal("paused", state.Status);
        Assert.Contains(state.Alerts, a => a.Severity == Severity.Serious && a.Title.StartsWith("paused: 1 of 3"));
        foreach (var peer in (string[])["a", "b", "c"])
            Tell(peer, Ring("resumed", null, "3 of 3 peers reachable again", 3, 12), Step(4));
        Assert.Equal("running", Latest().Status);
    }

    [Fact]
    public void Who_has_ended_is_said_and_a_new_process_begins_again()
    {
        Begin(5);
        foreach (var peer in (string[])["a", "b", "c"])
            Tell(peer, new Ended(5, Ended.Left, DigestOf(5), 1));
        Assert.Equal("left", Latest().Status);
        Assert.All(Latest().Peers, p => Assert.Equal((ConditionKind.Ended, "left"), (p.Kind, p.State)));
        Tell("a", Start("a", 5), Step(6, away: "b c"));
        Assert.Equal("running", Latest().Status);
        Assert.Equal((ConditionKind.Ended, "left"), Of(Latest(), "b"));
    }

    [Fact]
    public void Every_step_of_a_long_run_can_be_looked_at()
    {
        Tell("a", [Start("a"), .. Enumerable.Range(1, 5000).Select(step => Step(step, step % 7 == 0 ? "b" : ""))]);
        Latest();
        foreach (var step in (int[])[1, 2, 511, 513, 1024, 1025, 2800, 4999])
        {
            var state = history.At(step);
            Assert.Equal((step, LossOf(step), DigestOf(step)[..16]), (state.Step, state.Loss, state.Digest));
            Assert.Equal(step % 7 == 0 ? ConditionKind.Abstains : ConditionKind.Votes, Of(state, "b").Item1);
            Assert.Equal(0.001 * step, state.Peers.Single(p => p.Id == "a").Compute);
        }
    }

    [Fact]
    public void A_run_that_is_begun_anew_replaces_the_old_one()
    {
        Begin(20);
        Assert.Equal(20, Latest().Step);
        foreach (var peer in (string[])["a", "b", "c"])
        {
            File.Delete(FileOf(peer));
            Tell(peer, Start(peer), Step(1) with { Digest = DigestOf(77) });
        }
        var state = Latest();
        Assert.Equal((1, DigestOf(77)[..16]), (state.Step, state.Digest));
        Assert.All(history.Events.All, e => Assert.Equal("start", e.What));
    }

    [Fact]
    public void Peers_are_ordered_as_people_count_or_as_the_roster_says()
    {
        foreach (var peer in (string[])["node-10", "node-9", "node-1"])
            Tell(peer, Start(peer), Step(1));
        Latest();
        Assert.Equal(["node-1", "node-9", "node-10"], history.Roster());
        var named = new RunHistory(new RunDescription("run", null, ["node-9", "node-1", "node-10"], folder.File("run")));
        Assert.Equal(["node-9", "node-1", "node-10"], named.Roster());
    }
}
