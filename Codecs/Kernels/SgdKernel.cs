using System.Numerics;
using System.Runtime.InteropServices;

namespace DecentralizedLion.Codecs.Kernels;

/// <summary>Steps along a real direction, each product and sum rounded by itself (docs/architecture.md#equal-bits).</summary>
static class SgdKernel
{
    /// <summary>x ← x·decay, then x ← x − lr·direction: three roundings.</summary>
    /// <param name="weights">x, d values, updated in place.</param>
    /// <param name="direction">d values.</param>
    /// <param name="learningRate">lr of the step.</param>
    /// <param name="decay">1 − lr·λ, rounded by the caller.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void Apply(Span<float> weights, ReadOnlySpan<float> direction, float learningRate, float decay)
    {
        Guard.Length(direction.Length, weights.Length, nameof(direction));
        Span<Vector<float>> x = MemoryMarshal.Cast<float, Vector<float>>(weights);
        ReadOnlySpan<Vector<float>> g = MemoryMarshal.Cast<float, Vector<float>>(direction);
        Vector<float> rate = new(learningRate), scale = new(decay);
        for (var i = 0; i < x.Length; i++)
            x[i] = (x[i] * scale) - (rate * g[i]);
        for (var i = x.Length * Vector<float>.Count; i < weights.Length; i++)
            weights[i] = (weights[i] * decay) - (learningRate * direction[i]);
    }

    /// <summary>x ← x·decay.</summary>
    public static void Decay(Span<float> weights, float decay)
    {
        for (var i = 0; i < weights.Length; i++)
            weights[i] *= decay;
    }

    /// <summary>m ← β·m + (1−β)·g.</summary>
    /// <param name="momentum">m, d values, updated in place.</param>
    /// <param name="gradient">g, d values.</param>
    /// <param name="beta">β; 1−β is computed once in fp32.</param>
    public static void Blend(Span<float> momentum, ReadOnlySpan<float> gradient, float beta)
    {
        Guard.Length(gradient.Length, momentum.Length, nameof(gradient));
        var rest = 1 - beta;
        for (var i = 0; i < momentum.Length; i++)
            momentum[i] = (beta * momentum[i]) + (rest * gradient[i]);
    }
}
