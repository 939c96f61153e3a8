using DecentralizedLion.Peer.Cli.Dashboard.History;
using DecentralizedLion.Peer.Metrics;
using DecentralizedLion.Topology;
using static DecentralizedLion.Peer.Tests.Cli.Dashboard.MetricsWriter;

namespace DecentralizedLion.Peer.Tests.Cli.Dashboard;

public sealed class RunEventsTests
{
    readonly RunEvents events = new();

    [Fact]
    public void What_several_tell_at_about_the_same_time_is_one_event_and_what_happens_again_another()
    {
        // As files are read: one peer's whole, then the other's.
        foreach (var teller in (string[])["a", "b"])
            foreach (var at in (double[])[10, 1000])
                events.Add(teller, Ring("removed", "c", "c was removed from the view", 5, at + (teller == "a" ? 0 : 1),
                    teller == "a" ? 0.5 : 1.5));
        Assert.Equal(2, events.All.Count);
        Assert.All(events.All, e => Assert.Equal((2, 1.5), (e.Tellers.Count, e.Seconds)));
    }

    [Fact]
    public void Events_are_in_the_order_of_time_whoever_is_read_first()
    {
        events.Add("a", Ring("greeted", "b", "b is here", 0, 3));
        events.Add("b", Ring("greeted", "a", "a is here", 0, 1));
        events.Add("b", "note", "a word", 0, DateTimeOffset.UnixEpoch.AddSeconds(2));
        Assert.Equal(["a is here", "a word", "b is here"], events.All.Select(e => e.Text));
    }

    [Fact]
    public void The_earliest_are_forgotten_when_there_are_too_many()
    {
        for (var i = 0; i < RunEvents.CountMax + 10; i++)
            events.Add("a", Ring("waiting", null, $"for {i}", i, i));
        Assert.Equal(RunEvents.CountMax, events.All.Count);
        Assert.Equal("for 10", events.All[0].Text);
        Assert.Equal(10, events.Forgotten);
    }

    [Fact]
    public void Every_change_has_a_revision()
    {
        events.Add("a", Ring("greeted", "c", "c is here", 0, 1));
        events.Add("a", Ring("greeted", "b", "b is here", 0, 1));
        var before = events.All.Max(e => e.Revision);
        events.Add("b", Ring("greeted", "c", "c is here", 0, 1));
        Assert.Equal("c is here", Assert.Single(events.All, e => e.Revision > before).Text);
    }

    [Fact]
    public void Every_kind_of_event_has_a_weight()
    {
        Assert.All(Enum.GetValues<RingEventKind>(), kind => Assert.True(EventAdvice.Knows(PeerEvents.NameOf(kind)), $"{kind}"));
        Assert.Equal(Severity.Warning, EventAdvice.SeverityOf("of a newer version"));
        Assert.All(Enum.GetValues<RingEventKind>().Select(PeerEvents.NameOf),
            what => Assert.Equal(EventAdvice.SeverityOf(what) >= Severity.Warning, EventAdvice.Of(what) is not null));
    }
}
