using DecentralizedLion.Codecs.Kernels;
using DecentralizedLion.Codecs.LionK;
using DecentralizedLion.Models.Vectors;

namespace DecentralizedLion.Peer.Optimizers;

/// <summary>
/// Lion's direction with its momentum (arXiv 2302.06675): δ = ∇𝒦(β1·m + (1 − β1)·g), then m ← β2·m + (1 − β2)·g. 𝒦 is the ℓ1 norm
/// and its gradient the sign, unless another one is chosen (Lion-𝒦, arXiv 2310.05898).
/// </summary>
/// <param name="momentum">m, d zeros.</param>
/// <param name="beta1">β1.</param>
/// <param name="beta2">β2.</param>
/// <param name="kappa">𝒦.</param>
sealed class Lion(FlatVector momentum, float beta1, float beta2, Kappa kappa)
{
    float[]? u;

    /// <summary>m.</summary>
    public StateVector Momentum { get; } = new("momentum", momentum);

    /// <summary>True when δ is a sign everywhere, or a zero.</summary>
    public bool IsSign => kappa is SignKappa;

    /// <summary>δ as a ballot.</summary>
    /// <param name="gradient">g, d values.</param>
    /// <param name="signs">Where δ is +1.</param>
    /// <param name="zeros">Where δ is 0.</param>
    /// <exception cref="NotSupportedException">𝒦's gradient has other values than −1, 0 and +1.</exception>
    public void Vote(FlatVector gradient, Span<ulong> signs, Span<ulong> zeros) =>
        momentum.Vote(gradient, beta1, beta2, kappa, signs, zeros);

    /// <summary>δ as signs, where it <see cref="IsSign"/> and the momentum is in host memory.</summary>
    /// <param name="gradient">g, d values.</param>
    /// <param name="signs">Where δ is +1.</param>
    /// <param name="zeros">Where δ is 0.</param>
    public void Signs(ReadOnlySpan<float> gradient, Span<ulong> signs, Span<ulong> zeros) =>
        LionKernel.Vote(gradient, momentum.Span, beta1, beta2, signs, zeros);

    /// <summary>δ as it is, d values, where the momentum is in host memory; valid until the next call.</summary>
    /// <param name="gradient">g, d values.</param>
    public ReadOnlySpan<float> Direction(ReadOnlySpan<float> gradient)
    {
        u ??= new float[momentum.Length];
        LionKernel.Blend(gradient, momentum.Span, beta1, beta2, u);
        kappa.Gradient(u, u);
        return u;
    }
}
