using System.Diagnostics;
using DecentralizedLion.Codecs;
using DecentralizedLion.Models;
using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Peer.Commands;
using DecentralizedLion.Peer.Journal;
using DecentralizedLion.Peer.Metrics;
using DecentralizedLion.Peer.Settings;
using DecentralizedLion.Topology;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Membership;
using TorchSharp;

namespace DecentralizedLion.Peer.Training;

/// <summary>One peer's run from its start to its end: resume, join, train, save, evaluate, leave.</summary>
public sealed class PeerRun(RunFile run, RosterEntry self, HostOptions options, string folder, TimeProvider time, Action<PeerEvent> tell)
{
    readonly CheckpointFolder checkpoints = new(folder);
    readonly TrainingSettings training = run.Training;

    /// <summary>Trains until the last step, or until asked to leave.</summary>
    /// <returns>The exit code.</returns>
    public int Run(CancellationToken stop)
    {
        if (options.Threads > 0)
            torch.set_num_threads(options.Threads);
        using var data = run.Data.Open();
        using var model = TrainedModel.NewModel(run, data, options.Device);
        var replica = new Replica(model);
        var momentum = new float[model.Count];
        var fingerprint = run.Fingerprint(FrameHeader.ProtocolVersion, model.Count, data.Digest);
        if (model.HasBuffers)
            tell(new Noted("the model has buffers (such as BatchNorm's); they are outside the vote and differ between peers"));
        using var journal = new StepJournal(folder, model.Count, time);
        var (saved, open) = options.Fresh ? (null, null) : Resume(model, replica, momentum, fingerprint, journal);

        using var ring = new Ring(run.Roster, self.Index, fingerprint, model.Count,
            training.Exchange == "ring" ? ExchangeKind.Ring : ExchangeKind.Direct, TiesOf(training.Ties), replica, journal,
            happened => tell(new Noted(happened.Text)),
            RingTimings.Default with { GiveUpAfter = TimeSpan.FromSeconds(training.GiveUpAfter) }, training.Steps);
        using var leave = stop.Register(ring.RequestStop);
        try
        {
            ring.Join();
        }
        catch (RingException) when (stop.IsCancellationRequested)
        {
            tell(new Ended(replica.Step, Ended.Left, replica.Chain.ToString(), 0));
            return ExitCode.Done;
        }
        tell(new Started(self.Id, replica.Step, training.Steps, run.Roster.Count, model.Count, options.Device, fingerprint.Hex));
        return Train(model, data, replica, momentum, replica.Fetched ? null : open, fingerprint, ring, journal, saved);
    }

    int Train(FlatModel model, IDataset data, Replica replica, float[] momentum, OpenBallot? open,
        Fingerprint fingerprint, Ring ring, StepJournal journal, long? saved)
    {
        var start = Stopwatch.GetTimestamp();
        var slots = Slot.Layout(Enumerable.Repeat(training.Batch, run.Roster.Count).ToArray());
        var loop = new TrainingLoop(training, self.Index, model, data.Train, replica, momentum, ring, slots, tell)
        { Open = open };
        TrainingException? failure = null;
        if (replica.Step >= training.Steps)
            tell(new Noted($"all {training.Steps} steps were done before; --fresh begins anew"));
        // A state that is not this disk's own is written at once; so is the one a run begins with, for the journal to start from.
        if (replica.Fetched || saved is null)
        {
            StepJournal.Clear(folder); // records that do not lead to this state would end a later replay
            Save(replica.Step);
        }
        else
            journal.Begin(replica.Step, saved.Value);
        try
        {
            for (var step = replica.Step + 1; step <= training.Steps && loop.Step(step); step++)
            {
                if (step < training.Steps && Due(step, training.CheckpointEvery))
                    Save(step);
                // All replicas are equal, so one peer's look at the test part is enough.
                if (step < training.Steps && Due(step, training.EvaluateEvery) && self.Index == 0)
                    Evaluate(training.EvaluateSamples);
            }
        }
        catch (TrainingException e)
        {
            failure = e;
            tell(new Noted(e.Message));
        }
        catch (RingException e)
        {
            // What was applied is committed, and the next start goes on from it; but not from weights that are found to be wrong.
            if (e is not DivergenceException { IsOurs: true })
                SaveLatest();
            tell(new Ended(replica.Step, Ended.Failed, replica.Chain.ToString(), Stopwatch.GetElapsedTime(start).TotalSeconds));
            throw;
        }
        SaveLatest();
        ring.Leave();
        if (self.Index == 0 && replica.Step == training.Steps)
            Evaluate(0);
        var reason = failure is not null ? Ended.Failed : replica.Step == training.Steps ? Ended.Finished : Ended.Left;
        tell(new Ended(replica.Step, reason, replica.Chain.ToString(), Stopwatch.GetElapsedTime(start).TotalSeconds));
        return failure is null ? ExitCode.Done : ExitCode.Failed;

        void SaveLatest()
        {
            if (replica.Step > saved)
                Save(replica.Step);
        }

        void Save(long step)
        {
            var samples = step * slots.Sum(slot => slot.Length);
            checkpoints.Write(new Progress(step, samples % data.Train.Count, samples / data.Train.Count, replica.Chain.ToString(),
                fingerprint.Hex), TrainedModel.Tensors(model), model.Weights, replica.Previous, momentum, loop.Open);
            journal.Begin(step, saved ?? step);
            saved = step;
            tell(new Saved(step, checkpoints.Shared(step)));
        }

        void Evaluate(long samples)
        {
            var began = Stopwatch.GetTimestamp();
            var result = model.Evaluate(data.Test, samples == 0 ? data.Test.Count : samples, TrainedModel.EvaluationBatch);
            tell(new Evaluated(replica.Step, EventLine.Finite(result.Loss), result.Accuracy, result.Samples,
                Stopwatch.GetElapsedTime(began).TotalSeconds, replica.Chain.ToString()));
        }
    }

    /// <summary>Goes back to the newest checkpoint that can be read, and on from it by the journal.</summary>
    /// <returns>The checkpoint's step, or null when there is none; and the ballot that was cast for the next step, if one was.</returns>
    (long? Saved, OpenBallot? Open) Resume(
        FlatModel model, Replica replica, float[] momentum, Fingerprint fingerprint, StepJournal journal)
    {
        foreach (var step in checkpoints.Steps())
        {
            try
            {
                var progress = Checkpoint.Read(checkpoints.Shared(step), TrainedModel.Tensors(model), model.Weights, replica.Previous);
                if (progress.Step != step)
                    throw new CheckpointException(checkpoints.Shared(step), $"is of step {progress.Step}, not of the step in its name");
                var open = Checkpoint.ReadMomentum(checkpoints.Momentum(step), progress, momentum);
                replica.Loaded(progress.Step, new ChainDigest(Convert.FromHexString(progress.ChainDigest)));
                if (progress.Fingerprint != fingerprint.Hex)
                    tell(new Noted("peers.json, the program or the data changed since the checkpoint; training goes on with the present settings"));
                var cut = journal.Replay(step, replica.Chain, replica.Apply);
                if (cut is not null)
                    tell(new Noted(cut));
                model.Publish();
                tell(new Noted($"resumed after step {replica.Step}: {checkpoints.Shared(step)} and {replica.Step - step} steps of the journal"));
                return (step, progress.Fingerprint == fingerprint.Hex && replica.Step == step ? open : null);
            }
            catch (CheckpointException e) when (step != checkpoints.Steps()[^1])
            {
                tell(new Noted($"{e.Message}; trying the checkpoint before it"));
            }
        }
        return (null, null);
    }

    static bool Due(long step, long every) => every > 0 && step % every == 0;

    static TieRule TiesOf(string name) => name switch
    {
        "previous" => TieRule.Previous,
        "zero" => TieRule.Zero,
        _ => TieRule.Hash,
    };
}
