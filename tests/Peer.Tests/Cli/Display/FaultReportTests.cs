using DecentralizedLion.Peer.Cli.Display;
using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Peer.Tests.Cli.Display;

public sealed class FaultReportTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    static Stepped Step(long step, int view, string abstained = "", string away = "") => new(
        step, 1, 0.1, 2, 100, 0.1, 0.1, 2, null, "00", view, Ids(abstained), Ids(away));

    static string[] Ids(string ids) => ids.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    static Fault Of(string what, string? peer, string text, double? seconds = null, double at = 0) =>
        new(what, peer, text, seconds, 0, DateTimeOffset.UnixEpoch.AddSeconds(at));

    static Started Start(string id, long step = 0) => new(id, step, 100, 3, 9, "cpu", "f");

    /// <summary>Three peers; c is removed from the view after step 4 and taken back after step 8, b is late in two steps and was
    /// killed once.</summary>
    static IEnumerable<(string, PeerEvent)> Events()
    {
        foreach (var id in (string[])["a", "b", "c"])
        {
            yield return (id, Start(id));
            for (var step = 1; step <= 10; step++)
            {
                yield return (id, Step(step, step <= 4 ? 1 : step <= 8 ? 2 : 3, step is 2 or 6 ? "b" : step == 10 ? "c" : "",
                    step is > 4 and <= 8 ? "c" : ""));
                if (step == 4 && id != "c")
                {
                    yield return (id, Of("suspected", "c", "c is silent"));
                    yield return (id, Of("view-changed", null, "view 2"));
                    yield return (id, Of("removed", "c", "c is out in view 2"));
                    yield return (id, Of("recovered", null, "training continues at step 5", id == "a" ? 0.5 : 1.5));
                }
                if (step == 4 && id == "c")
                {
                    yield return (id, Of("paused", null, "1 of 3 peers reachable", null, 10));
                    yield return (id, Of("paused", null, "1 of 3 peers reachable", null, 15));
                    yield return (id, Of("fetched", null, "fetches 4 records"));
                    yield return (id, Of("fetched", null, "fetched 4 records", 0.1));
                    yield return (id, Of("fetched", null, "fetched the snapshot of step 5", 0.2));
                    yield return (id, Of("resumed", null, "goes on", null, 22));
                }
                if (step == 8)
                {
                    yield return (id, Of("view-changed", null, "view 3"));
                    yield return (id, Of("admitted", "c", "c is back in view 3"));
                }
            }
            if (id == "b")
            {
                yield return (id, Start(id, 7));
                yield return (id, Step(8, 2, "", "c"));
            }
            yield return (id, new Ended(10, Ended.Finished, "00", 5, id == "c" ? 31 : 2));
        }
    }

    static string Report(IEnumerable<(string, PeerEvent)> events)
    {
        var report = new FaultReport();
        foreach (var (id, happened) in events)
            report.Add(id, happened);
        using var text = new StringWriter();
        report.Write(text);
        Assert.All(text.ToString().Split('\n'), line => Assert.InRange(line.TrimEnd().Length, 0, 80));
        return text.ToString();
    }

    [Fact]
    public void What_several_tell_counts_once_and_what_one_tells_counts_for_it()
    {
        Assert.Equal(
            """
            Fault report: 10 steps (1 to 10), from 3 peers
            views       3 with steps in them, changes: 2 by faults, 0 planned
            recoveries  1: p50 1.50 s, p90 1.50 s, max 1.50 s
            divergence  0 found; 0 journals cut; 0 refused
            misbehaved  0 times; suspicious votes: 0; rejected traffic: 0

            peer removed rejoined      abstained starts resends      pauses fetched
            a          0        0              0      1       2           0   0 + 0
            b          0        0     2 (20.0 %)      2       2           0   0 + 0
            c          1        1     1 (16.7 %)      1      31 1 (12.00 s)   1 + 1
            abstained: steps without its ballot, and their share of the steps that it was a
            member in. resends: frames that it requested again. pauses: times without a
            quorum, and how long. fetched: times that it fetched records + snapshots.

            """, Report(Events()).ReplaceLineEndings("\n"));
    }

    [Fact]
    public void That_peers_wait_for_each_other_and_come_and_leave_in_order_is_no_fault()
    {
        var events = ((string[])["a", "b"]).SelectMany(id => new (string, PeerEvent)[]
        {
            (id, Of("waiting", null, "waiting for c", null, 0)), (id, Of("founded", null, "view 1")),
                (id, Of("resumed", null, "training starts at step 1")),
            (id, Step(1, 1)), (id, Of("joined", "c", "c joins the ring")), (id, Of("regrouped", null, "view 2", 0.3)),
            (id, Of("resumed", null, "training continues at step 2", 0.3)),
        });
        var text = Report(events);
        Assert.Contains("changes: 0 by faults, 1 planned", text);
        Assert.Contains("recoveries  none", text);
        Assert.Contains("c          0        0", text);
    }

    [Fact]
    public void Who_misbehaves_or_is_doubtful_is_counted()
    {
        var text = Report(
        [
            ("a", Step(1, 1)), ("a", Of("misbehaved", "c", "nonsense")), ("b", Of("misbehaved", "c", "nonsense")),
            ("a", Of("doubtful", "c", "always loses")), ("a", Of("doubtful", null, "a sum contradicts")),
        ]);
        Assert.Contains("misbehaved  1 times; suspicious votes: 2;", text);
        Assert.Contains("c    misbehaved 1 times; suspicious votes: 1", text);
    }

    [Fact]
    public void Who_abstained_says_why()
    {
        List<(string, PeerEvent)> events = [("b", Step(1, 1, "a"))];
        for (var step = 1; step <= 9; step++)
            events.Add(("a",
                Step(step, 1, "a") with
                {
                    Why = step == 4
                    ? "not finite" : step < 3 ? "late" : "evaluating"
                }));
        Assert.EndsWith("\na    abstained: evaluating 6, late 2, not finite 1\n", Report(events).ReplaceLineEndings("\n"));
    }

    [Fact]
    public void One_peer_alone_reports_of_the_others_what_it_knows()
    {
        var text = Report(Events().Where(e => e.Item1 == "a"));
        Assert.Contains(", from a", text);
        Assert.Contains("c          1        1     1 (16.7 %)      –       –           –       –", text);
    }

    [Fact]
    public void Long_ids_and_large_numbers_stay_within_the_line()
    {
        var id = new string('x', 32);
        List<(string, PeerEvent)> events = [(id, new Ended(1, Ended.Left, "", 1, 123_456))];
        for (var step = 1; step <= 1000; step++)
            events.Add((id, Step(step, 1, id)));
        Assert.Contains("xxxxxxxxxxxx…       0        0 1000 (100.0 %)      0  123456", Report(events));
    }

    [Fact]
    public void A_time_longer_than_any_is_shown_somehow()
    {
        var fault = new Fault("recovered", null, "training continues", double.MaxValue, 1, DateTimeOffset.UnixEpoch);
        Assert.Contains("max 277777.8 h", Report([("a", fault)]));
    }

    [Fact]
    public void A_report_of_one_start_says_so_and_where_the_others_are()
    {
        var report = new FaultReport { ThisStartOf = "runs/demo" };
        report.Add("a", Step(7, 1));
        using var text = new StringWriter();
        report.Write(text);
        Assert.StartsWith("Fault report of this start: 1 step (7 to 7), from a\nall starts: peer faults runs/demo\n",
            text.ToString().ReplaceLineEndings("\n"));
    }

    [Fact]
    public void Nothing_reported_is_said() => Assert.Equal("Fault report: no metrics found.", Report([]).TrimEnd());

    [Fact]
    public void Metrics_files_below_a_folder_are_read_with_the_ids_in_them()
    {
        foreach (var peer in Events().GroupBy(e => e.Item1))
        {
            using var file = new MetricsFile(folder.File($"run/host-{peer.Key}/{MetricsFolder.FileName}"));
            foreach (var (_, happened) in peer)
                file.Write(happened);
        }
        using var open = new MetricsFile(folder.File($"run/host-c/{MetricsFolder.FileName}")); // a run that is going on
        File.AppendAllText(folder.File($"run/host-a/{MetricsFolder.FileName}"), "{\"kind\":\"st");
        Assert.Equal(Report(Events()), Report(MetricsFolder.Read(folder.File("run"))));
        Assert.Equal(["a"], MetricsFolder.Read(folder.File("run/host-a")).Select(e => e.Peer).Distinct());
    }

    [Fact]
    public void Where_no_step_is_recorded_the_report_says_so() =>
        Assert.StartsWith("Fault report: no steps recorded, from a", Report([("a", Start("a"))]));

    [Theory]
    [InlineData("")]
    [InlineData("nowhere")]
    public void A_folder_without_metrics_is_named(string name)
    {
        var refused = Assert.Throws<MetricsException>(() => MetricsFolder.Read(folder.File(name)));
        Assert.Contains($"{folder.File(name)}: there is no metrics.jsonl below it", refused.Message);
    }
}
