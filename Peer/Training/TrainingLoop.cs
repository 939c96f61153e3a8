using DecentralizedLion.Codecs;
using DecentralizedLion.Models;
using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Peer.Metrics;
using DecentralizedLion.Peer.Settings;
using DecentralizedLion.Topology.Membership;

namespace DecentralizedLion.Peer.Training;

/// <summary>Distributed Lion with a majority vote (arXiv 2404.00438), one peer's part of it.</summary>
public sealed class TrainingLoop(
    TrainingSettings settings, int self, FlatModel model, IDataPart data, Replica replica, float[] momentum, ITurns ring,
    TimeProvider time, Action<PeerEvent> tell)
{
    readonly SampleOrder order = new(settings.Seed, data.Count);

    // The ring may send a ballot again until the step after it is applied, so two take turns.
    readonly Ballot[] ballots = [new(model.Count), new(model.Count)];

    /// <summary>The ballot that was cast last. Until its step is committed it is cast again, never computed again.</summary>
    public OpenBallot? Open { get; set; }

    /// <summary>How long it took; zero when that is not known.</summary>
    public TimeSpan Took { get; private set; }

    /// <summary>Steps in a row without a finite gradient, up to now.</summary>
    public int NotFinite { get; private set; }

    /// <summary>Whether this peer computes nothing any more: it is about to leave.</summary>
    public bool OnlyRelays { get; set; }

    /// <summary>How many times longer a gradient takes than it must.</summary>
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
                Open = CastBefore(step) ?? Timed(Compute, step);
                ring.Cast(step, Open?.Ballot, Open?.Loss ?? 0, Took);   // Δ = sign(Σ ballots); without a ballot this peer relays
                break;
            case ApplyTurn(var record, _):                              // a quorum holds Δ; a ballot not in it came too late
                replica.Apply(record);                                  // x ← x·(1 − lr·λ) − lr·Δ, on all peers alike
                break;
        }
        return turn;
    }

    /// <summary>This peer's ballot, from its own mini-batch and its own momentum; null when its gradient is not finite.</summary>
    OpenBallot? Compute(long step)
    {
        if (OnlyRelays || !replica.Data.Has(self))                      // its share of the data, by the records before this step
            return null;
        model.Publish();
        var batch = data.Read(replica.Data.Samples(order, self), replica.Data.Positions(self));
        var loss = model.Backward(batch);                               // g = ∇f(x)
        if (!IsFinite(step, loss))
            return null;

        var ballot = ballots[step % 2];                                 // sign(β1·m + (1 − β1)·g), then m ← β2·m + (1 − β2)·g
        LionKernel.Vote(model.Gradient, momentum, settings.Beta1, settings.Beta2, ballot.Signs, ballot.Zeros);
        return new OpenBallot(step, replica.Chain, ballot, loss);
    }

    /// <summary>The open ballot when it was cast for this very step: its gradient is in the momentum already.</summary>
    OpenBallot? CastBefore(long step) => Open is { } open && open.Step == step && open.After == replica.Chain ? open : null;

    OpenBallot? Timed(Func<long, OpenBallot?> compute, long step)
    {
        var start = time.GetTimestamp();
        var ballot = compute(step);
        if (Slow > 1)
            Task.Delay(time.GetElapsedTime(start) * (Slow - 1), time, Stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing)
                .GetAwaiter().GetResult();
        Took = ballot is null ? TimeSpan.Zero : time.GetElapsedTime(start);
        return ballot;
    }

    /// <summary>A loss or gradient with a NaN or an infinity is no ballot; the momentum stays as it was.</summary>
    bool IsFinite(long step, float loss)
    {
        if (float.IsFinite(loss) && LionKernel.AllFinite(model.Gradient))
        {
            NotFinite = 0;
            return true;
        }
        NotFinite++;
        tell(new Noted($"step {step}: the {(float.IsFinite(loss) ? "gradient" : "loss")} is not finite; no ballot is cast "
            + $"({NotFinite} in a row, {settings.NonFiniteLimit} end the run)"));
        return false;
    }
}
