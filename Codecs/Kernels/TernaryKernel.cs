using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Reductions;

namespace DecentralizedLion.Codecs.Kernels;

/// <summary>
/// TernGrad's stochastic quantisation (Wen et al., arXiv 1705.07878): t = sign(g)·b with b = 1 in a share |g|/s of all draws, so
/// that s·t is g on average. Draws are a hash of key and index: the same on every machine.
/// </summary>
static class TernaryKernel
{
    /// <summary>Quantises a range of a vector.</summary>
    /// <param name="gradient">g of the range.</param>
    /// <param name="first">The range's first index in the whole vector.</param>
    /// <param name="scale">s ≥ 0; a larger |g| counts as s, and with s = 0 all is zero.</param>
    /// <param name="key">What tells this step's and peer's draws from others'.</param>
    /// <param name="planes">The whole vector's two planes, t + 1: exact zeros, then positive ones. Bits of the range must be
    /// clear.</param>
    public static void Quantise(ReadOnlySpan<float> gradient, int first, float scale, ulong key, Span<ulong> planes)
    {
        var words = planes.Length / 2;
        for (var i = 0; i < gradient.Length; i++)
        {
            var at = first + i;
            // 24 bits, so that the product below is the only rounding.
            var draw = TieHash.Mix(key + ((ulong)(uint)at * TieHash.Increment)) >> 40;
            var magnitude = MathF.Abs(gradient[i]);
            var bit = 1UL << (at % BitPlanes.BitsPerWord);
            if (magnitude == 0 || magnitude <= draw * (1f / (1 << 24)) * scale)
                planes[at / BitPlanes.BitsPerWord] |= bit;
            else if (gradient[i] > 0)
                planes[words + (at / BitPlanes.BitsPerWord)] |= bit;
        }
    }

    /// <summary>Clips a tensor's gradient at so many standard deviations.</summary>
    /// <param name="gradient">g.</param>
    /// <param name="deviations">How many.</param>
    /// <param name="clipped">Receives it.</param>
    /// <returns>The largest magnitude left.</returns>
    public static float Clip(ReadOnlySpan<float> gradient, float deviations, Span<float> clipped)
    {
        double sum = 0, squares = 0;
        foreach (var g in gradient)
        {
            sum += g;
            squares += (double)g * g;
        }

        var mean = sum / gradient.Length;
        var most = deviations * (float)Math.Sqrt(Math.Max(0, (squares / gradient.Length) - (mean * mean)));
        var largest = 0f;
        for (var i = 0; i < gradient.Length; i++)
        {
            // A tensor of one value, or of equal ones, deviates from nothing.
            clipped[i] = most > 0 ? Math.Clamp(gradient[i], -most, most) : gradient[i];
            largest = Math.Max(largest, MathF.Abs(clipped[i]));
        }

        return largest;
    }

    /// <summary>x ← x·decay, then x ← x − (lr·s)·(sum − V)/V with each tensor's s.</summary>
    /// <param name="weights">x, d values, updated in place.</param>
    /// <param name="sums">Planes of the sums Σ(t + 1).</param>
    /// <param name="voters">V, at least 1.</param>
    /// <param name="offsets">Where each tensor begins, ascending from 0.</param>
    /// <param name="scales">Each tensor's s.</param>
    /// <param name="learningRate">lr of the step.</param>
    /// <param name="decay">1 − lr·λ, rounded by the caller.</param>
    public static void Apply(Span<float> weights, ReadOnlySpan<ulong> sums, int voters, ReadOnlySpan<int> offsets,
        ReadOnlySpan<float> scales, float learningRate, float decay)
    {
        var (planes, words) = (BitPlanes.Width(2 * voters), BitPlanes.Words(weights.Length));
        Guard.Length(sums.Length, (long)planes * words, nameof(sums));
        Span<float> table = stackalloc float[AverageKernel.TableLength(voters, sums: true)];
        for (var tensor = 0; tensor < offsets.Length; tensor++)
        {
            AverageKernel.FillTable(learningRate * scales[tensor], voters, sums: true, table);
            var end = tensor + 1 < offsets.Length ? offsets[tensor + 1] : weights.Length;
            for (var i = offsets[tensor]; i < end; i++)
            {
                var sum = 0;
                for (var plane = 0; plane < planes; plane++)
                    sum |= (int)(sums[(plane * words) + (i / BitPlanes.BitsPerWord)] >> (i % BitPlanes.BitsPerWord) & 1) << plane;
                weights[i] = (weights[i] * decay) - table[sum];
            }
        }
    }

    /// <summary>The key of a step's draws at a peer.</summary>
    public static ulong Key(ulong seed, int peer, long step) =>
        TieHash.Mix(TieHash.Mix(seed ^ ((ulong)(uint)peer << 32)) + TieHash.Key(step));
}
