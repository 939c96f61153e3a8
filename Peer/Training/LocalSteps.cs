using DecentralizedLion.Codecs;
using DecentralizedLion.Models;
using DecentralizedLion.Peer.Methods;
using DecentralizedLion.Peer.Settings;

namespace DecentralizedLion.Peer.Training;

/// <summary>
/// K Lion steps that a peer makes on its own from the common weights before it casts what they moved (design §8): a step's bits are
/// shared by K gradients. Its momentum is this peer's alone.
/// </summary>
/// <param name="settings">The run's settings.</param>
/// <param name="model">The network.</param>
public sealed class LocalSteps(TrainingSettings settings, FlatModel model)
{
    readonly Lion lion = new(model.Count, settings.Beta1, settings.Beta2, Kappa.Sign, "local_momentum");
    readonly float[] start = new float[model.Count];
    readonly ulong[] signs = new ulong[BitPlanes.Words(model.Count)], zeros = new ulong[BitPlanes.Words(model.Count)];

    /// <summary>The momentum of the local steps.</summary>
    public StateVector Momentum => lion.Momentum;

    /// <summary>x₀ ← x.</summary>
    public void Begin() => model.Weights.CopyTo(start);

    /// <summary>x ← x − rate·sign(β1·m + (1 − β1)·g), m ← β2·m + (1 − β2)·g.</summary>
    public void Step(ReadOnlySpan<float> gradient, float rate)
    {
        lion.Vote(gradient, signs, zeros);
        LionKernel.Apply(model.Weights, signs, zeros, rate, decay: 1);
        model.Publish();
    }

    /// <summary>moved ← (x₀ − x)/lr, and x ← x₀.</summary>
    public void End(Span<float> moved, float learningRate)
    {
        for (var i = 0; i < moved.Length; i++)
            moved[i] = (start[i] - model.Weights[i]) / learningRate;
        start.CopyTo(model.Weights);
        model.Publish();
    }
}
