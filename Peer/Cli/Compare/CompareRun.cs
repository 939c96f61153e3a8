using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Models;
using DecentralizedLion.Models.Datasets;
using DecentralizedLion.Peer.Cli.Display;
using DecentralizedLion.Peer.Training;
using TorchSharp;

namespace DecentralizedLion.Peer.Cli.Compare;

/// <summary>Makes the runs of a comparison, some at a time, each on a thread of its own.</summary>
/// <param name="settings">What is compared.</param>
/// <param name="store">Where results are.</param>
/// <param name="device">cpu or cuda:0.</param>
/// <param name="time">The clock.</param>
/// <param name="progress">Is told how far they are.</param>
/// <param name="tell">Takes a line a finished run.</param>
sealed class CompareRun(
    CompareSettings settings, ResultStore store, string device, TimeProvider time, ProgressLine progress, Action<string> tell)
{
    /// <summary>Makes what is missing of some runs.</summary>
    /// <param name="runs">The runs.</param>
    /// <param name="atOnce">How many at a time.</param>
    /// <param name="stop">Ends it between two steps; what is finished is kept.</param>
    /// <returns>All results, in the runs' order.</returns>
    public IReadOnlyList<RunResult> RunMissing(IReadOnlyList<RunSpec> runs, int atOnce, CancellationToken stop)
    {
        RunResult?[] results = [.. runs.Select(store.Find)];
        progress.Restart();
        var made = new CompareProgress(progress, [.. runs.Where((_, at) => results[at] is null)]);
        int next = -1, done = 0;
        Exception? failure = null;
        Thread[] threads = [.. Enumerable.Range(0, Math.Min(atOnce, runs.Count)).Select(_ => new Thread(Work))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        if (failure is not null)
            throw failure;
        return results!;

        void Work()
        {
            try
            {
                if (device == "cpu")
                    torch.set_num_threads(1);
                using var data = settings.Open();
                for (int at; failure is null && (at = Interlocked.Increment(ref next)) < runs.Count;)
                {
                    var result = results[at] ??= MakeAndKeep(runs[at], data, made, stop);
                    var count = Interlocked.Increment(ref done);
                    tell(Format.Text($"{count,4} of {runs.Count}  {runs[at].Key,-40}  loss {result.Loss:F3}  ")
                        + Format.Text($"accuracy {100 * result.Accuracy:F1} %  {result.Seconds:F0} s"));
                }
            }
            catch (Exception e)
            {
                failure ??= e;
            }
        }
    }

    RunResult MakeAndKeep(RunSpec run, HeldOutDataset data, CompareProgress made, CancellationToken stop)
    {
        var result = Make(run, data, made, stop);
        store.Keep(run, result);
        made.AddRun();
        return result;
    }

    RunResult Make(RunSpec run, HeldOutDataset data, CompareProgress made, CancellationToken stop)
    {
        var start = time.GetTimestamp();
        using var model = NewModel(run, data);
        var inProcessRing = new InProcessRing(run.Training, run.Workers, model, data, run.Partition, run.Batches,
            run.IsWeighted);
        var points = new List<EvaluationPoint>();
        double loss = 0, bits = 0;
        long since = 0;
        for (long step = 1; step <= run.Training.Steps; step++)
        {
            stop.ThrowIfCancellationRequested();
            bits += WireBits.Ring(inProcessRing.BucketsOf(step), inProcessRing.Weights);
            loss += inProcessRing.Next();
            since++;
            made.AddStep(run);
            if (step * settings.Evaluations / run.Training.Steps == (step - 1) * settings.Evaluations / run.Training.Steps)
                continue;
            var tested = model.Evaluate(data.Test, data.Test.Count, RunModel.EvaluationBatch);
            points.Add(new EvaluationPoint(step, (double)step * run.SamplesPerStep / data.Train.Count, loss / since, tested.Loss,
                tested.Accuracy, bits / 8));
            (loss, since) = (0, 0);
        }
        var validated = model.Evaluate(data.Validation, data.Validation.Count, RunModel.EvaluationBatch);
        return new RunResult(run.Series, run.Workers, run.Training.Seed, run.Training.LearningRate,
            run.Training.Steps, model.Count, bits / model.Count / run.Training.Steps,
            time.GetElapsedTime(start).TotalSeconds, validated, points);
    }

    FlatModel NewModel(RunSpec run, IDataset data) =>
        new(RunModel.CreateNetwork(settings.Model, settings.Start, run.Training.Seed, data), torch.device(device));
}
