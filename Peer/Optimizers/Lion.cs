using DecentralizedLion.Codecs.Kernels;
using DecentralizedLion.Codecs.LionK;

namespace DecentralizedLion.Peer.Optimizers;

/// <summary>
/// Lion's direction with its momentum (arXiv 2302.06675): δ = ∇𝒦(β1·m + (1 − β1)·g), then m ← β2·m + (1 − β2)·g. 𝒦 is the ℓ1 norm
/// and its gradient the sign, unless another one is chosen (Lion-𝒦, arXiv 2310.05898).
/// </summary>
/// <param name="parameters">d.</param>
/// <param name="beta1">β1.</param>
/// <param name="beta2">β2.</param>
/// <param name="kappa">𝒦.</param>
sealed class Lion(int parameters, float beta1, float beta2, Kappa kappa)
{
    readonly float[] u = kappa is SignKappa ? [] : new float[parameters];

    /// <summary>m.</summary>
    public StateVector Momentum { get; } = new("momentum", new float[parameters]);

    /// <summary>True when δ is a sign everywhere, or a zero.</summary>
    public bool IsSign => kappa is SignKappa;

    /// <summary>δ as a ballot.</summary>
    /// <param name="gradient">g, d values.</param>
    /// <param name="signs">Where δ is +1.</param>
    /// <param name="zeros">Where δ is 0.</param>
    /// <exception cref="NotSupportedException">𝒦's gradient has other values than −1, 0 and +1.</exception>
    public void Vote(ReadOnlySpan<float> gradient, Span<ulong> signs, Span<ulong> zeros)
    {
        if (IsSign)
        {
            LionKernel.Vote(gradient, Momentum.Values, beta1, beta2, signs, zeros);
            return;
        }
        LionKernel.Blend(gradient, Momentum.Values, beta1, beta2, u);
        kappa.PackSigns(u, signs, zeros);
    }

    /// <summary>δ as it is, d values; valid until the next call.</summary>
    /// <param name="gradient">g, d values.</param>
    public ReadOnlySpan<float> Direction(ReadOnlySpan<float> gradient)
    {
        LionKernel.Blend(gradient, Momentum.Values, beta1, beta2, u);
        kappa.Gradient(u, u);
        return u;
    }
}
