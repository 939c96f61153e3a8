using DecentralizedLion.Codecs.LionK;
using DecentralizedLion.Models;
using DecentralizedLion.Models.Datasets;
using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Peer.Configuration;
using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Peer.Training;

/// <summary>The measures of theory (docs/optimizers.md): how far the weights are outside of the constraint, and how near to a
/// solution.</summary>
/// <param name="settings">The run's settings.</param>
/// <param name="model">The network.</param>
/// <param name="data">What f and g are of: this part's first samples.</param>
/// <param name="state">Where the momentum is.</param>
public sealed class TheoryProbe(TrainingSettings settings, FlatModel model, IDataSplit data, CheckpointState state)
{
    const int Batch = 250, Batches = 4;

    readonly Schedule schedule = Schedule.Of(settings);
    readonly Kappa kappa = Kappa.Parse(settings.Kappa);

    /// <summary>Measures the present weights.</summary>
    /// <param name="replica">The weights' step.</param>
    /// <param name="gradient">Whether the KKT score and the Lyapunov value are wanted, too.</param>
    public Theory Measure(Replica replica, bool gradient)
    {
        double decay = settings.WeightDecay;
        double? box = decay > 0 ? LionTheory.BoxDistance(model.Weights, decay) : null;
        if (!gradient || decay == 0)
            return new Theory(replica.Step, box, null, null);
        var (loss, g) = Gradient();
        var kkt = kappa is SignKappa ? LionTheory.KktScore(g, model.Weights, decay)
            : LionTheory.KktScore(kappa, g, model.Weights, decay);
        var momentum = state.LocalState.Concat(state.ReplicatedState).FirstOrDefault(vector => vector.Name == "momentum");
        double? lyapunov = momentum is null
            ? null : LionTheory.LyapunovOfKernel(kappa, loss, model.Weights, momentum.Values, decay,
            schedule.LearningRate(replica.Step), settings.Beta1, settings.Beta2);
        return new Theory(replica.Step, box, EventLine.Finite(kkt), lyapunov is { } value ? EventLine.Finite(value) : null);
    }

    (double Loss, float[] Gradient) Gradient()
    {
        var sum = new float[model.Count];
        var loss = 0.0;
        var batches = (int)Math.Clamp(data.Count / Batch, 1, Batches);
        for (var batch = 0; batch < batches; batch++)
        {
            long[] samples = [.. Enumerable.Range(batch * Batch, (int)Math.Min(Batch, data.Count)).Select(i => (long)i)];
            loss += model.Backward(data.Read(samples));
            for (var i = 0; i < sum.Length; i++)
                sum[i] += model.Gradient[i] / batches;
        }
        return (loss / batches, sum);
    }
}
