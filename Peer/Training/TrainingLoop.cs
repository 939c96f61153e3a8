using System.Diagnostics;
using DecentralizedLion.Codecs;
using DecentralizedLion.Models;
using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Peer.Metrics;
using DecentralizedLion.Peer.Settings;
using DecentralizedLion.Topology;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Membership;

namespace DecentralizedLion.Peer.Training;

/// <summary>Distributed Lion with a majority vote (arXiv 2404.00438), one peer's part of it.</summary>
public sealed class TrainingLoop(
    TrainingSettings settings, int self, FlatModel model, IDataPart data, Replica replica, float[] momentum, Ring ring,
    Slot[] slots, Action<PeerEvent> tell)
{
    readonly Schedule schedule = new(settings.LearningRate, settings.Steps, settings.Warmup, settings.FinalLearningRate);
    readonly SampleOrder order = new(settings.Seed, data.Count);

    // The ring may send a ballot again until the next step is committed, so two take turns.
    readonly Ballot[] ballots = [new(model.Count), new(model.Count)];
    int notFinite;

    /// <summary>The ballot that was cast for a step not yet committed; null between two steps.</summary>
    public OpenBallot? Open { get; set; }

    /// <summary>One step. False when the ring ends in order before it.</summary>
    public bool Step(long step)
    {
        var start = Stopwatch.GetTimestamp();
        Open ??= Cast(step);
        var lr = schedule.LearningRate(step - 1);
        var computed = Stopwatch.GetTimestamp();

        var verdict = ring.Vote(new StepVote(                   // Δ = sign(Σ ballots); without a ballot this peer relays
            step, Open?.Ballot, Open?.Loss ?? 0, lr, settings.WeightDecay, replica.SliceDigest(step)));
        if (verdict is null)
            return false;

        Open = null;
        replica.Apply(verdict);                                 // x ← x·(1 − lr·λ) − lr·Δ, on all peers alike
        model.Publish();
        Report(verdict, Stopwatch.GetElapsedTime(start, computed), Stopwatch.GetElapsedTime(computed));
        return true;
    }

    /// <summary>This peer's ballot, from its own mini-batch and its own momentum; null when its gradient is not finite.</summary>
    OpenBallot? Cast(long step)
    {
        var cursor = (step - 1) * slots.Sum(s => s.Length);
        var slot = slots[self];
        var loss = model.Backward(data.Read(slot.Samples(order, cursor), slot.Positions(cursor)));   // g = ∇f(x)
        if (!IsFinite(step, loss))
            return null;

        var ballot = ballots[step % 2];                        // sign(β1·m + (1 − β1)·g), then m ← β2·m + (1 − β2)·g
        LionKernel.Vote(model.Gradient, momentum, settings.Beta1, settings.Beta2, ballot.Signs, ballot.Zeros);
        return new OpenBallot(step, ballot, loss);
    }

    /// <summary>A loss or gradient with a NaN or an infinity is no ballot; the momentum stays as it was.</summary>
    bool IsFinite(long step, float loss)
    {
        if (float.IsFinite(loss) && LionKernel.AllFinite(model.Gradient))
        {
            notFinite = 0;
            return true;
        }
        notFinite++;
        tell(new Noted($"step {step}: the {(float.IsFinite(loss) ? "gradient" : "loss")} is not finite; no ballot is cast "
            + $"({notFinite} in a row, {settings.NonFiniteLimit} end the run)"));
        return notFinite < settings.NonFiniteLimit
            ? false
            : throw new TrainingException($"step {step}: the loss or gradient was not finite {notFinite} steps in a row "
                + "(nonFiniteLimit); a smaller learningRate, or a look at the data, may help");
    }

    void Report(StepRecord verdict, TimeSpan compute, TimeSpan exchange)
    {
        var (payload, all) = ring.TakeSent();
        tell(new Stepped(verdict.Step, EventLine.Finite(verdict.MeanLoss), verdict.LearningRate, payload * 8.0 / model.Count, all,
            compute.TotalSeconds, exchange.TotalSeconds, verdict.Voters.Count, ring.Agreement, verdict.Digest.ToString()));
    }
}

/// <summary>Training cannot go on; the message says why.</summary>
public sealed class TrainingException(string message) : Exception(message);
