using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Models.Sampling;
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

    /// <summary>Computes what is missing.</summary>
    /// <param name="step">The step that was cast last.</param>
    /// <param name="last">The run's last step.</param>
    /// <param name="sampler">Who takes which samples in that step. In those after it: as if all members vote.</param>
    /// <param name="compute">Computes a step's ballot.</param>
    public void Fill(long step, long last, DistributedSampler sampler,
        Func<long, DistributedSampler, (PendingBallot? Ballot, TimeSpan Took)> compute)
    {
        if (delay == 0)
            return;
        var until = Math.Min(step + delay, last);
        var next = sampler;
        for (var later = step + 1; later <= until; later++)
        {
            next = next.AfterAll();
            if (ballots.All(ballot => ballot.Step != later))
            {
                var (ballot, took) = compute(later, next);
                ballots.Enqueue((later, ballot, took));
            }
        }
    }

    /// <summary>Drops all of them.</summary>
    public void Clear() => ballots.Clear();
}
