using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Models;
using DecentralizedLion.Models.Datasets;
using DecentralizedLion.Peer.Configuration;
using DecentralizedLion.Peer.Optimizers;
using DecentralizedLion.Peer.Training;

namespace DecentralizedLion.Peer.Cli.Compare;

/// <summary>One worker's part of a step: its method's ballot on the gradient of its share of the samples; with <c>localSteps</c>,
/// its own majority over the ballots of K steps that it makes on its own.</summary>
/// <param name="settings">The run's settings.</param>
/// <param name="model">The network.</param>
/// <param name="data">The training part.</param>
/// <param name="optimizer">The method.</param>
/// <param name="groups">The rates of groups of parameters; null: all have the step's.</param>
sealed class LocalStep(
    TrainingSettings settings, FlatModel model, IDataSplit data, DistributedMethod optimizer, GroupRates? groups = null)
{
    readonly BallotBuilder builder = new(model.Parameters, optimizer, settings.Rate, settings.LocalSteps, groups);

    /// <summary>Fills a ballot; the method's own state goes on, and the weights are what they were.</summary>
    /// <param name="samples">The share, one or more; cut into K equal parts in this order.</param>
    /// <param name="positions">Their positions in the run.</param>
    /// <param name="step">The step, from 1.</param>
    /// <param name="ballot">Receives it.</param>
    /// <param name="loss">The mean loss; without a ballot, that of the gradient that was not finite.</param>
    /// <returns>False: a loss or gradient has a NaN or an infinity, which is not in the method's state, and there is no
    /// ballot.</returns>
    public bool TryCompute(long[] samples, long[] positions, long step, Ballot ballot, out float loss)
    {
        var steps = Math.Min(settings.LocalSteps, samples.Length);
        builder.Begin(step, ballot, steps);
        for (var complete = false; !complete;)
        {
            var k = builder.Count;
            var (from, to) = ((int)((long)samples.Length * k / steps), (int)((long)samples.Length * (k + 1) / steps));
            loss = model.Backward(MicroBatches.Of(data, samples[from..to], positions[from..to], settings.Accumulate),
                settings.GradientClip);
            complete = builder.Add(model.Parameters.Gradient, loss);
        }
        loss = builder.Loss;
        return builder.IsFinite;
    }
}
