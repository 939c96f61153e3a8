using DecentralizedLion.Integration.Tests.Schedules;
using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Integration.Tests.Soak;

/// <summary>A ring one of whose peers is killed every so often and started again at once, between two undisturbed
/// times.</summary>
/// <param name="place">Where the peers are.</param>
/// <param name="options">How long, how often, and the seed.</param>
/// <param name="time">The clock.</param>
sealed class GoodputRun(TestCluster place, GoodputOptions options, TimeProvider time)
{
    readonly List<(double From, double To)> calm = [];
    readonly long start = time.GetTimestamp();
    readonly DateTimeOffset startTime = time.GetUtcNow();
    double end;

    /// <summary>Runs it; all that was told is then verified.</summary>
    public async Task<(Goodput Goodput, RunOutcome Outcome)> Run(Action<string> tell)
    {
        var run = new ScheduleRun(place, Schedule(), time, tell)
        {
            Arguments = _ => ["--slow", FormattableString.Invariant($"{options.Slow}")],
        };
        await run.Run();
        var outcome = RunVerifier.Verify(place, run);
        var told = Steps(run).GroupBy(step => step.Step.Step, step => Seconds(step.At));
        double[] steps = [.. told.Select(same => same.Min()).Order()];
        return (Goodput.Of(steps, calm, end, [.. run.Deaths.Select(death => MarksOf(run, death))]), outcome);
    }

    IEnumerable<ScheduleEntry> Schedule()
    {
        var random = new Random(options.Seed);
        foreach (var wait in Calm())
            yield return wait;
        var victim = -1;
        for (var kill = 0; kill < options.Kills; kill++)
        {
            // Never the same twice in a row: it may not be back yet.
            victim = (victim + 1 + random.Next(place.Names.Count - (victim < 0 ? 0 : 1))) % place.Names.Count;
            yield return new ScheduleEntry(Trigger.Seconds(kill == 0 ? 0 : options.Every), FaultAction.Kill, place.Names[victim]);
            yield return new ScheduleEntry(Trigger.Seconds(0), FaultAction.Start, place.Names[victim]);
        }
        yield return new ScheduleEntry(Trigger.Seconds(options.Every), FaultAction.Wait);
        end = Seconds(time.GetTimestamp());
        foreach (var wait in Calm())
            yield return wait;
    }

    IEnumerable<ScheduleEntry> Calm()
    {
        yield return new ScheduleEntry(Trigger.AllIn, FaultAction.Wait);
        yield return new ScheduleEntry(Trigger.Seconds(1), FaultAction.Wait); // who has just joined is slower at first
        var from = Seconds(time.GetTimestamp());
        yield return new ScheduleEntry(Trigger.Seconds(options.Calm), FaultAction.Wait);
        calm.Add((from, Seconds(time.GetTimestamp())));
    }

    DeathMarks MarksOf(ScheduleRun run, Death death)
    {
        var (victim, killed) = (run.Peers[death.Peer], Seconds(death.At));
        var reborn = victim.Processes[death.Process + 1].Process;
        Fault[] others = [.. run.Peers.Values.Where(peer => peer != victim)
            .SelectMany(peer => peer.Processes).SelectMany(one => one.Process.Events).OfType<Fault>()];
        var suspected = First(others.Where(said => said.What == "suspected" && said.Peer == death.Peer)
            .Select(said => Seconds(said.Time)).Concat(Changes(others)), killed);
        var up = First(reborn.Events.OfType<Fault>().Select(said => Seconds(said.Time)), killed);
        var without = First(StepsWhere(run, step => step.Away.Contains(death.Peer)), killed);
        var back = up is not { } since ? null : First(StepsWhere(run, step => step.Away.Count == 0), since);
        var takingIn = up is { } heard && back is { } isBack
            ? First(Changes(others).Where(change => change <= isBack), heard) : null;
        var voting = back is not { } member ? null
            : First(StepsWhere(run, step => step.Away.Count == 0 && step.Abstained.Count == 0), member);
        return new DeathMarks(killed, suspected, without, up, takingIn, back, voting);
    }

    /// <summary>When changes of the view began.</summary>
    IEnumerable<double> Changes(IEnumerable<Fault> said) =>
        said.Where(one => one.What is "view-changed" or "regrouped").Select(one => Seconds(one.Time) - (one.Seconds ?? 0));

    static double? First(IEnumerable<double> moments, double after) =>
        moments.Where(moment => moment >= after).Select(moment => (double?)moment).Min();

    static IEnumerable<(Stepped Step, long At)> Steps(ScheduleRun run) =>
        run.Peers.Values.SelectMany(peer => peer.Processes).SelectMany(one => one.Process.Steps);

    IEnumerable<double> StepsWhere(ScheduleRun run, Predicate<Stepped> chosen) =>
        Steps(run).Where(step => chosen(step.Step)).Select(step => Seconds(step.At));

    double Seconds(long at) => time.GetElapsedTime(start, at).TotalSeconds;

    double Seconds(DateTimeOffset at) => (at - startTime).TotalSeconds;
}
