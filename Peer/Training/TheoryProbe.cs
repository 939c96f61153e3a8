using DecentralizedLion.Codecs.LionK;
using DecentralizedLion.Models;
using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Peer.Training;

/// <summary>The measures of theory (docs/optimizers.md): how far the weights are outside of the constraint, and how near to a
/// solution.</summary>
/// <param name="options">The method's options.</param>
/// <param name="rate">The learning rate.</param>
/// <param name="weightDecay">λ.</param>
/// <param name="parameters">The weights and the gradient.</param>
/// <param name="state">The momentum.</param>
sealed class TheoryProbe(MethodOptions options, LearningRate rate, float weightDecay, FlatParameters parameters,
    CheckpointState state)
{
    readonly Kappa kappa = Kappa.Parse(options.Kappa);

    /// <summary>Measures the present weights.</summary>
    /// <param name="step">Their step.</param>
    /// <param name="loss">f, whose gradient the parameters have now; null when the KKT score and the Lyapunov value are not
    /// wanted.</param>
    public Theory Measure(long step, double? loss)
    {
        double decay = weightDecay;
        float[] weightCopy = [], gradientCopy = [], momentumCopy = [];
        ReadOnlySpan<float> x = parameters.Weights.Peek(0, parameters.Count, ref weightCopy);
        double? box = decay > 0 ? LionTheory.BoxDistance(x, decay) : null;
        if (loss is not { } f || decay == 0)
            return new Theory(step, box, null, null);
        parameters.CollectGradient();
        ReadOnlySpan<float> g = parameters.Gradient.Peek(0, parameters.Count, ref gradientCopy);
        var kkt = kappa is SignKappa ? LionTheory.KktScore(g, x, decay)
            : LionTheory.KktScore(kappa, g, x, decay);
        var momentum = state.LocalState.Concat(state.ReplicatedState).FirstOrDefault(vector => vector.Name == "momentum");
        double? lyapunov = momentum is null ? null : LionTheory.LyapunovOfKernel(kappa, f, x,
            momentum.Vector.Peek(0, parameters.Count, ref momentumCopy), decay, rate.At(step + 1), options.Beta1Value,
            options.Beta2Value);
        return new Theory(step, box, EventLine.Finite(kkt), lyapunov is { } value ? EventLine.Finite(value) : null);
    }
}
