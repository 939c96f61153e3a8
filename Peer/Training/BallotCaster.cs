using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Models.Sampling;
using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Peer.Metrics;
using DecentralizedLion.Topology;

namespace DecentralizedLion.Peer.Training;

/// <summary>
/// This peer's ballots: the step whose gradient is wanted next, and what becomes of the gradient. A ballot that was cast is cast
/// again until its step is committed, never computed again.
/// </summary>
/// <param name="services">What it works with.</param>
/// <param name="ring">Takes the ballots.</param>
sealed class BallotCaster(TrainerServices services, IRing ring)
{
    readonly Replica replica = services.Replica;
    readonly BallotBuilder builder = new(services.Parameters, services.Replica.Optimizer, services.Rate,
        services.Options.LocalSteps, services.Replica.Groups);

    // The ring may send a ballot again until the step after it is applied.
    readonly Ballot?[] ballots = new Ballot[services.Options.Delay + 2];
    readonly PipelinedBallots pipelined = new(services.Options.Delay);
    long? asked, answered;
    long startedAt;
    bool isBegun;

    /// <summary>The ballot that was cast last.</summary>
    public PendingBallot? Open { get; set; }

    /// <summary>The time that its gradient took; zero when that is not known.</summary>
    public TimeSpan ComputeTime { get; private set; }

    /// <summary>The step whose gradient is wanted; null: none is.</summary>
    public long? WantedStep { get; private set; }

    /// <summary>The samples of <see cref="WantedStep"/>.</summary>
    public Sampler Samples { get; private set; } = services.Replica.Data;

    /// <summary>The gradients of <see cref="WantedStep"/> that were given already; more than none with local steps.</summary>
    public int GradientsGiven => WantedStep is null || !isBegun ? 0 : builder.Count;

    /// <summary>Steps in a row without a finite gradient, up to now.</summary>
    public int NonFiniteInARow { get; private set; }

    /// <summary>The reasons for which this peer casts no ballot.</summary>
    public AbstentionTracker Abstention { get; } = new();

    /// <summary>True when the ballot that the ring asked for last was given, and nothing came of it yet.</summary>
    public bool HasAnswered => answered is not null;

    /// <summary>The ring asks for the ballot of a step.</summary>
    public void OnAsked(long step) => asked = step;

    /// <summary>The ring goes on: what was computed ahead of it follows from the next ballot that it asks for.</summary>
    public void OnTurn() => (asked, answered, WantedStep, isBegun) = (null, null, null, false);

    /// <summary>Answers what the ring asked for, as far as this peer can without a gradient, and finds the step whose gradient is
    /// wanted.</summary>
    /// <returns>False: none is, until the ring goes on.</returns>
    public bool FindWanted()
    {
        while (WantedStep is null)
        {
            if (asked is { } step)
            {
                if (FindReady(step) is { } ready)
                    Submit(step, ready.Ballot, ready.Took, AbstentionReason.NotFinite);
                else if (!replica.Data.HasSamples(services.Self))
                    Submit(step, null, TimeSpan.Zero, AbstentionReason.NoData);
                else
                    Want(step, replica.Data);
            }
            else if (answered is { } last && pipelined.NextMissing(last, services.LastStep) is { } later)
            {
                var samples = replica.Data;                     // as if all members vote until then
                for (var between = last; between < later; between++)
                    samples = samples.AfterAll();
                if (samples.HasSamples(services.Self))
                    Want(later, samples);
                else
                    pipelined.Add(later, null, TimeSpan.Zero);
            }
            else
                return false;
        }
        return true;
    }

    /// <summary>The computation of the wanted gradient begins now.</summary>
    public void MarkStart() => startedAt = services.Time.GetTimestamp();

    /// <summary>The time from a timestamp to now is none of the gradient's.</summary>
    public void ExcludeSince(long timestamp) => startedAt += services.Time.GetTimestamp() - timestamp;

    /// <summary>Takes the gradient of <see cref="WantedStep"/> in; casts the ballot when it is complete.</summary>
    /// <param name="loss">The loss, where it is known; else null.</param>
    public void Cast(float? loss)
    {
        var step = WantedStep ?? throw new InvalidOperationException("no gradient is wanted");
        if (!isBegun)
        {
            builder.Begin(step, BallotOf(step), LocalStepsOf());
            isBegun = true;
        }
        services.Parameters.CollectGradient();                              // g = ∇f(x)
        if (!builder.Add(services.Parameters.Gradient, loss ?? float.NaN, loss is not null))
            return;
        var ballot = builder.IsFinite
            ? new PendingBallot(step, replica.Chain, BallotOf(step), builder.Loss) : ReportNonFinite(step, loss);
        if (builder.IsFinite)
            NonFiniteInARow = 0;
        var took = ballot is null ? TimeSpan.Zero : services.Time.GetElapsedTime(startedAt);
        (WantedStep, isBegun) = (null, false);
        if (step == asked)
            Submit(step, ballot, took, AbstentionReason.NotFinite);
        else
            pipelined.Add(step, ballot, took);
    }

    /// <summary>Takes the state that was loaded: ballots for other weights are none any more.</summary>
    /// <param name="open">The ballot that was loaded with it.</param>
    public void Reloaded(PendingBallot? open)
    {
        pipelined.Clear();
        Open = open ?? Open;
    }

    void Want(long step, Sampler samples)
    {
        (WantedStep, Samples, isBegun) = (step, samples, false);
        MarkStart();
    }

    void Submit(long step, PendingBallot? ballot, TimeSpan took, AbstentionReason whyNot)
    {
        (Open, ComputeTime, asked, answered) = (ballot, took, null, step);
        if (ballot is null)
            Abstention.RecordNoBallot(step, whyNot);
        ring.SubmitBallot(step, ballot?.Ballot, ballot?.Loss ?? 0, took);   // without a ballot this peer relays
    }

    /// <summary>A ballot that was cast for this very step, or computed ahead: its gradient is in the momentum already.</summary>
    (PendingBallot? Ballot, TimeSpan Took)? FindReady(long step) =>
        Open is { } open && open.Step == step && open.DigestBefore == replica.Chain
            ? (open, ComputeTime) : pipelined.Take(step, replica.Chain);

    /// <summary>The local steps of the wanted ballot: no more than there are samples.</summary>
    int LocalStepsOf() => services.Options.LocalSteps == 1 ? 1
        : (int)Math.Min(services.Options.LocalSteps, Samples.Positions(services.Self).Length);

    Ballot BallotOf(long step)
    {
        ref var ballot = ref ballots[step % ballots.Length];
        var buckets = replica.Optimizer.BucketsOf(step);
        return ballot?.IsFor(buckets) == true ? ballot : ballot = new Ballot(buckets);
    }

    /// <summary>A loss or gradient with a NaN or an infinity is no ballot.</summary>
    PendingBallot? ReportNonFinite(long step, float? loss)
    {
        NonFiniteInARow++;
        services.Tell(new Note($"step {step}: the {(loss is { } f && !float.IsFinite(f) ? "loss" : "gradient")} is not finite; "
            + $"no ballot is cast ({NonFiniteInARow} in a row, {services.NonFiniteLimit} end the run)"));
        return null;
    }
}
