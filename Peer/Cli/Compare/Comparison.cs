using DecentralizedLion.Peer.Cli.Display;
using DecentralizedLion.Peer.Training;

namespace DecentralizedLion.Peer.Cli.Compare;

/// <summary>A whole comparison: the grid of learning rates first, then the runs with the best of each, then tables and
/// charts.</summary>
/// <param name="options">The command's options.</param>
/// <param name="output">Takes the result.</param>
/// <param name="error">Takes all other lines where the result is JSON.</param>
/// <param name="progress">Is told how far it is.</param>
/// <param name="time">The clock.</param>
sealed class Comparison(
    CompareOptions options, TextWriter output, TextWriter error, ProgressLine progress, TimeProvider time)
{
    readonly TextWriter lines = options.Json ? error : output;

    /// <summary>Makes all runs that are missing and writes tables and charts; when stopped, or only asked to report, of what
    /// there is.</summary>
    /// <returns>The exit code.</returns>
    public int Run(CancellationToken stop)
    {
        RunModel.CheckDevice(options.Device);
        var settings = CompareSettings.Read(options.File, options.Data);
        TrainingSplit samples;
        using (var data = settings.Open())
        {
            settings.Check(data);
            samples = new TrainingSplit(data.Train.Count, Convert.ToHexString(data.Digest));
        }
        var folder = options.Out ?? Path.Combine("runs", "compare", settings.Name);
        if (options.Report && !Directory.Exists(folder))
            throw new UsageException($"--report: there is no folder {folder}; allowed is one with results (--out). Without "
                + "--report the runs are made");
        using var only = options.Report ? CompareLock.OfPart(folder, "report")
            : options.Shard is { } part ? CompareLock.OfPart(folder, $"shard-{part.Number}-of-{part.Count}")
            : CompareLock.OfAll(folder);
        var store = new ResultStore(folder, Tell);
        var isStopped = !options.Report && !TryMake(settings, samples, folder, store, stop);
        if (options.Shard is null)
            Report(settings, samples, folder, store);
        if (isStopped)
            Tell("stopped; the same command continues from here");
        return isStopped ? ExitCode.Failed : ExitCode.Done;
    }

    /// <summary>Makes all runs that are missing, or a shard's; false when it was stopped.</summary>
    bool TryMake(CompareSettings settings, TrainingSplit samples, string folder, ResultStore store, CancellationToken stop)
    {
        var shard = options.Shard is { } part ? new ShardRuns(settings, part) : null;
        var make = new CompareRun(settings, store, options.Device, time, progress, Tell);
        var atOnce = options.Jobs > 0 ? options.Jobs : Environment.ProcessorCount;
        var search = settings.Grid(samples, []).Count(IsOwn);
        Tell($"{Name(settings)}: " + (search == 0 && shard is null
            ? "no learning rate is to be chosen, so only the runs that are compared"
            : $"{search} runs for learning rates, more where the best is at the edge, then the runs that are compared")
            + $"; results in {folder}");
        try
        {
            var found = RateSearch.Of(settings, samples,
                runs => OfAll(runs, make.RunMissing([.. runs.Where(IsOwn)], atOnce, stop)));
            make.RunMissing([.. settings.Runs(samples, found.Results).Where(IsOwn)], atOnce, stop);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        if (shard is not null)
            Tell($"{Name(settings)}: done, {shard.OwnCount} of {shard.GroupCount} groups of runs. When all shards are "
                + "done, run the same command with --report instead of --shard to write tables and charts"
                + (shard.OwnCount > 0 ? "" : $". This shard had no runs: there are only {shard.GroupCount} groups to divide"));
        return true;

        bool IsOwn(RunSpec run) => shard?.Has(run) != false;

        // Those of other shards have no results here.
        IReadOnlyList<RunResult?> OfAll(IReadOnlyList<RunSpec> runs, IReadOnlyList<RunResult> own)
        {
            var next = 0;
            return [.. runs.Select(run => IsOwn(run) ? own[next++] : null)];
        }
    }

    string Name(CompareSettings settings) => options.Shard is { } shard ? $"{settings.Name}, {shard}" : settings.Name;

    /// <summary>Tables and charts of the runs that are finished; where learning rates are missing, with the best of the
    /// others.</summary>
    void Report(CompareSettings settings, TrainingSplit samples, string folder, ResultStore store)
    {
        var search = RateSearch.Of(settings, samples, runs => [.. runs.Select(store.Find)]);
        RunResult[] results = [.. settings.Runs(samples, search.Results).Select(store.Find).OfType<RunResult>()];
        var tables = new CompareTables(settings, folder);
        tables.Grid(search.Results);
        tables.Results(results);
        string[] files = [new CompareMarkdown(settings).Write(folder, search.Results, results),
            .. CompareCharts.Write(settings, folder, results)];
        var report = CompareReport.Of(settings, search, results, files);
        progress.Dispose();
        if (options.Json)
            JsonReport.Write(report, output);
        else
            report.Write(output);
    }

    void Tell(string line) => progress.Around(() => lines.WriteLine(line));
}
