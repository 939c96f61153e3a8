using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Kernels;

namespace DecentralizedLion.Peer.Optimizers;

/// <summary>
/// G-Lion, Lion on the mean gradient (arXiv 2404.00438, section 5): x ← x·(1 − lr·λ) − lr·sign(β1·m + (1 − β1)·g); with any 𝒦,
/// lr·∇𝒦.
/// </summary>
/// <param name="lion">The Lion that all peers have alike.</param>
/// <param name="parameters">d.</param>
sealed class GlobalLion(Lion lion, int parameters) : MeanGradientOptimizer(parameters)
{
    readonly ulong[] signs = new ulong[BitPlanes.Words(parameters)], zeros = new ulong[BitPlanes.Words(parameters)];

    public override IReadOnlyList<StateVector> ReplicatedState => [lion.Momentum];

    protected override void Step(ReadOnlySpan<float> gradient, long step, float learningRate, float decay, Span<float> weights)
    {
        if (!lion.IsSign)
        {
            SgdKernel.Apply(weights, lion.Direction(gradient), learningRate, decay);
            return;
        }
        lion.Signs(gradient, signs, zeros);
        LionKernel.Apply(weights, signs, zeros, learningRate, decay);
    }
}
