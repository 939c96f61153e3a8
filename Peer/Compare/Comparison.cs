using DecentralizedLion.Models;
using DecentralizedLion.Peer.Commands;

namespace DecentralizedLion.Peer.Compare;

/// <summary>A whole comparison: the grid of learning rates first, then the runs with the best of each, then tables.</summary>
/// <param name="options">The command's options.</param>
/// <param name="output">Takes lines for the person who started it.</param>
/// <param name="time">The clock.</param>
public sealed class Comparison(CompareOptions options, TextWriter output, TimeProvider time)
{
    readonly Lock one = new();

    /// <summary>Makes all runs that are missing and writes the tables; when stopped, the tables of what there is.</summary>
    /// <returns>The exit code.</returns>
    public int Run(CancellationToken stop)
    {
        var settings = CompareSettings.Read(options.File, options.Data);
        long samples;
        using (var data = settings.Data.Open())
            samples = data.Train.Count;
        var folder = options.Out ?? Path.Combine("runs", "compare", settings.Name);
        var store = new ResultStore(folder);
        var make = new CompareRun(settings, store, options.Device, time, Tell);
        var atOnce = options.Jobs > 0 ? options.Jobs : Environment.ProcessorCount;
        var tables = new CompareTables(settings, folder);
        RunSpec[] grid = [.. settings.Grid(samples)];
        Tell($"{settings.Name}: {grid.Length} runs for learning rates, then the runs that are compared; results in {folder}");
        try
        {
            var tried = make.Make(grid, atOnce, stop);
            tables.Grid(tried);
            RunSpec[] runs = [.. settings.Runs(samples, series => Best(series, tried))];
            var results = make.Make(runs, atOnce, stop);
            tables.Results(results);
            foreach (var file in CompareCharts.Write(settings, folder, results))
                Tell($"wrote {file}");
        }
        catch (OperationCanceledException)
        {
            Tell("stopped; the same command goes on from here");
            return ExitCode.Failed;
        }
        return ExitCode.Done;
    }

    /// <summary>The learning rate with the highest accuracy, of equal ones the smallest.</summary>
    static double Best(string series, IEnumerable<RunResult> tried) => tried.Where(result => result.Series == series)
        .OrderByDescending(result => result.Accuracy).ThenBy(result => result.LearningRate).First().LearningRate;

    void Tell(string line)
    {
        lock (one)
            output.WriteLine(line);
    }
}
