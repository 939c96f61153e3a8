using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Models;
using DecentralizedLion.Models.Sampling;
using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Peer.Configuration;
using DecentralizedLion.Peer.Metrics;
using DecentralizedLion.Topology;

namespace DecentralizedLion.Peer.Training;

/// <summary>Distributed training by one decision a step (arXiv 2404.00438), one peer's part of it.</summary>
public sealed class TrainingLoop(
    TrainingSettings settings, int self, FlatModel model, LocalStep local, ShuffledOrder order, Replica replica, IRing ring,
    TimeProvider time, Action<PeerEvent> tell)
{
    // The ring may send a ballot again until the step after it is applied.
    readonly Ballot?[] ballots = new Ballot[settings.Delay + 2];
    readonly PipelinedBallots pipelined = new(settings.Delay);

    /// <summary>The ballot that was cast last. Until its step is committed it is cast again, never computed again.</summary>
    public PendingBallot? Open { get; set; }

    /// <summary>The time that it took; zero when that is not known.</summary>
    public TimeSpan ComputeTime { get; private set; }

    /// <summary>Steps in a row without a finite gradient, up to now.</summary>
    public int NonFiniteInARow { get; private set; }

    /// <summary>True when this peer computes nothing any more: it is about to leave.</summary>
    public bool RelayOnly { get; set; }

    /// <summary>The factor by which a gradient is slowed down.</summary>
    public double Slow { get; init; } = 1;

    /// <summary>Ends the waiting of a <see cref="Slow"/> peer.</summary>
    public CancellationToken Stop { get; init; }

    /// <summary>Does what the ring wants next, and says what it was.</summary>
    public Turn Next()
    {
        var turn = ring.Next(replica.Step, replica.SliceDigest(replica.Step + 1));
        switch (turn)
        {
            case ComputeTurn(var step):
                (Open, ComputeTime) = FindPending(step) ?? pipelined.Take(step, replica.Chain)
                    ?? ComputeTimed(step, replica.Data);
                ring.SubmitBallot(step, Open?.Ballot, Open?.Loss ?? 0, ComputeTime);   // without a ballot this peer relays
                // with a delay: gradients at x as it is before this step
                pipelined.Fill(step, settings.Steps, replica.Data, ComputeTimed);
                break;
            case ApplyTurn { Record: var record }:                      // a quorum holds Δ; a ballot not in it came too late
                replica.Apply(record);                                  // mavo: x ← x·(1 − lr·λ) − lr·Δ, on all peers alike
                replica.ApplyLocal(record);
                break;
        }
        return turn;
    }

    /// <summary>This peer's ballot, from its own mini-batch and its own momentum; null when its gradient is not finite.</summary>
    PendingBallot? Compute(long step, DistributedSampler sampler)
    {
        // its share of the data, by the records before this step
        if (RelayOnly || !sampler.HasSamples(self))
            return null;
        model.CopyWeightsToDevice();
        // mavo: sign(β1·m + (1 − β1)·g), then m ← β2·m + (1 − β2)·g
        var ballot = BallotOf(step);
        if (!local.TryCompute(sampler.Samples(order, self), sampler.Positions(self), step, ballot, out var loss))
            return ReportNonFinite(step, loss);                                 // g = ∇f(x) is not finite
        NonFiniteInARow = 0;
        return new PendingBallot(step, replica.Chain, ballot, loss);
    }

    /// <summary>Takes the state that was loaded: ballots for other weights are none any more.</summary>
    /// <param name="open">The ballot that was loaded with it.</param>
    public void Reloaded(PendingBallot? open)
    {
        pipelined.Clear();
        Open = open ?? Open;
    }

    /// <summary>The open ballot when it was cast for this very step: its gradient is in the momentum already.</summary>
    (PendingBallot? Ballot, TimeSpan Took)? FindPending(long step) =>
        Open is { } open && open.Step == step && open.DigestBefore == replica.Chain ? (open, ComputeTime) : null;

    Ballot BallotOf(long step)
    {
        ref var ballot = ref ballots[step % ballots.Length];
        var buckets = replica.Optimizer.BucketsOf(step);
        return ballot is not null && ballot.Buckets.Select(bucket => bucket.Bucket).SequenceEqual(buckets)
            ? ballot : ballot = new Ballot(buckets);
    }

    (PendingBallot? Ballot, TimeSpan Took) ComputeTimed(long step, DistributedSampler sampler)
    {
        var start = time.GetTimestamp();
        var ballot = Compute(step, sampler);
        if (Slow > 1)
            Task.Delay(time.GetElapsedTime(start) * (Slow - 1), time, Stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing)
                .GetAwaiter().GetResult();
        return (ballot, ballot is null ? TimeSpan.Zero : time.GetElapsedTime(start));
    }

    /// <summary>A loss or gradient with a NaN or an infinity is no ballot.</summary>
    PendingBallot? ReportNonFinite(long step, float loss)
    {
        NonFiniteInARow++;
        tell(new Note($"step {step}: the {(float.IsFinite(loss) ? "gradient" : "loss")} is not finite; no ballot is cast "
            + $"({NonFiniteInARow} in a row, {settings.NonFiniteLimit} end the run)"));
        return null;
    }
}
