using DecentralizedLion.Codecs.Kernels;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Models;
using DecentralizedLion.Models.Datasets;
using DecentralizedLion.Peer.Configuration;
using DecentralizedLion.Peer.Optimizers;

namespace DecentralizedLion.Peer.Training;

/// <summary>
/// One peer's part of a step: its method's ballot on the gradient of its share of the samples; with <c>localSteps</c>, its own
/// majority over the ballots of K steps that it makes on its own.
/// </summary>
/// <param name="settings">The run's settings.</param>
/// <param name="model">The network.</param>
/// <param name="data">The training part.</param>
/// <param name="optimizer">The method.</param>
public sealed class LocalStep(TrainingSettings settings, FlatModel model, IDataSplit data, DistributedOptimizer optimizer)
{
    readonly LocalGradient gradient = new(settings, model, data);
    readonly Schedule schedule = Schedule.Of(settings);
    readonly LocalUpdates? local = settings.LocalSteps > 1 ? new LocalUpdates(model) : null;

    /// <summary>Fills a ballot; the method's own state goes on, and the weights are what they were.</summary>
    /// <param name="samples">The share, one or more; cut into K equal parts in this order.</param>
    /// <param name="positions">Their positions in the run.</param>
    /// <param name="step">The step, from 1.</param>
    /// <param name="ballot">Receives it.</param>
    /// <param name="loss">The mean loss; without a ballot, that of the gradient that was not finite.</param>
    /// <returns>False: a loss or gradient has a NaN or an infinity, which is not in the method's state, and there is no
    /// ballot.</returns>
    public bool TryCompute(ReadOnlySpan<long> samples, ReadOnlySpan<long> positions, long step, Ballot ballot, out float loss)
    {
        var steps = Math.Min(settings.LocalSteps, samples.Length);
        var rate = schedule.LearningRate(step - 1) / steps;
        var (sum, finite) = (0f, true);
        loss = 0;
        local?.Begin();
        for (var k = 0; k < steps; k++)
        {
            var (from, to) = ((int)((long)samples.Length * k / steps), (int)((long)samples.Length * (k + 1) / steps));
            loss = gradient.Compute(samples[from..to], positions[from..to]);        // g = ∇f(x)
            finite = float.IsFinite(loss) && LionKernel.AllFinite(gradient.Values);
            if (!finite)
                break;
            sum += loss;
            // mavo: sign(β1·m + (1 − β1)·g), then m ← β2·m + (1 − β2)·g
            optimizer.FillBallot(step, gradient.Values, ballot);
            local?.Step(ballot, rate);
        }
        local?.End(ballot);
        if (finite)
            loss = sum / steps;
        return finite;
    }
}
