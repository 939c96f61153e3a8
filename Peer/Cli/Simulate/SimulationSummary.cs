using DecentralizedLion.Peer.Cli.Display;
using DecentralizedLion.Topology.Simulation;

namespace DecentralizedLion.Peer.Cli.Simulate;

/// <summary>What came of many seeds.</summary>
/// <param name="Seeds">How many were asked for.</param>
/// <param name="Done">How many were run.</param>
/// <param name="Seconds">How long that took.</param>
/// <param name="Failed">Those that failed, by seed.</param>
/// <param name="Counts">What happened in all of them.</param>
sealed record SimulationSummary(long Seeds, long Done, double Seconds, IReadOnlyList<FailedSeed> Failed, SimulationCounts Counts)
{
    /// <summary>Writes it for people.</summary>
    public void Write(TextWriter output)
    {
        output.WriteLine(Format.Text($"{Done} of {Seeds} seeds in {Seconds:F1} s, {Failed.Count} failed"));
        output.WriteLine(Counts);
        foreach (var one in Failed)
            output.WriteLine($"seed {one.Seed} failed; to repeat it: {one.Replay}");
    }
}
