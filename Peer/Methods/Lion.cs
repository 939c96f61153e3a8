using DecentralizedLion.Codecs;

namespace DecentralizedLion.Peer.Methods;

/// <summary>
/// Lion's direction with its momentum (arXiv 2302.06675): ∇𝒦(β1·m + (1 − β1)·g), then m ← β2·m + (1 − β2)·g; 𝒦 is the ℓ1 norm, its
/// gradient the sign, unless another one is given (Lion-𝒦, arXiv 2310.05898).
/// </summary>
/// <param name="parameters">d.</param>
/// <param name="beta1">β1.</param>
/// <param name="beta2">β2.</param>
/// <param name="name">What its momentum is called in a checkpoint.</param>
public sealed class Lion(int parameters, float beta1, float beta2, string name = "momentum")
{
    readonly float[] momentum = new float[parameters];

    /// <summary>m.</summary>
    public StateVector Momentum => field ??= new(name, momentum);

    /// <summary>δ as a ballot.</summary>
    /// <param name="gradient">g, d values.</param>
    /// <param name="signs">Where δ is +1.</param>
    /// <param name="zeros">Where δ is 0.</param>
    public void Vote(ReadOnlySpan<float> gradient, Span<ulong> signs, Span<ulong> zeros) =>
        LionKernel.Vote(gradient, momentum, beta1, beta2, signs, zeros);
}
