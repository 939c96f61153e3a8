using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Peer.Metrics;
using DecentralizedLion.Topology;

namespace DecentralizedLion.Peer.Training;

/// <summary>
/// The course of a run at one peer: it does what the ring wants, turn by turn, until a gradient is wanted; applies what was
/// decided; saves, reports, and loads again.
/// </summary>
/// <param name="services">What it works with.</param>
/// <param name="ring">The ring.</param>
sealed class Trainer(TrainerServices services, IRing ring)
{
    readonly Replica replica = services.Replica;
    readonly CheckpointManager saved = services.Checkpoints;
    readonly Action<PeerEvent> tell = services.Tell;
    readonly TimeProvider time = services.Time;
    readonly StepProfiler? profiler = services.Profiler;
    readonly BallotCaster caster = new(services, ring);
    readonly LinkRecorder links = new(ring.Statistics, services.Names, services.Self, services.Time);

    // Steps up to here were in this peer's own journal at the start, and were reported up to there.
    readonly long journaled = Math.Max(services.Journal.LastStep, services.Replica.Step);
    readonly ReplayProgress replay = new(() => services.Journal.LastStep, services.Time);
    readonly long start = services.Time.GetTimestamp();
    long reported;
    long? resumed;
    bool begun, closed;
    long mark;
    string? failure;
    WeightsDifference? damaged;

    /// <summary>The event of the beginning of training; the step is filled in.</summary>
    public required Started Started { get; init; }

    /// <summary>A step was applied.</summary>
    public Action<AppliedStep>? Applied { get; init; }

    /// <summary>This peer's ballots, and the step whose gradient is wanted.</summary>
    public BallotCaster Ballots => caster;

    /// <summary>True when the run is over for this peer: finished, or left.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>All replicas are equal, so one member's look at the test part is enough: the lowest-ranked of the last
    /// step's.</summary>
    public bool IsLowestRanked => replica.Data.State.Members[0] == services.Self;

    /// <summary>Reports where this peer begins.</summary>
    /// <param name="isResumed">True when the state is of an earlier process.</param>
    /// <param name="open">The ballot that came with it.</param>
    /// <param name="told">The last step that an earlier process reported.</param>
    public void Begin(bool isResumed, PendingBallot? open, long told)
    {
        caster.Open = open;
        mark = time.GetTimestamp();
        reported = Math.Min(told, journaled);
        resumed = isResumed ? replica.Step : null;
        if (replica.Step == journaled)
            ReportResumed();
        if (replica.Step >= services.LastStep)
            tell(new Note($"all {services.LastStep} steps were done before; --fresh begins anew"));
    }

    /// <summary>Does what the ring wants until a gradient is wanted, whose step <see cref="Ballots"/> then has.</summary>
    /// <returns>False: the run is over for this peer.</returns>
    /// <exception cref="RingException">The ring cannot go on; the momentum is saved, and the journal has the rest.</exception>
    public bool WaitForStep()
    {
        while (!caster.FindWanted())
        {
            if (caster.HasAnswered)
                mark = time.GetTimestamp();
            if (!TakeTurn())
                return false;
        }
        services.Parameters.CopyWeightsToDevice();
        return true;
    }

    /// <summary>Takes in the gradient of the wanted step.</summary>
    /// <param name="loss">The loss, where it is known; else null.</param>
    /// <exception cref="NonFiniteGradientException">Too many gradients in a row were not finite.</exception>
    public void Cast(float? loss)
    {
        var step = caster.WantedStep;
        profiler?.OnDone(StepPart.Gradient);
        var computed = time.GetTimestamp();
        AwaitCopy();
        caster.ExcludeSince(computed);
        caster.Cast(loss);
        profiler?.OnDone(StepPart.Ballot);
        if (caster.NonFiniteInARow < services.NonFiniteLimit)
            return;
        failure = $"step {step}: the loss or gradient was not finite {caster.NonFiniteInARow} steps in a row "
            + "(nonFiniteLimit); a smaller learningRate, or a look at the data, may help";
        tell(new Note(failure));
        throw new NonFiniteGradientException(failure);
    }

    /// <summary>Leaves the ring in order: casts no more ballots, and applies what is decided until the others can do without this
    /// peer.</summary>
    public void Leave()
    {
        if (HasEnded || closed)
            return;
        caster.Abstention.SetBusy(AbstentionReason.Leaving);
        ring.StopVoting();
        ring.RequestStop();
        while (TakeTurn())
            if (caster.FindWanted())
                caster.OnTurn();
    }

    /// <summary>Reports the end; the second time it does nothing.</summary>
    public void Close()
    {
        if (closed)
            return;
        closed = true;
        ReportEnd(failure is not null ? Ended.Failed : replica.Step == services.LastStep ? Ended.Finished : Ended.Left);
    }

    /// <summary>Notes that this peer does something else than gradients for a while.</summary>
    public void Occupy(AbstentionReason reason)
    {
        caster.Abstention.SetBusy(reason);
        tell(new Busy(replica.Step, reason.Text()));
    }

    bool TakeTurn()
    {
        try
        {
            caster.OnTurn();
            profiler?.Skip();
            var slice = replica.SliceDigest(replica.Step + 1);
            profiler?.OnDone(StepPart.Digest);
            var turn = ring.Next(replica.Step, slice);
            profiler?.OnAnswered();
            return On(turn);
        }
        catch (RingException)
        {
            // What was applied is in the journal. The weights themselves may be what is wrong: they are not saved.
            SaveLocalState();
            closed = true;
            ReportEnd(Ended.Failed);
            throw;
        }
    }

    bool On(TrainerTurn turn)
    {
        switch (turn)
        {
            case ComputeTurn(var step):
                ReportStart(replica.Step);
                profiler?.Begin();
                caster.OnAsked(step);
                return true;
            case ApplyTurn apply:
                AwaitCopy();
                replica.Apply(apply.Record);                    // mavo: x ← x·(1 − lr·λ) − lr·Δ, on all peers alike
                replica.ApplyLocal(apply.Record);
                profiler?.OnDone(StepPart.Apply);
                OnApplied(apply);
                return true;
            case LoadTurn reload:
                saved.Discard(); // it may be of steps that are not the ring's, or of damaged weights
                ReportResumed();
                Reload(reload);
                ReportStart(replica.Step);
                return true;
            case SaveTurn:
                Occupy(AbstentionReason.Saving); // alone
                if (!FinishSave())               // one that is being written will do
                    Save();
                return true;
            case EndTurn end:
                ReportStart(replica.Step);
                if (end.Note is { } note)
                    tell(new Note(note));
                FinishSave();
                if (replica.Step > saved.Step)
                    Save();
                HasEnded = true;
                services.Parameters.CopyWeightsToDevice();
                return false;
            default:
                throw new InvalidOperationException($"the ring wants {turn}, which no trainer knows");
        }
    }

    void OnApplied(ApplyTurn turn)
    {
        var step = turn.Record.Step;
        if (step >= journaled)
            ReportStart(step == journaled ? step : step - 1);
        CompareDamaged();
        if (replay.Report(step) is { } progress)
            tell(new Note(progress));
        var isNew = step > reported;
        if (isNew)
            Report(turn);
        if (step < services.LastStep && services.CheckpointEvery > 0 && step % services.CheckpointEvery == 0 && step > saved.Step)
            BeginSave();
        if (Applied is { } applied)
        {
            services.Parameters.CopyWeightsToDevice();
            profiler?.Skip();
            applied(new AppliedStep(step, EventLine.Finite(turn.Record.MeanLoss), turn.Record.LearningRate,
                turn.Record.Voters.Count, !isNew || step <= journaled));
            profiler?.OnDone(StepPart.Handlers);
        }
        if (profiler?.End(step) is { } profiled && isNew)
            tell(profiled);
        mark = time.GetTimestamp();
    }

    void Report(ApplyTurn turn)
    {
        var record = turn.Record;
        reported = record.Step;
        var (payload, all) = ring.TakeSent();
        var compute = caster.Open?.Step == record.Step ? caster.ComputeTime : TimeSpan.Zero;
        tell(PeerEvents.Of(record, services.Names, payload * 8.0 / services.Parameters.Count, all, compute,
            time.GetElapsedTime(mark), turn.Agreement,
            // earlier ones are another process's
            record.Step > journaled ? caster.Abstention.Of(record, services.Self)?.Text() : null)
            with
        { Flips = replica.Flips, Zeros = replica.Zeros, Ties = turn.Ties });
        if (links.IsDue)
            tell(links.Take(record.Step));
    }

    void ReportResumed()
    {
        if (resumed is not { } step)
            return;
        resumed = null;
        tell(new Note($"resumed after step {replica.Step}: {saved.File} and {replica.Step - step} steps of the journal"));
    }

    void ReportStart(long step)
    {
        if (begun)
            return;
        ReportResumed();
        begun = true;
        tell(Started with { Step = step });
    }

    void ReportEnd(string reason)
    {
        tell(links.Take(replica.Step));
        tell(new Ended(replica.Step, reason, replica.Chain.ToString(), time.GetElapsedTime(start).TotalSeconds,
            ring.Statistics.Retries));
    }

    void Reload(LoadTurn turn)
    {
        if (turn.Damage is not null)
            damaged = new WeightsDifference(replica.Step, services.Parameters.Weights);
        else
        {
            reported = Math.Min(reported, turn.StepMax); // what follows are other steps, whatever their numbers
            replica.MarkLocalStateAt(Math.Min(replica.LocalStateStep, turn.StepMax));
        }
        if (!saved.TryLoad(turn.StepMax, out var open))
            throw new CheckpointException(saved.Folder,
                $"the ring continues from step {turn.StepMax}, and no checkpoint here is that old; "
                + "with --fresh this peer fetches the others' state");
        caster.Reloaded(open);
        tell(new Note($"continues from step {replica.Step}: {saved.File}"));
        CompareDamaged();
    }

    void CompareDamaged()
    {
        if (damaged is null || damaged.Step > replica.Step)
            return;
        if (damaged.Step == replica.Step)
            tell(new Note(damaged.Compare(services.Parameters.Weights, services.Parameters.Layout)));
        damaged = null;
    }

    void Save()
    {
        BeginSave();
        FinishSave();
    }

    /// <summary>Begins a checkpoint, which is written while training goes on.</summary>
    void BeginSave()
    {
        FinishSave();
        profiler?.Skip();
        if (!saved.BeginSave(caster.Open))
            FinishSave();
        else if (!services.OverlapsCopy)
            AwaitCopy();
        profiler?.OnDone(StepPart.Checkpoint);
    }

    /// <summary>Waits for a copy of all that a checkpoint which was begun contains, before any of it changes.</summary>
    void AwaitCopy()
    {
        if (saved.AwaitCopy())
            profiler?.OnDone(StepPart.Checkpoint);
        if (saved.IsIdle)
            FinishSave();
    }

    /// <summary>Waits for a checkpoint that was begun; the journal needs no steps from long before it. While training goes on,
    /// this peer's checkpoints get their names here, never while this thread waits for a turn: the ring deletes and fetches some
    /// then.</summary>
    /// <returns>False: none was begun.</returns>
    bool FinishSave()
    {
        if (!saved.FinishSave())
            return false;
        if (services.CheckpointEvery > 0)
            // Two intervals, whatever was written between them, and what a peer that came back is fetching. Without checkpoints
            // every step is kept.
            services.Journal.Checkpointed(Math.Min(saved.Oldest, saved.Step - 2 * services.CheckpointEvery));
        profiler?.OnDone(StepPart.Checkpoint);
        return true;
    }

    void SaveLocalState()
    {
        try
        {
            saved.SaveLocalState(caster.Open);
        }
        catch (IOException e)
        {
            tell(new Note($"the momentum file cannot be written, and the next start uses an older one: {e.Message}"));
        }
    }
}
