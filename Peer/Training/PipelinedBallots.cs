using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Peer.Checkpoints;

namespace DecentralizedLion.Peer.Training;

/// <summary>
/// With a delay of L, the ballots of the L steps after the one that was cast last: their gradients are of the weights before it,
/// and are computed while its exchange goes on. Empty without a delay.
/// </summary>
/// <param name="delay">L.</param>
sealed class PipelinedBallots(int delay)
{
    readonly Queue<(long Step, PendingBallot? Ballot, TimeSpan Took)> ballots = [];

    /// <summary>The first step after one, at most L after it, that has no ballot yet; null: none.</summary>
    /// <param name="step">The step that was cast last.</param>
    /// <param name="last">The run's last step.</param>
    public long? NextMissing(long step, long last)
    {
        for (var later = step + 1; later <= Math.Min(step + delay, last); later++)
            if (ballots.All(ballot => ballot.Step != later))
                return later;
        return null;
    }

    /// <summary>Adds a ballot, later than all that are here; null: none is cast in that step.</summary>
    public void Add(long step, PendingBallot? ballot, TimeSpan took) => ballots.Enqueue((step, ballot, took));

    /// <summary>The ballot of a step that is wanted now; null: none was computed.</summary>
    /// <param name="step">The step.</param>
    /// <param name="chain">The chain before it, which was not known when its gradient was computed.</param>
    public (PendingBallot? Ballot, TimeSpan Took)? Take(long step, Digest chain)
    {
        while (ballots.TryDequeue(out var first))
            if (first.Step == step)                                     // earlier ones were decided without us
                return (first.Ballot is { } open ? open with { DigestBefore = chain } : null, first.Took);
        return null;
    }

    /// <summary>Drops all of them.</summary>
    public void Clear() => ballots.Clear();
}
