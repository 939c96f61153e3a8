using DecentralizedLion.Peer.Metrics;
using DecentralizedLion.Processes.Tests.Pool;

namespace DecentralizedLion.Processes.Tests.Schedules;

/// <summary>What peers survive: each schedule is done to real processes over real sockets, and the same judge looks at what is left.</summary>
[Collection(PoolCollection.Name)]
public class ScheduleTests(ProcessPool pool)
{
    const string Endless = """{ "steps": 1000000 }""";

    async Task<(ScheduleRun Run, Verdict Verdict)> Run(Workplace place, params Deed[] schedule)
    {
        var run = new ScheduleRun(place, schedule, TimeProvider.System, _ => { });
        await run.Run();
        return (run, RunJudge.Judge(place, run));
    }

    /// <summary>The first included: nobody is special.</summary>
    [Fact]
    public async Task Each_of_four_is_killed_in_turn_and_comes_back()
    {
        using var place = new Workplace(4, Endless, pool: pool);
        var (_, verdict) = await Run(place,
        [
            new(Moment.Steps("b", 20), Act.Wait),
            .. place.Names.SelectMany(name => new Deed[]
            {
                new(Moment.AllIn, Act.Kill, name),
                new(Moment.Recovery, Act.Start, name),
            }),
        ]);
        Assert.Equal((4, 4), (verdict.Kills, verdict.Recoveries.Count));
        Assert.All(place.Names, name => Assert.Equal(2, place.Metrics(name).OfType<Started>().Count()));
        Assert.All(verdict.Recoveries, recovery => Assert.True(recovery.HadQuorum));
    }

    [Fact]
    public async Task Who_was_stopped_comes_back_equal_and_suspects_nobody()
    {
        using var place = new Workplace(4, Endless, pool: pool);
        var (run, _) = await Run(place,
            new(Moment.Steps("a", 20), Act.Freeze, "b"),
            new(Moment.Says("a", "b was voted out"), Act.Wait),
            new(Moment.Steps("d", 50), Act.Wait), // the others go on
            new(Moment.Seconds(3), Act.Thaw, "b"),
            new(Moment.AllIn, Act.Wait));
        Assert.DoesNotContain(run.Peers["b"].Process.Events.OfType<Fault>(), e => e.What is "suspected");
        Assert.Single(run.Peers["b"].Processes);
        Assert.Contains(run.Peers["a"].Process.Events.OfType<Fault>(), e => e is { What: "suspected", Peer: "b" });
    }

    [Fact]
    public async Task All_are_killed_at_once_and_go_on_where_they_were()
    {
        using var place = new Workplace(4, Endless, pool: pool);
        var (run, _) = await Run(place,
            new(Moment.Steps("c", 30), Act.Kill, "a", "b", "c", "d"),
            new(Moment.Seconds(0), Act.Start, "a", "b", "c", "d"),
            new(Moment.AllIn, Act.Wait));
        var furthest = run.Peers.Values.Max(peer => peer.Processes[0].Process.Last!.Step);
        Assert.All(run.Peers.Values, peer => Assert.InRange(peer.Processes[1].Process.Events.OfType<Started>().Single().Step, furthest - 1, furthest + 1));
    }

    [Fact]
    public async Task With_three_of_four_disks_lost_they_wait_until_a_person_decides()
    {
        using var place = new Workplace(4, Endless, pool: pool);
        var (run, _) = await Run(place,
            new(Moment.Steps("c", 30), Act.Kill, "a", "b", "c", "d"),
            new(Moment.Seconds(0), Act.Wipe, "a", "b", "d"),
            new(Moment.Seconds(0), Act.Start, "a", "b", "c", "d"),
            new(Moment.Says("c", "a, b, d came back with an empty disk"), Act.Kill, "c"),
            new(Moment.Seconds(0), Act.Refound, "c"),
            new(Moment.AllIn, Act.Wait));
        var waiting = run.Peers["c"].Processes[1].Process;
        Assert.Contains("waiting: 1 of 4 peers reachable, 3 needed", waiting.Text);
        Assert.Contains("start it with --refound: the others then join it", waiting.Text);
        Assert.Null(waiting.Last);
        Assert.Contains("began the run again from step", run.Peers["c"].Process.Text);
    }

    [Fact]
    public async Task Who_lost_its_disk_joins_while_the_others_go_on()
    {
        using var place = new Workplace(4, Endless, pool: pool);
        var (run, _) = await Run(place,
            new(Moment.Steps("b", 30), Act.Kill, "a"),
            new(Moment.Seconds(0), Act.Wipe, "a"),
            new(Moment.Seconds(0), Act.Start, "a"),
            new(Moment.AllIn, Act.Wait));
        Assert.Contains("is taken in", run.Peers["b"].Process.Text);
        Assert.DoesNotContain("paused", run.Peers["b"].Process.Text);
        Assert.Contains("fetching the snapshot of step", run.Peers["a"].Process.Text);
    }

    [Fact]
    public async Task Who_leaves_comes_back()
    {
        using var place = new Workplace(3, Endless, pool: pool);
        var (run, _) = await Run(place,
            new(Moment.Steps("b", 20), Act.Leave, "a"),
            new(Moment.Steps("c", 20), Act.Start, "a"),
            new(Moment.AllIn, Act.Wait));
        Assert.Contains("a leaves in order", run.Peers["b"].Process.Text);
        Assert.DoesNotContain(run.Peers["b"].Process.Events.OfType<Fault>(), e => e.What is "suspected" or "removed");
        Assert.Equal([Ended.Left, Ended.Left], place.Metrics("a").OfType<Ended>().Select(end => end.Reason));
    }

    /// <summary>Nobody waits at the end for one that is dead; whoever is started again serves it.</summary>
    [Fact]
    public async Task Who_was_dead_at_the_end_gets_there_when_another_is_started_again()
    {
        using var place = new Workplace(3, """{ "steps": 200 }""", pool: pool);
        var (run, verdict) = await Run(place,
            new(Moment.Steps("a", 190), Act.Kill, "b"),
            new(Moment.Seconds(0), Act.Finish, "a", "c"),
            new(Moment.Seconds(0), Act.Start, "b"),
            new(Moment.Says("b", "waiting: 1 of 3 peers reachable, 2 needed"), Act.Start, "a"));
        Assert.Equal(200, verdict.Steps);
        Assert.All(place.Names, name => Assert.Equal(Ended.Finished, place.Metrics(name).OfType<Ended>().Last().Reason));
        Assert.Contains("all 200 steps were done before", run.Peers["a"].Process.Text);
    }

    [Fact]
    public async Task A_slow_peer_abstains_and_stays_equal()
    {
        using var place = new Workplace(3, """
            { "steps": 1000000, "batch": 128, "model": { "kind": "convnet", "width": 8, "depth": 2 } }
            """, pool: pool);
        var run = new ScheduleRun(place, [new(Moment.Steps("a", 120), Act.Wait)], TimeProvider.System, _ => { })
        {
            Arguments = name => name == "c" ? ["--slow", "10"] : [],
        };
        await run.Run();
        RunJudge.Judge(place, run);
        // The first steps are too few to know what is slow.
        var steps = place.Metrics("a").OfType<Stepped>().Where(s => s.Step is > 20 and <= 120).ToArray();
        Assert.InRange(steps.Count(s => s.Abstained.Contains("c")), 60, 100);
        Assert.InRange(place.Metrics("c").OfType<Stepped>().Count(), 120, int.MaxValue);
    }
}
