using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Peer.Cli.Display;
using DecentralizedLion.Peer.Training;

namespace DecentralizedLion.Peer.Cli.Compare;

/// <summary>A whole comparison: the grid of learning rates first, then the runs with the best of each, then tables and
/// charts.</summary>
/// <param name="options">The command's options.</param>
/// <param name="output">Takes the result.</param>
/// <param name="error">Takes all other lines where the result is JSON.</param>
/// <param name="time">The clock.</param>
sealed class Comparison(CompareOptions options, TextWriter output, TextWriter error, TimeProvider time)
{
    readonly Lock one = new();
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
        var search = RateSearch.Of(settings, samples, runs => [.. runs.Select(store.Find)]);
        RunResult[] results = [.. settings.Runs(samples, search.Results).Select(store.Find).OfType<RunResult>()];
        var tables = new CompareTables(settings, folder);
        tables.Grid(search.Results);
        tables.Results(results);
        string[] files = [new CompareMarkdown(settings).Write(folder, search.Results, results),
            .. CompareCharts.Write(settings, folder, results)];
        var report = CompareReport.Of(settings, search, results, files);
        if (options.Json)
            JsonReport.Write(report, output);
        else
            report.Write(output);
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

    void Tell(string line)
    {
        lock (one)
            lines.WriteLine(line);
    }
}
