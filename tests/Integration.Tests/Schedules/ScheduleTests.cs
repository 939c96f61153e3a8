using DecentralizedLion.Peer.Metrics;
using Xunit.Abstractions;

namespace DecentralizedLion.Integration.Tests.Schedules;

/// <summary>Tests of the faults that peers survive: each schedule is done to real processes over real sockets, and the same
/// verifier checks what is left.</summary>
public class ScheduleTests(ITestOutputHelper output)
{
    const string Endless = """{ "steps": 1000000 }""";

    async Task<(ScheduleRun Run, RunOutcome Outcome)> Run(TestCluster place, params ScheduleEntry[] schedule)
    {
        var run = new ScheduleRun(place, schedule, TimeProvider.System, output.WriteLine);
        await run.Run();
        return (run, RunVerifier.Verify(place, run));
    }

    /// <summary>The first included: nobody is special.</summary>
    [Fact]
    public async Task Each_of_four_is_killed_in_turn_and_comes_back()
    {
        using var place = new TestCluster(4, Endless, pooled: true);
        var (_, runOutcome) = await Run(place,
        [
            new(Trigger.Steps("b", 20), FaultAction.Wait),
            .. place.Names.SelectMany(name => new ScheduleEntry[]
            {
                new(Trigger.AllIn, FaultAction.Kill, name),
                new(Trigger.Recovery, FaultAction.Start, name),
            }),
        ]);
        Assert.Equal((4, 4), (runOutcome.Kills, runOutcome.Recoveries.Count));
        Assert.All(place.Names, name => Assert.Equal(2, place.Metrics(name).OfType<Started>().Count()));
        Assert.All(runOutcome.Recoveries, recovery => Assert.True(recovery.HadQuorum));
    }

    [Fact]
    public async Task Who_was_stopped_comes_back_equal_and_suspects_nobody()
    {
        using var place = new TestCluster(4, Endless, pooled: true);
        var (run, _) = await Run(place,
            new(Trigger.Steps("a", 20), FaultAction.Freeze, "b"),
            new(Trigger.Says("a", "b was removed from the view"), FaultAction.Wait),
            new(Trigger.Steps("d", 50), FaultAction.Wait), // the others go on
            new(Trigger.Seconds(3), FaultAction.Thaw, "b"),
            new(Trigger.AllIn, FaultAction.Wait));
        Assert.DoesNotContain(run.Peers["b"].Process.Events.OfType<Fault>(), e => e.What is "suspected");
        Assert.Single(run.Peers["b"].Processes);
        Assert.Contains(run.Peers["a"].Process.Events.OfType<Fault>(), e => e is { What: "suspected", Peer: "b" });
    }

    [Fact]
    public async Task All_are_killed_at_once_and_go_on_where_they_were()
    {
        using var place = new TestCluster(4, Endless, pooled: true);
        var (run, _) = await Run(place,
            new(Trigger.Steps("c", 30), FaultAction.Kill, "a", "b", "c", "d"),
            new(Trigger.Seconds(0), FaultAction.Start, "a", "b", "c", "d"),
            new(Trigger.AllIn, FaultAction.Wait));
        var furthest = run.Peers.Values.Max(peer => peer.Processes[0].Process.Last!.Step);
        Assert.All(run.Peers.Values,
            peer => Assert.InRange(peer.Processes[1].Process.Events.OfType<Started>().Single().Step, furthest - 1, furthest + 1));
    }

    [Fact]
    public async Task With_three_of_four_disks_lost_they_wait_until_a_person_decides()
    {
        using var place = new TestCluster(4, Endless, pooled: true);
        var (run, _) = await Run(place,
            new(Trigger.Steps("c", 30), FaultAction.Kill, "a", "b", "c", "d"),
            new(Trigger.Seconds(0), FaultAction.Wipe, "a", "b", "d"),
            new(Trigger.Seconds(0), FaultAction.Start, "a", "b", "c", "d"),
            new(Trigger.Says("c", "a, b, d came back with an empty disk"), FaultAction.Kill, "c"),
            new(Trigger.Seconds(0), FaultAction.ForceNewRing, "c"),
            new(Trigger.AllIn, FaultAction.Wait));
        var waiting = run.Peers["c"].Processes[1].Process;
        Assert.Contains("waiting: 1 of 4 peers reachable, 3 needed", waiting.Text);
        Assert.Contains("start it with --force-new-ring: the others then join it", waiting.Text);
        Assert.Null(waiting.Last);
        Assert.Contains("a new ring was forced and continues at step", run.Peers["c"].Process.Text);
    }

    [Fact]
    public async Task Who_lost_its_disk_joins_while_the_others_go_on()
    {
        using var place = new TestCluster(4, Endless, pooled: true);
        var (run, _) = await Run(place,
            new(Trigger.Steps("b", 30), FaultAction.Kill, "a"),
            new(Trigger.Seconds(0), FaultAction.Wipe, "a"),
            new(Trigger.Seconds(0), FaultAction.Start, "a"),
            new(Trigger.AllIn, FaultAction.Wait));
        Assert.Contains("is a member again", run.Peers["b"].Process.Text);
        Assert.DoesNotContain("paused", run.Peers["b"].Process.Text);
        // Whichever is less: the first weights follow from the seed.
        Assert.Matches("fetching (the snapshot of step|steps)", run.Peers["a"].Process.Text);
    }

    [Fact]
    public async Task Who_leaves_comes_back()
    {
        using var place = new TestCluster(3, Endless, pooled: true);
        var (run, _) = await Run(place,
            new(Trigger.Steps("b", 20), FaultAction.Leave, "a"),
            new(Trigger.Steps("c", 20), FaultAction.Start, "a"),
            new(Trigger.AllIn, FaultAction.Wait));
        Assert.Contains("a leaves in order", run.Peers["b"].Process.Text);
        Assert.DoesNotContain(run.Peers["b"].Process.Events.OfType<Fault>(), e => e.What is "suspected" or "removed");
        Assert.Equal([Ended.Left, Ended.Left], place.Metrics("a").OfType<Ended>().Select(end => end.Reason));
    }

    /// <summary>Nobody waits at the end for one that is dead; whoever is started again serves it.</summary>
    [Fact]
    public async Task Who_was_dead_at_the_end_gets_there_when_another_is_started_again()
    {
        using var place = new TestCluster(3, """{ "steps": 600 }""", pooled: true);
        var (run, runOutcome) = await Run(place,
            new(Trigger.Steps("a", 300), FaultAction.Kill, "b"),
            new(Trigger.Seconds(0), FaultAction.Finish, "a", "c"),
            new(Trigger.Seconds(0), FaultAction.Start, "b"),
            new(Trigger.Says("b", "waiting: 1 of 3 peers reachable, 2 needed"), FaultAction.Start, "a"));
        Assert.Equal(600, runOutcome.Steps);
        Assert.All(place.Names, name => Assert.Equal(Ended.Finished, place.Metrics(name).OfType<Ended>().Last().Reason));
        Assert.Contains("all 600 steps were done before", run.Peers["a"].Process.Text);
    }
}
