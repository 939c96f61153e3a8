using System.Diagnostics;
using DecentralizedLion.Codecs;
using DecentralizedLion.Models;
using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Peer.Commands;
using DecentralizedLion.Peer.Metrics;
using DecentralizedLion.Peer.Settings;
using DecentralizedLion.Topology;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Membership;
using TorchSharp;

namespace DecentralizedLion.Peer.Training;

/// <summary>One peer's run from its start to its end: resume, join, train, save, evaluate, leave.</summary>
public sealed class PeerRun(RunFile run, RosterEntry self, HostOptions options, string folder, Action<PeerEvent> tell)
{
    private readonly CheckpointFolder _checkpoints = new(folder);
    private readonly TrainingSettings _training = run.Training;

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
        var open = options.Fresh ? null : Resume(model, replica, momentum, fingerprint);

        using var ring = new Ring(run.Roster, self.Index, fingerprint, model.Count,
            _training.Exchange == "ring" ? ExchangeKind.Ring : ExchangeKind.Direct, TiesOf(_training.Ties), replica,
            happened => tell(new Noted(happened.Text)),
            RingTimings.Default with { GiveUpAfter = TimeSpan.FromSeconds(_training.GiveUpAfter) }, _training.Steps);
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
        tell(new Started(self.Id, replica.Step, _training.Steps, run.Roster.Count, model.Count, options.Device, fingerprint.Hex));
        return Train(model, data, replica, momentum, replica.IsReplaced ? null : open, fingerprint, ring);
    }

    private int Train(FlatModel model, IDataset data, Replica replica, float[] momentum, OpenBallot? open,
        Fingerprint fingerprint, Ring ring)
    {
        var start = Stopwatch.GetTimestamp();
        var slots = Slot.Layout(Enumerable.Repeat(_training.Batch, run.Roster.Count).ToArray());
        var loop = new TrainingLoop(_training, self.Index, model, data.Train, replica, momentum, ring, slots, tell)
        { Open = open };
        TrainingException? failure = null;
        var saved = replica.Step;
        try
        {
            for (var step = replica.Step + 1; step <= _training.Steps && loop.Step(step); step++)
            {
                if (step < _training.Steps && Due(step, _training.CheckpointEvery))
                    Save(saved = step);
                // All replicas are equal, so one peer's look at the test part is enough.
                if (step < _training.Steps && Due(step, _training.EvaluateEvery) && self.Index == 0)
                    Evaluate(_training.EvaluateSamples);
            }
        }
        catch (TrainingException e)
        {
            failure = e;
            tell(new Noted(e.Message));
        }
        catch (RingException)
        {
            // What was applied is committed; the next start goes on from it.
            if (replica.Step > saved)
                Save(replica.Step);
            tell(new Ended(replica.Step, Ended.Failed, replica.Chain.ToString(), Stopwatch.GetElapsedTime(start).TotalSeconds));
            throw;
        }
        if (replica.Step > saved)
            Save(replica.Step);
        ring.Leave();
        if (self.Index == 0 && failure is null)
            Evaluate(replica.Step == _training.Steps ? 0 : _training.EvaluateSamples);
        var reason = failure is not null ? Ended.Failed : replica.Step == _training.Steps ? Ended.Finished : Ended.Left;
        tell(new Ended(replica.Step, reason, replica.Chain.ToString(), Stopwatch.GetElapsedTime(start).TotalSeconds));
        return failure is null ? ExitCode.Done : ExitCode.Failed;

        void Save(long step)
        {
            var samples = step * slots.Sum(slot => slot.Length);
            _checkpoints.Write(new Progress(step, samples % data.Train.Count, samples / data.Train.Count, replica.Chain.ToString(),
                fingerprint.Hex), TrainedModel.Tensors(model), model.Weights, replica.Previous, momentum, loop.Open);
            tell(new Saved(step, _checkpoints.Shared(step)));
        }

        void Evaluate(long samples)
        {
            var began = Stopwatch.GetTimestamp();
            var result = model.Evaluate(data.Test, samples == 0 ? data.Test.Count : samples, TrainedModel.EvaluationBatch);
            tell(new Evaluated(replica.Step, EventLine.Finite(result.Loss), result.Accuracy, result.Samples,
                Stopwatch.GetElapsedTime(began).TotalSeconds, replica.Chain.ToString()));
        }
    }

    /// <summary>Goes back to the newest checkpoint that can be read.</summary>
    /// <returns>The ballot that was cast for the step after it, if one was.</returns>
    private OpenBallot? Resume(FlatModel model, Replica replica, float[] momentum, Fingerprint fingerprint)
    {
        foreach (var step in _checkpoints.Steps())
        {
            try
            {
                var progress = Checkpoint.Read(_checkpoints.Shared(step), TrainedModel.Tensors(model), model.Weights, replica.Previous);
                var open = Checkpoint.ReadMomentum(_checkpoints.Momentum(step), progress, momentum);
                model.Publish();
                replica.Reached(progress.Step, new ChainDigest(Convert.FromHexString(progress.ChainDigest)));
                if (progress.Fingerprint != fingerprint.Hex)
                    tell(new Noted("peers.json, the program or the data changed since the checkpoint; training goes on with the present settings"));
                tell(new Noted($"resumed after step {step} from {_checkpoints.Shared(step)}"));
                return progress.Fingerprint == fingerprint.Hex ? open : null;
            }
            catch (CheckpointException e) when (step != _checkpoints.Steps()[^1])
            {
                tell(new Noted($"{e.Message}; trying the checkpoint before it"));
            }
        }
        return null;
    }

    private static bool Due(long step, long every) => every > 0 && step % every == 0;

    private static TieRule TiesOf(string name) => name switch
    {
        "previous" => TieRule.Previous,
        "zero" => TieRule.Zero,
        _ => TieRule.Hash,
    };
}
