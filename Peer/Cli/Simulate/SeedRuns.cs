using System.Globalization;
using DecentralizedLion.Topology.Simulation;

namespace DecentralizedLion.Peer.Cli.Simulate;

/// <summary>Runs the simulation for many seeds, each on one thread, and says what they did.</summary>
sealed class SeedRuns(SimulateOptions options, TextWriter output, TimeProvider time)
{
    static readonly TimeSpan betweenLines = TimeSpan.FromSeconds(5);

    readonly Lock one = new();
    readonly SimulationCounts total = new();
    readonly List<int> failed = [];
    readonly long begin = time.GetTimestamp();
    long lastLine = time.GetTimestamp();
    int next = options.FirstSeed, done;

    /// <summary>Runs all of them, or until it is told to stop; returns the exit code.</summary>
    public int Run(CancellationToken stop)
    {
        var jobs = Math.Min(options.Jobs > 0 ? options.Jobs : Environment.ProcessorCount,
            options.LastSeed - options.FirstSeed + 1);
        var threads = Enumerable.Range(0, jobs)
            .Select(job => new Thread(() => Work(stop)) { Name = $"simulation {job}" }).ToArray();
        foreach (var thread in threads)
            thread.Start();
        foreach (var thread in threads)
            thread.Join();
        output.WriteLine(Summary());
        output.WriteLine(total);
        foreach (var seed in failed.Order())
            output.WriteLine($"seed {seed} failed; to repeat it: {options.Replay(seed)}");
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
            return next > options.LastSeed ? null : next++;
    }

    void Report(SimulationResult result)
    {
        lock (one)
        {
            done++;
            total.Add(result.Counts);
            if (options.Verbose)
                output.WriteLine($"{result}, trace {result.TraceHash:x16}");
            if (!result.IsOk)
            {
                failed.Add(result.Seed);
                output.WriteLine(result.Report);
                output.WriteLine($"to repeat it: {options.Replay(result.Seed)}");
            }
            if (options.Verbose || time.GetElapsedTime(lastLine) < betweenLines)
                return;
            lastLine = time.GetTimestamp();
            output.WriteLine(Summary());
        }
    }

    string Summary()
    {
        var took = time.GetElapsedTime(begin);
        return string.Create(CultureInfo.InvariantCulture,
            $"{done} of {options.LastSeed - (long)options.FirstSeed + 1} seeds in {took.TotalSeconds:F1} s, "
                + $"{failed.Count} failed");
    }
}
