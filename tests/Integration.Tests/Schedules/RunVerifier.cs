using System.Globalization;
using System.Text.RegularExpressions;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Peer.Journal;
using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Integration.Tests.Schedules;

/// <summary>
/// Judges a run that has ended, whatever happened in it: one chain, from the first step to the last, in the journals, in what all
/// peers told, and in the checkpoints; and weights that plain loops get from it.
/// </summary>
sealed partial class RunVerifier : IDisposable
{
    readonly TestCluster place;
    readonly ScheduleRun run;
    readonly JournalOracle oracle;
    readonly List<StepJournal> opened = [];

    /// <summary>The chain's digest after each step, from before the first one on.</summary>
    readonly List<Digest> chain = [];

    RunVerifier(TestCluster place, ScheduleRun run)
    {
        (this.place, this.run) = (place, run);
        oracle = new JournalOracle(place.Run());
    }

    long Last => chain.Count - 1;

    /// <summary>Judges a run whose processes have all ended in order.</summary>
    public static RunOutcome Verify(TestCluster place, ScheduleRun run)
    {
        using var verifier = new RunVerifier(place, run);
        try
        {
            return verifier.Verify();
        }
        catch (Xunit.Sdk.XunitException e)
        {
            throw new Xunit.Sdk.XunitException($"{e.Message}\n{run.Said}");
        }
    }

    public void Dispose()
    {
        foreach (var journal in opened)
            journal.Dispose();
        oracle.Dispose();
    }

    RunOutcome Verify()
    {
        var journals = new Dictionary<string, StepJournal>();
        foreach (var name in place.Names)
        {
            run.Records.Keep(name);
            var journal = StepJournal.Open(place.FolderOf(name), oracle.Parameters, TimeProvider.System, null);
            opened.Add(journal);
            journals.Add(name, journal);
            Assert.True(journal.Repairs.Count == 0, $"{name} ended in order and left this: {string.Join(' ', journal.Repairs)}");
        }
        var (views, eras) = Replay(journals.Values.MaxBy(journal => journal.LastStep)!);
        foreach (var (name, journal) in journals)
            for (var step = journal.BaseStep; step <= journal.LastStep; step++)
                Assert.True(journal.DigestAfter(step) == chain[(int)step],
                    $"{name}'s journal is of another chain at step {step}");
        CheckEvents(eras);
        foreach (var name in place.Names)
            CheckMetrics(name);
        return new RunOutcome(Last, views, run.Deaths.Count, run.Recoveries);
    }

    /// <summary>Follows the chain to its end by plain loops, and compares each peer's newest checkpoint when it comes to its
    /// step.</summary>
    /// <returns>How many views had steps in them, and the first step of each forced new ring.</returns>
    (int Views, List<long> Eras) Replay(StepJournal furthest)
    {
        var kept = run.Records.Open(oracle.Parameters);
        opened.AddRange(kept);
        var newest = place.Names.ToLookup(place.Newest);
        var (views, eras) = (new HashSet<int>(), new List<long>());
        ulong? runId = null;
        foreach (var record in KeptJournals.LeadingTo([furthest, .. kept], furthest.LastStep,
            furthest.DigestAfter(furthest.LastStep)))
        {
            if (chain.Count == 0)
                chain.Add(kept.Concat(opened).First(journal => journal.BaseStep == 0 && journal.LastStep > 0
                    && journal.DigestAfter(1) == record.Digest).DigestAfter(0));
            var step = record.Step;
            Assert.True(step == Last + 1 && record.WithDigestAfter(chain[^1]).Digest == record.Digest,
                $"step {step} does not follow from step {Last}");
            Assert.True(record.Voters.IsSubsetOf(record.Members),
                $"step {step}: {record.Voters} voted in a view of {record.Members}");
            chain.Add(record.Digest);
            views.Add(record.View);
            if (runId is { } before && before != record.RunId)
                eras.Add(step);
            runId = record.RunId;
            oracle.Apply(record);
            foreach (var name in newest[step])
                oracle.Compare(place.CheckpointFile(name, step), record.Digest);
            Assert.True(newest[step].Select(name => Convert.ToHexString(place.Checkpoint(name, step))).Distinct().Count() <= 1,
                $"the checkpoints of step {step} differ");
        }
        Assert.All(newest,
            at => Assert.True(at.Key >= 1 && at.Key <= Last, $"{string.Join(", ", at)} has a checkpoint of step {at.Key}"));
        return (views.Count, eras);
    }

    /// <summary>Whatever any process reported is in the chain: no applied step was lost, or applied in two ways.</summary>
    void CheckEvents(List<long> eras)
    {
        foreach (var peer in run.Peers.Values)
            foreach (var (process, era) in peer.Processes)
                foreach (var (step, _) in process.Steps)
                {
                    // What the one disk that was left did not hold is lost with the others: one step at most.
                    if (era < eras.Count && step.Step == eras[era])
                        continue;
                    CheckStep(peer.Name, step);
                }
    }

    void CheckStep(string name, Stepped step)
    {
        Assert.True(step.Step <= Last, $"{name} applied step {step.Step}, and the run ended with step {Last}");
        Assert.True(step.Digest == chain[(int)step.Step].ToString(),
            $"{name} applied step {step.Step} as {step.Digest}; the chain has {chain[(int)step.Step]}");
    }

    /// <summary>A peer's metrics tell of every step once, over all its processes, from the first or from the snapshot it
    /// fetched.</summary>
    void CheckMetrics(string name)
    {
        long last = 0;
        foreach (var happened in place.Metrics(name))
        {
            if (happened is Fault { What: "fetched" } fetched && Snapshot().Match(fetched.Text) is { Success: true } found)
                last = Math.Max(last, long.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture));
            if (happened is not Stepped step)
                continue;
            Assert.True(step.Step == last + 1, $"{name}'s metrics have step {step.Step} after step {last}");
            last = step.Step;
            CheckStep(name, step);
        }
        Assert.True(last == place.Newest(name),
            $"{name}'s metrics end with step {last}, its last checkpoint is of step {place.Newest(name)}");
    }

    [GeneratedRegex("^the snapshot of step ([0-9]+) has arrived$")]
    private static partial Regex Snapshot();
}
