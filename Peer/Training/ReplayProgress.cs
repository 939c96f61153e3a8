using DecentralizedLion.Topology;

namespace DecentralizedLion.Peer.Training;

/// <summary>Reports the progress of a peer that applies many steps in a row from its journal: its own after a restart, or steps
/// that it fetched.</summary>
/// <param name="lastStep">The last step of the journal.</param>
/// <param name="time">The clock.</param>
sealed class ReplayProgress(Func<long> lastStep, TimeProvider time)
{
    // A peer whose ballots are behind by some steps, or that computes slowly, has a few steps to apply all the time.
    const int StepsMin = 16;

    static readonly TimeSpan interval = TimeSpan.FromSeconds(2);

    (long First, ProgressReporter Reporter)? current;

    /// <summary>The line for the operator when one is due; else null.</summary>
    /// <param name="applied">The step that was applied now.</param>
    public string? Report(long applied)
    {
        var last = lastStep();
        if (last - applied < StepsMin)
        {
            current = null;
            return null;
        }
        if (current is null || applied < current.Value.First) // the ring may have sent it back
            current = (applied, new ProgressReporter(time, interval, first: 0));
        var (first, reporter) = current.Value;
        return reporter.Report(applied - first, last - first) is { } report ? $"applying steps up to {last}: {report}" : null;
    }
}
