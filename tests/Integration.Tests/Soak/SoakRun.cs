using DecentralizedLion.Integration.Tests.Schedules;

namespace DecentralizedLion.Integration.Tests.Soak;

/// <summary>A long random schedule with default settings, judged as the tests are, and told line by line.</summary>
static class SoakRun
{
    /// <summary>A step takes some milliseconds: with shorter ones the peers would mostly write lines.</summary>
    const string Settings = """{ "steps": 1000000, "batch": 64, "model": { "kind": "convnet", "width": 8, "depth": 2 } }""";

    public static async Task<int> Run(SoakOptions options, TimeProvider time, TextWriter output)
    {
        using var place = new TestCluster(options.Peers, Settings);
        var schedule = new RandomSchedule(place.Names, new Random(options.Seed));
        var start = time.GetTimestamp();
        FailureLog? log = null;
        var run = new ScheduleRun(place, options switch
        {
            { Kills: { } kills } => schedule.Kills(kills),
            { Failures: { } failures } => schedule.Faults(() => log!.Count >= failures, what => log!.Add(what)),
            _ => schedule.Faults(() => time.GetElapsedTime(start).TotalMinutes >= options.Minutes),
        }, time, options.Failures is null ? output.WriteLine : _ => { });
        log = new FailureLog(run, time, output);
        output.WriteLine($"soak: {options.Peers} peers, seed {options.Seed}, " + options switch
        {
            { Kills: { } kills } => $"{kills} kills",
            { Failures: { } failures } => $"{failures} faults of all kinds",
            _ => FormattableString.Invariant($"{options.Minutes} minutes"),
        });
        try
        {
            await run.Run();
            log.Finish();
            Report(RunVerifier.Verify(place, run), output);
            return 0;
        }
        catch (Xunit.Sdk.XunitException e)
        {
            return Failed(e, output);
        }
    }

    /// <summary>The steps of a ring whose peers are killed every so often, against those undisturbed.</summary>
    public static async Task<int> Goodput(GoodputOptions options, TimeProvider time, TextWriter output)
    {
        using var place = new TestCluster(options.Peers, Settings);
        output.WriteLine(FormattableString.Invariant(
            $"goodput: {options.Peers} peers, seed {options.Seed}, {options.Kills} kills, one every {options.Every} s"));
        try
        {
            var (goodput, outcome) = await new GoodputRun(place, options, time).Run(output.WriteLine);
            output.WriteLine();
            foreach (var line in goodput.Lines(options.Kills))
                output.WriteLine(line);
            Report(outcome, output);
            return 0;
        }
        catch (Xunit.Sdk.XunitException e)
        {
            return Failed(e, output);
        }
    }

    static int Failed(Xunit.Sdk.XunitException e, TextWriter output)
    {
        output.WriteLine(e.Message);
        output.WriteLine("result      FAILED");
        return 1;
    }

    static void Report(RunOutcome runOutcome, TextWriter output)
    {
        output.WriteLine();
        output.WriteLine($"steps       {runOutcome.Steps}");
        output.WriteLine($"views       {runOutcome.Views} with steps in them");
        output.WriteLine($"kills       {runOutcome.Kills}" + (runOutcome.Recoveries.Count == 0 ? ""
            : $", {runOutcome.Recoveries.Count} of them of members of the ring while others went on"));
        Times("recovery", "from SIGKILL to the others' next step",
            runOutcome.Recoveries.Where(recovery => recovery.HadQuorum), output);
        Times("waiting", "the same, where those left were no quorum until it was started again",
            runOutcome.Recoveries.Where(recovery => !recovery.HadQuorum), output);
        output.WriteLine("result      one chain from the first step to the last, no applied step lost, equal digests at every "
            + "step of every peer,");
        output.WriteLine("            checkpoints as plain loops get them from the journal, bit for bit");
    }

    static void Times(string name, string meaning, IEnumerable<Recovery> recoveries, TextWriter output)
    {
        double[] took = [.. recoveries.Select(recovery => recovery.Took.TotalSeconds).Order()];
        if (took.Length == 0)
            return;
        output.WriteLine(FormattableString.Invariant(
            $"{name,-11} p50 {At(0.5):F2} s, p90 {At(0.9):F2} s, p99 {At(0.99):F2} s, max {took[^1]:F2} s")
            + $" of {took.Length}: {meaning}");

        // The nearest rank.
        double At(double part) => took[Math.Max(0, (int)Math.Ceiling(part * took.Length) - 1)];
    }
}
