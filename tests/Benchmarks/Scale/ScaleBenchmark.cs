using System.Diagnostics;
using System.Globalization;
using DecentralizedLion.Topology.Simulation;

namespace DecentralizedLion.Benchmarks.Scale;

/// <summary>Simulated rings of 8 to 256 peers: what a peer sends in a step, and how long a view change takes.</summary>
static class ScaleBenchmark
{
    /// <summary>Runs them, every seed with rings of all sizes up to the largest.</summary>
    public static void Run(Options options, TextWriter output)
    {
        int most = options.Number("--most", 256), parameters = options.Number("--parameters", 16_384);
        int seeds = options.Number("--seeds", 1);
        options.Finish();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"Simulated rings, {parameters:N0} parameters, a gradient in 0.1 s, frames take up to 0.5 ms; for each peer."));
        output.WriteLine();
        output.WriteLine("| peers | exchange frames a step | exchange kB a step | other frames a step | control kB a step "
            + "| heartbeats a second | death to view, s | this took, s |");
        output.WriteLine("|--|--|--|--|--|--|--|--|");
        for (int seed = 1; seed <= seeds; seed++)
        {
            for (int peers = 8; peers <= most; peers *= 2)
            {
                long start = Stopwatch.GetTimestamp();
                ScaleResult result = ScaleRun.Run(peers, parameters, seed: seed);
                output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"| {peers} | {result.ExchangeFrames:F0} | {result.ExchangeBytes / 1e3:F1} | {result.StepFrames:F0} | ")
                    + string.Create(CultureInfo.InvariantCulture,
                        $"{result.ControlBytes / 1e3:F1} | {result.HeartbeatsPerSecond:F0} | ")
                    + string.Create(CultureInfo.InvariantCulture,
                        $"{result.ViewChange.TotalSeconds:F2} | {Stopwatch.GetElapsedTime(start).TotalSeconds:F1} |"));
                output.Flush();
            }
        }
    }
}
