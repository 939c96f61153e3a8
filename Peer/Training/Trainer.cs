using DecentralizedLion.Models;
using DecentralizedLion.Models.Datasets;
using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Peer.Configuration;
using DecentralizedLion.Peer.Journal;
using DecentralizedLion.Peer.Metrics;
using DecentralizedLion.Topology;

namespace DecentralizedLion.Peer.Training;

/// <summary>The course of a run around its steps: what is told, saved, measured and loaded again, up to the end.</summary>
public sealed class Trainer(
    TrainingSettings settings, IReadOnlyList<string> names, int self, FlatModel model, IDataSplit test, TheoryProbe theory,
    Replica replica, TrainingLoop loop, CheckpointManager saved, StepJournal journal, IRing ring, TimeProvider time,
    Action<PeerEvent> tell)
{
    // Steps up to here were in this peer's own journal at the start, and were told of up to there.
    readonly long journaled = Math.Max(journal.LastStep, replica.Step);
    readonly AbstentionTracker abstention = new();
    long reported;
    long? resumed;
    bool begun;
    long mark;
    string? failure;
    WeightsDifference? damaged;

    /// <summary>The event of the beginning of training; the step is filled in.</summary>
    public required Started Started { get; init; }

    /// <summary>True when the state is of an earlier process.</summary>
    public bool IsResumed { get; init; }

    /// <summary>The last step that an earlier process told of.</summary>
    public long Reported { get; init; }

    /// <summary>Trains until the ring says that the run is over for this peer.</summary>
    /// <returns>True when nothing failed: the run is finished, or this peer has left it in order.</returns>
    /// <exception cref="RingException">The ring cannot go on; the momentum is saved, and the journal has the rest.</exception>
    public bool Run()
    {
        var start = mark = time.GetTimestamp();
        reported = Math.Min(Reported, journaled);
        resumed = IsResumed ? replica.Step : null;
        if (replica.Step == journaled)
            ReportResumed();
        if (replica.Step >= settings.Steps)
            tell(new Note($"all {settings.Steps} steps were done before; --fresh begins anew"));
        try
        {
            for (; ; )
            {
                var turn = loop.Next();
                switch (turn)
                {
                    case ComputeTurn(var step):
                        Begin(replica.Step);
                        mark = time.GetTimestamp();
                        if (loop.Open is null)
                            abstention.RecordNoBallot(step, !replica.Data.HasSamples(self) ? AbstentionTracker.NoData
                                : loop.RelayOnly ? AbstentionTracker.Leaving : AbstentionTracker.NotFinite);
                        CheckFinite(step);
                        break;
                    case ApplyTurn apply:
                        Applied(apply);
                        break;
                    case LoadTurn reload:
                        ReportResumed();
                        Reload(reload);
                        Begin(replica.Step);
                        break;
                    case SaveTurn:
                        Occupy(AbstentionTracker.Saving); // alone
                        Save();
                        break;
                    case EndTurn end:
                        Begin(replica.Step);
                        if (end.Note is { } note)
                            tell(new Note(note));
                        return End();
                    default:
                        throw new InvalidOperationException($"the ring wants {turn}, which no trainer knows");
                }
            }
        }
        catch (RingException)
        {
            // What was applied is in the journal. The weights themselves may be what is wrong: they are not saved.
            SaveLocalState();
            Ended(Metrics.Ended.Failed);
            throw;
        }

        bool End()
        {
            if (replica.Step > saved.Step)
                Save();
            if (failure is null && replica.Step == settings.Steps && Evaluates)
                Evaluate(0);
            Ended(failure is not null ? Metrics.Ended.Failed : replica.Step == settings.Steps
                ? Metrics.Ended.Finished : Metrics.Ended.Left);
            return failure is null;
        }

        void Ended(string reason) =>
            tell(new Ended(replica.Step, reason, replica.Chain.ToString(), time.GetElapsedTime(start).TotalSeconds,
                ring.Retries));
    }

    /// <summary>All replicas are equal, so one member's look at the test part is enough: the lowest-ranked of the last
    /// step's.</summary>
    bool Evaluates => replica.Data.State.Members[0] == self;

    void ReportResumed()
    {
        if (resumed is not { } step)
            return;
        resumed = null;
        tell(new Note($"resumed after step {replica.Step}: {saved.File} and {replica.Step - step} steps of the journal"));
    }

    void Begin(long step)
    {
        if (begun)
            return;
        ReportResumed();
        begun = true;
        tell(Started with { Step = step });
    }

    void Applied(ApplyTurn turn)
    {
        var step = turn.Record.Step;
        if (step >= journaled)
            Begin(step == journaled ? step : step - 1);
        CompareDamaged();
        var isNew = step > reported;
        if (isNew)
            Report(turn);
        if (step < settings.Steps && Due(step, settings.CheckpointEvery) && step > saved.Step)
            Save();
        if (isNew && step > journaled && step < settings.Steps && Due(step, settings.EvaluateEvery) && Evaluates)
        {
            Occupy(AbstentionTracker.Evaluating);
            Evaluate(settings.EvaluateSamples);
        }
        mark = time.GetTimestamp();
    }

    void Report(ApplyTurn turn)
    {
        var record = turn.Record;
        reported = record.Step;
        var (payload, all) = ring.TakeSent();
        var compute = loop.Open?.Step == record.Step ? loop.ComputeTime : TimeSpan.Zero;
        tell(PeerEvents.Of(record, names, payload * 8.0 / model.Count, all, compute, time.GetElapsedTime(mark), turn.Agreement,
            record.Step > journaled ? abstention.Of(record, self) : null) // what came before is of an earlier process
            with
        { Flips = replica.Flips, Zeros = replica.Zeros, Ties = turn.Ties });
    }

    void Occupy(string what)
    {
        abstention.SetBusy(what);
        tell(new Busy(replica.Step, what));
    }

    void Reload(LoadTurn turn)
    {
        if (turn.Damage is not null)
            damaged = new WeightsDifference(replica.Step, model.Weights);
        else
        {
            reported = Math.Min(reported, turn.StepMax); // what follows are other steps, whatever their numbers
            replica.MarkLocalStateAt(Math.Min(replica.LocalStateStep, turn.StepMax));
        }
        if (!saved.TryLoad(turn.StepMax, out var open))
            throw new CheckpointException(saved.Folder,
                $"the ring goes on from step {turn.StepMax}, and no checkpoint here is that old; "
                + "with --fresh this peer fetches the others' state");
        loop.Reloaded(open);
        tell(new Note($"goes on from step {replica.Step}: {saved.File}"));
        CompareDamaged();
    }

    void CompareDamaged()
    {
        if (damaged is null || damaged.Step > replica.Step)
            return;
        if (damaged.Step == replica.Step)
            tell(new Note(damaged.Compare(model.Weights, model.Layout)));
        damaged = null;
    }

    /// <summary>Too many steps without a finite gradient end the run for this peer, in order.</summary>
    void CheckFinite(long step)
    {
        if (failure is not null || loop.NonFiniteInARow < settings.NonFiniteLimit)
            return;
        failure = $"step {step}: the loss or gradient was not finite {loop.NonFiniteInARow} steps in a row "
            + "(nonFiniteLimit); a smaller learningRate, or a look at the data, may help";
        tell(new Note(failure));
        loop.RelayOnly = true;
        ring.RequestStop();
    }

    void Save()
    {
        saved.Save(loop.Open);
        if (settings.CheckpointEvery > 0)
            // Two intervals, whatever was written between them for a peer that came back. Without checkpoints every step is kept.
            journal.Checkpointed(Math.Min(saved.Oldest, saved.Step - 2 * settings.CheckpointEvery));
    }

    void SaveLocalState()
    {
        try
        {
            saved.SaveLocalState(loop.Open);
        }
        catch (IOException e)
        {
            tell(new Note($"what this peer alone has cannot be saved: {e.Message}"));
        }
    }

    void Evaluate(long samples)
    {
        var began = time.GetTimestamp();
        model.CopyWeightsToDevice();
        var result = model.Evaluate(test, samples == 0 ? test.Count : samples, RunModel.EvaluationBatch);
        tell(theory.Measure(replica, gradient: settings.Theory));
        tell(new Evaluated(replica.Step, EventLine.Finite(result.Loss), result.Accuracy, result.Samples,
            time.GetElapsedTime(began).TotalSeconds, replica.Chain.ToString()));
    }

    static bool Due(long step, long every) => every > 0 && step % every == 0;
}
