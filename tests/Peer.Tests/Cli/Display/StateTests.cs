using DecentralizedLion.Peer.Cli.Display;
using DecentralizedLion.Peer.Metrics;
using DecentralizedLion.Topology;

namespace DecentralizedLion.Peer.Tests.Cli.Display;

/// <summary>Tests of the peers' states on the display, and of the lines about the ring.</summary>
public class StateTests
{
    readonly ManualTime time = new();
    readonly RunStatus status;

    public StateTests()
    {
        status = new RunStatus(["a", "b", "c", "d", "e"], time);
        foreach (var row in status.Rows)
            status.Apply(row.Id, new Started(row.Id, 0, 100, 5, 1000, "cpu", "f"));
    }

    string StateOf(string id) => status.Rows.Single(r => r.Id == id).State;

    void Step(string id, long step, string[]? abstained = null, string[]? away = null, string? why = null) =>
        status.Apply(id, new Stepped(step, 1, 0.1, 2, 100, 0.1, 0.1, 2, null, $"d{step}", 1, abstained, away, why));

    Fault Tell(string id, RingEventKind what, string? peer, string text = "text", double? seconds = null)
    {
        var fault = new Fault(PeerEvents.NameOf(what), peer, text, seconds, 0, time.GetUtcNow());
        status.Apply(id, fault);
        return fault;
    }

    [Fact]
    public void A_peer_is_late_while_its_ballots_are_missing()
    {
        Step("a", 1, ["b"]);
        Assert.Equal(("training", "late"), (StateOf("a"), StateOf("b")));
        Step("b", 1, ["b"]);
        Step("b", 2);
        Assert.Equal("training", StateOf("b"));
        Step("a", 2, ["b"]); // it said of the same step that it voted: the later word counts
        Assert.Equal("training", StateOf("b"));
    }

    [Fact]
    public void What_a_peer_does_instead_of_voting_is_its_state_meanwhile()
    {
        Step("b", 1);
        status.Apply("b", new Busy(1, "evaluating"));
        Assert.Equal("training", StateOf("b"));
        Step("a", 2, ["b"]);
        Step("a", 3, ["b"]);
        Assert.Equal("evaluating", StateOf("b"));
        Step("b", 2, ["b"], why: "evaluating");
        Assert.Equal("evaluating", StateOf("b"));
        Step("b", 3);
        Assert.Equal("training", StateOf("b"));
        Step("a", 4, ["b"]);
        Assert.Equal("late", StateOf("b"));
        status.Apply("b", new Busy(1, "evaluating"));
        Step("a", 5, ["b"]);
        Assert.Equal("evaluating", StateOf("b"));
        Step("b", 5, ["b"], why: "not finite");
        Assert.Equal("not finite", StateOf("b"));
    }

    [Fact]
    public void A_peer_is_silent_then_away_then_back()
    {
        Step("a", 1);
        Tell("a", RingEventKind.Suspected, "c");
        Assert.Equal("silent", StateOf("c"));
        Tell("a", RingEventKind.Removed, "c");
        Assert.Equal("away", StateOf("c"));
        Tell("b", RingEventKind.Suspected, "c"); // said later, of before
        Step("b", 2, null, ["c"]);
        Assert.Equal("away", StateOf("c"));
        Tell("c", RingEventKind.Paused, null);
        Assert.Equal("paused", StateOf("c"));
        Tell("c", RingEventKind.Fetched, "a");
        Assert.Equal("fetching", StateOf("c"));
        Tell("c", RingEventKind.Fetched, "a", seconds: 0.5);
        Step("c", 2, null, ["c"]);
        Assert.Equal("away", StateOf("c"));
        Tell("b", RingEventKind.Rejoined, "c");
        Assert.Equal("training", StateOf("c"));
        Step("a", 3, null, ["d"]);
        Assert.Equal("away", StateOf("d"));
        Tell("b", RingEventKind.Diverged, "e");
        Assert.Equal("repairing", StateOf("e"));
        Tell("e", RingEventKind.Leaving, "e");
        Assert.Equal("leaving", StateOf("e"));
        Tell("a", RingEventKind.Waiting, null);
        Assert.Equal("waiting", StateOf("a"));
        Tell("a", RingEventKind.Resumed, null);
        Assert.Equal("training", StateOf("a"));
    }

    [Fact]
    public void Every_event_of_the_ring_has_a_state_or_none()
    {
        foreach (var what in Enum.GetValues<RingEventKind>())
        {
            Tell("a", what, "b");
            Assert.Matches("^[a-z]+$", StateOf("a"));
            Assert.Matches("^[a-z]+$", StateOf("b"));
        }
    }

    [Fact]
    public void A_dead_process_is_gone_until_it_speaks_again_and_nobody_waits_for_it()
    {
        Step("a", 5);
        foreach (var id in (string[])["b", "d", "e"])
            Step(id, 5);
        Assert.Equal(0, status.Step);
        status.OnProcessExited("c");
        Tell("a", RingEventKind.Removed, "c");
        Tell("a", RingEventKind.Suspected, "c");
        Assert.Equal(("gone", 5), (StateOf("c"), status.Step));
        status.OnProcessRestarted("c");
        Tell("b", RingEventKind.Removed, "c");
        Assert.Equal(("starting", 5), (StateOf("c"), status.Step));
        status.Apply("c", new Started("c", 3, 100, 5, 1000, "cpu", "f"));
        Assert.Equal(("training", 3), (StateOf("c"), status.Step));
        Assert.True(status.IsAgreed);
    }

    [Fact]
    public void The_pace_and_the_lead_are_of_who_is_there()
    {
        for (var step = 1; step <= 10; step++)
        {
            if (step == 3)
                status.OnProcessExited("a");
            time.Advance(0.5);
            foreach (var id in step < 3 ? (string[])["a", "b"] : ["b"])
                Step(id, step);
        }
        Assert.Equal(0.5, status.SecondsPerStep!.Value, 1e-6);
        Assert.Equal("b", status.FurthestPeer.Id);
    }

    [Fact]
    public void What_all_tell_alike_is_one_line_with_who_told_it()
    {
        var first = Tell("a", RingEventKind.ViewChanged, null, "view 2: a, b, d, e", 0.25);
        Assert.Same(first, status.LatestFault);
        Tell("b", RingEventKind.ViewChanged, null, "view 2: a, b, d, e", 0.3);
        Assert.Same(first, status.LatestFault);
        Tell("b", RingEventKind.Removed, "c", "c is out");
        status.Apply("a", new Note("plain"));
        Assert.Equal(["a, b: view 2: a, b, d, e (0.25 s)", "b: c is out", "a: plain"], status.Notes);
        Tell("d", RingEventKind.ViewChanged, null, "view 2: a, b, d, e", 0.3);
        Tell("e", RingEventKind.ViewChanged, null, "view 2: a, b, d, e", 0.3);
        Assert.Equal("a and 3 others: view 2: a, b, d, e (0.25 s)", status.Notes.First());
        var again = Tell("a", RingEventKind.ViewChanged, null, "view 2: a, b, d, e", 0.5); // told anew, it happened anew
        Assert.Same(again, status.LatestFault);
        Assert.Equal(["b: c is out", "a: plain", "a: view 2: a, b, d, e (0.50 s)"], status.Notes);
        for (var note = 0; note < 20; note++)
            Tell("a", RingEventKind.Waiting, "b", $"waits {note}");
        Assert.Equal([14, 15, 16, 17, 18, 19], status.Notes.Select(n => int.Parse(n.Split(' ')[^1])));
    }

    [Fact]
    public void Plain_lines_have_each_event_of_the_ring_once()
    {
        using var text = new StringWriter();
        using var display = new PlainDisplay(text, time, TimeSpan.FromHours(1));
        foreach (var id in (string[])["a", "b", "a"])
            display.Updated(status, id, Tell(id, RingEventKind.Removed, "c", "c is out", 1.25));
        Assert.Equal(["a: c is out (1.25 s)", "a: c is out (1.25 s)"],
            text.ToString().TrimEnd().Split('\n').Select(l => l.TrimEnd()));
    }

    [Fact]
    public void The_summary_compares_who_ended_in_order_and_names_who_is_missing()
    {
        status.Apply("a", new Ended(100, Ended.Finished, "aa", 1));
        status.Apply("b", new Ended(100, Ended.Finished, "aa", 1));
        Step("c", 57);
        status.OnProcessExited("c");
        status.Apply("d", new Ended(60, Ended.Left, "dd", 1));
        using var text = new StringWriter();
        Assert.True(RunSummary.Write(text, status, left: false));
        Assert.Contains("Finished 100 steps.", text.ToString());
        Assert.Contains("missing        c, gone since step 57", text.ToString());
        Assert.Contains("Some peers ended before step 100;", text.ToString());
        status.Apply("e", new Ended(60, Ended.Left, "ee", 1));
        Assert.False(RunSummary.Write(text, status, left: false));
        Assert.Contains("DIFFER", text.ToString());
    }
}
