namespace DecentralizedLion.Codecs.Kernels;

/// <summary>
/// AdamW (Loshchilov and Hutter, arXiv 1711.05101) by IEEE add, multiply, divide and square root only, each rounded to fp32, so
/// that all machines get equal bits (docs/architecture.md#equal-bits).
/// </summary>
static class AdamKernel
{
    /// <summary>
    /// m ← β1·m + (1−β1)·g; v ← β2·v + (1−β2)·g²; x ← x·decay − lr·(m/(1−β1ᵗ)) / (√(v/(1−β2ᵗ)) + ε).
    /// </summary>
    /// <param name="weights">x, d values, updated in place.</param>
    /// <param name="gradient">g, d values.</param>
    /// <param name="m">The first moment, d values, updated in place.</param>
    /// <param name="v">The second moment, d values, updated in place.</param>
    /// <param name="step">t, from 1.</param>
    /// <param name="learningRate">lr of the step.</param>
    /// <param name="decay">1 − lr·λ, rounded by the caller.</param>
    /// <param name="beta1">β1.</param>
    /// <param name="beta2">β2.</param>
    /// <param name="epsilon">ε.</param>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static void Apply(Span<float> weights, ReadOnlySpan<float> gradient, Span<float> m, Span<float> v, long step,
        float learningRate, float decay, float beta1, float beta2, float epsilon)
    {
        Guard.Length(gradient.Length, weights.Length, nameof(gradient));
        Guard.Length(m.Length, weights.Length, nameof(m));
        Guard.Length(v.Length, weights.Length, nameof(v));
        float rest1 = 1 - beta1, rest2 = 1 - beta2;
        float unbias1 = (float)(1 - Power(beta1, step)), unbias2 = (float)(1 - Power(beta2, step));
        for (var i = 0; i < weights.Length; i++)
        {
            var g = gradient[i];
            m[i] = (beta1 * m[i]) + (rest1 * g);
            v[i] = (beta2 * v[i]) + (rest2 * (g * g));
            var direction = m[i] / unbias1 / (MathF.Sqrt(v[i] / unbias2) + epsilon);
            weights[i] = (weights[i] * decay) - (learningRate * direction);
        }
    }

    /// <summary>b^n for n ≥ 0 by squaring, in the same order on every machine.</summary>
    internal static double Power(double b, long n)
    {
        var result = 1.0;
        for (; n > 0; n >>= 1, b *= b)
        {
            if ((n & 1) != 0)
                result *= b;
        }

        return result;
    }
}
