using DecentralizedLion.Peer.Cli.Display;

namespace DecentralizedLion.Peer.Cli.Compare;

/// <summary>How far some runs are that are made at the same time, by the samples that they take.</summary>
/// <param name="line">Shows it.</param>
/// <param name="runs">The runs that are made.</param>
sealed class CompareProgress(ProgressLine line, IReadOnlyList<RunSpec> runs)
{
    readonly double all = runs.Sum(run => (double)run.SamplesPerStep * run.Training.Steps);
    long taken, finished;

    /// <summary>Counts a step.</summary>
    public void AddStep(RunSpec run) => line.Report(Interlocked.Add(ref taken, run.SamplesPerStep) / all,
        $"{Interlocked.Read(ref finished)} of {runs.Count} runs done");

    /// <summary>Counts a run.</summary>
    public void AddRun() => Interlocked.Increment(ref finished);
}
