using DecentralizedLion.Models;
using DecentralizedLion.Models.Datasets;
using DecentralizedLion.Peer.Configuration;
using DecentralizedLion.Peer.Metrics;
using DecentralizedLion.Peer.Training;

namespace DecentralizedLion.Peer.Cli.Run;

/// <summary>Measures the weights on the test part after certain steps. All replicas are equal, so the lowest-ranked member of a
/// step's view does it alone.</summary>
/// <param name="training">The run's settings.</param>
/// <param name="ring">The ring, whose metrics receive the results.</param>
/// <param name="optimizer">The optimizer.</param>
/// <param name="classifier">The network.</param>
/// <param name="test">The test part.</param>
/// <param name="train">The part that theory's gradient is of: its first samples.</param>
/// <param name="time">The clock.</param>
/// <param name="stop">Ends an evaluation without a result: a peer that is asked to leave does not let the others wait.</param>
sealed class Evaluator(TrainingSettings training, RingClient ring, DistributedOptimizer optimizer, Classifier classifier,
    IDataSplit test, IDataSplit train, TimeProvider time, CancellationToken stop)
{
    const int TheoryBatchesMax = 4;

    /// <summary>Evaluates after steps that are due and new.</summary>
    public void OnStepApplied(AppliedStep applied)
    {
        if (applied.IsReplayed || applied.Step >= training.Steps || training.EvaluateEvery == 0
            || applied.Step % training.EvaluateEvery != 0 || !ring.IsLowestRanked)
            return;
        ring.MarkEvaluating();
        Evaluate(training.EvaluateSamples);
    }

    /// <summary>Evaluates the present weights.</summary>
    /// <param name="samples">The samples; 0 for all.</param>
    public void Evaluate(long samples)
    {
        var began = time.GetTimestamp();
        Evaluation result;
        try
        {
            result = classifier.Evaluate(test, samples == 0 ? test.Count : samples, RunModel.EvaluationBatch, stop: stop);
        }
        catch (OperationCanceledException)
        {
            ring.Record(new Note($"step {optimizer.CurrentStep}: the evaluation was ended, since this peer was asked to leave; "
                + "peer evaluate measures the weights"));
            return;
        }
        if (training.AllDecay) // the box and the scores of theory are those of one weight decay
            ring.Record(optimizer.MeasureTheory(training.Theory ? LossWithGradient() : null));
        ring.Record(new Evaluated(optimizer.CurrentStep, EventLine.Finite(result.Loss), result.Accuracy, result.Samples,
            time.GetElapsedTime(began).TotalSeconds, optimizer.Digest));
    }

    double LossWithGradient()
    {
        optimizer.zero_grad();
        var size = (int)Math.Min(RunModel.EvaluationBatch, train.Count);
        return classifier.Backward(Enumerable.Range(0,
            (int)Math.Clamp(train.Count / RunModel.EvaluationBatch, 1, TheoryBatchesMax))
            .Select(batch => train.Read([.. Enumerable.Range(batch * size, size).Select(sample => (long)sample)])));
    }
}
