using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Peer.Training;

namespace DecentralizedLion.Peer.Cli.Compare;

/// <summary>A whole comparison: the grid of learning rates first, then the runs with the best of each, then tables and
/// charts.</summary>
/// <param name="options">The command's options.</param>
/// <param name="output">Takes lines for the person who started it.</param>
/// <param name="time">The clock.</param>
sealed class Comparison(CompareOptions options, TextWriter output, TimeProvider time)
{
    readonly Lock one = new();

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
        using var only = Lock(folder);
        var store = new ResultStore(folder, Tell);
        if (options.Report)
        {
            Report(settings, samples, folder, store);
            return ExitCode.Done;
        }
        var make = new CompareRun(settings, store, options.Device, time, Tell);
        var atOnce = options.Jobs > 0 ? options.Jobs : Environment.ProcessorCount;
        Tell($"{settings.Name}: {settings.Grid(samples, []).Count()} runs for learning rates, more where the best is at the "
            + $"edge, then the runs that are compared; results in {folder}");
        try
        {
            var search = RateSearch.Of(settings, samples, runs => make.RunMissing(runs, atOnce, stop));
            make.RunMissing([.. settings.Runs(samples, search.Results)], atOnce, stop);
        }
        catch (OperationCanceledException)
        {
            Report(settings, samples, folder, store);
            Tell("stopped; the same command continues from here");
            return ExitCode.Failed;
        }
        Report(settings, samples, folder, store);
        return ExitCode.Done;
    }

    /// <summary>Tables and charts of the runs that are finished; where learning rates are missing, with the best of the
    /// others.</summary>
    void Report(CompareSettings settings, TrainingSplit samples, string folder, ResultStore store)
    {
        var (grid, tried) = RateSearch.Of(settings, samples, runs => [.. runs.Select(store.Find)]);
        RunResult[] results = [.. settings.Runs(samples, tried).Select(store.Find).OfType<RunResult>()];
        if (tried.Count < grid.Count || results.Length < settings.Count)
            Tell($"missing: {grid.Count - tried.Count} of {grid.Count} runs for learning rates, "
                + $"{settings.Count - results.Length} of {settings.Count} that are compared; tables and charts are of "
                + "the others");
        if (AtEdge(settings, tried) is { Length: > 0 } edge)
            Tell($"the best learning rate is the smallest or the largest tried, so that a better one may lie beyond: "
                + $"{string.Join(", ", edge)}");
        if (settings.UnequalClips is { } unequal)
            Tell(unequal);
        var tables = new CompareTables(settings, folder);
        tables.Grid(tried);
        tables.Results(results);
        foreach (var file in CompareCharts.Write(settings, folder, results)
            .Prepend(new CompareMarkdown(settings).Write(folder, tried, results)))
            Tell($"wrote {file}");
    }

    /// <summary>Two at a time would make the same runs.</summary>
    static FolderLock Lock(string folder)
    {
        try
        {
            return new FolderLock(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UsageException($"--out: found \"{folder}\", where nothing can be written ({e.Message}); allowed is a "
                + "folder of yours");
        }
    }

    static string[] AtEdge(CompareSettings settings, IReadOnlyList<RunResult> tried) =>
    [
        .. from name in settings.Names
           from workers in settings.GridWorkers
           let rates = tried.Where(run => run.Series == name && run.Workers == workers).Select(run => run.LearningRate).ToArray()
           where settings.ComparisonMetric.BestRate(name, workers, tried) is { } best && LearningRateGrid.IsAtEdge(best, rates)
           select settings.GridWorkers.Count > 1 ? $"{name} with {workers} workers" : name,
    ];

    void Tell(string line)
    {
        lock (one)
            output.WriteLine(line);
    }
}
