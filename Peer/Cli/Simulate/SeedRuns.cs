using DecentralizedLion.Peer.Cli.Display;
using DecentralizedLion.Topology.Simulation;

namespace DecentralizedLion.Peer.Cli.Simulate;

/// <summary>Runs the simulation for many seeds, each on one thread, and says what they did.</summary>
/// <param name="options">What is asked for.</param>
/// <param name="output">Takes the result.</param>
/// <param name="error">Takes all else where the result is JSON.</param>
/// <param name="progress">Is told how far they are.</param>
/// <param name="time">The clock.</param>
sealed class SeedRuns(
    SimulateOptions options, TextWriter output, TextWriter error, ProgressLine progress, TimeProvider time)
{
    readonly Lock one = new();
    readonly TextWriter lines = options.Json ? error : output;
    readonly SimulationCounts total = new();
    readonly List<FailedSeed> failed = [];
    readonly long begin = time.GetTimestamp();
    long next = options.FirstSeed, done;

    /// <summary>Runs all of them, or until it is told to stop; returns the exit code.</summary>
    public int Run(CancellationToken stop)
    {
        var jobs = (int)Math.Min(options.Jobs > 0 ? options.Jobs : Environment.ProcessorCount, SeedCount);
        var threads = Enumerable.Range(0, jobs)
            .Select(job => new Thread(() => Work(stop)) { Name = $"simulation {job}" }).ToArray();
        foreach (var thread in threads)
            thread.Start();
        foreach (var thread in threads)
            thread.Join();
        progress.Dispose();
        if (options.Json)
            JsonReport.Write(Summary(), output);
        else
            Summary().Write(output);
        return failed.Count == 0 ? ExitCode.Done : ExitCode.Failed;
    }

    void Work(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested && Take() is { } seed)
            Report(SimulationRun.Run(seed, options.Peers, options.Faults));
    }

    int? Take()
    {
        lock (one)
            return next > options.LastSeed ? null : (int)next++;
    }

    void Report(SimulationResult result)
    {
        lock (one)
        {
            done++;
            total.Add(result.Counts);
            if (options.Verbose)
                progress.Around(() => lines.WriteLine($"{result}, trace {result.TraceHash:x16}"));
            if (!result.IsOk)
            {
                failed.Add(new FailedSeed(result.Seed, result.Failure!, options.Replay(result.Seed)));
                progress.Around(() =>
                {
                    lines.WriteLine(result.Report);
                    lines.WriteLine($"to repeat it: {options.Replay(result.Seed)}");
                });
            }
            progress.Report((double)done / SeedCount, $"{done} of {SeedCount} seeds, {failed.Count} failed");
        }
    }

    long SeedCount => options.LastSeed - (long)options.FirstSeed + 1;

    SimulationSummary Summary() => new(SeedCount, done,
        time.GetElapsedTime(begin).TotalSeconds, [.. failed.OrderBy(one => one.Seed)], total);
}
