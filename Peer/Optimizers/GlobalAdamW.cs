using DecentralizedLion.Codecs.Kernels;

namespace DecentralizedLion.Peer.Optimizers;

/// <summary>G-AdamW, AdamW on the mean gradient (arXiv 2404.00438, section 5; 1711.05101).</summary>
/// <param name="parameters">d.</param>
/// <param name="beta1">β1.</param>
/// <param name="beta2">β2.</param>
sealed class GlobalAdamW(int parameters, float beta1, float beta2) : MeanGradientOptimizer(parameters)
{
    const float Epsilon = 1e-8f;

    readonly StateVector m = new("exp_avg", new float[parameters]), v = new("exp_avg_sq", new float[parameters]);

    public override IReadOnlyList<StateVector> ReplicatedState => [m, v];

    protected override void Step(ReadOnlySpan<float> gradient, long step, float learningRate, float decay, Span<float> weights) =>
        AdamKernel.Apply(weights, gradient, m.Values, v.Values, step, learningRate, decay, beta1, beta2, Epsilon);
}
