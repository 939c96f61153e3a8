using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Bits.Simd;

namespace DecentralizedLion.Codecs.Kernels;

/// <summary>
/// Lion on flat fp32 vectors in one pass over memory each (Chen et al., arXiv 2302.06675): the ballot with its
/// momentum, and the application of a majority. Every product and sum is rounded by itself, so all machines get equal bits.
/// </summary>
static class LionKernel
{
    /// <summary>True when no value is infinite or NaN: the condition for casting a ballot.</summary>
    /// <param name="values">Any number of values.</param>
    public static bool AllFinite(ReadOnlySpan<float> values) => AllFinite(values, VectorWidths.Widest);

    /// <summary>
    /// u = β1·m + (1−β1)·g is packed as sign and exact zero, then m ← β2·m + (1−β2)·g. Gradients must be finite
    /// (<see cref="AllFinite(ReadOnlySpan{float})"/> is asked before): a NaN would count as negative and stay in the momentum.
    /// </summary>
    /// <param name="gradient">g, d values.</param>
    /// <param name="momentum">m, d values, updated in place.</param>
    /// <param name="beta1">β1; 1−β1 is computed once in fp32.</param>
    /// <param name="beta2">β2; 1−β2 is computed once in fp32.</param>
    /// <param name="signs">Receives 1 where u &gt; 0: ⌈d/64⌉ words, canonical.</param>
    /// <param name="zeros">Receives 1 where u is +0 or −0: ⌈d/64⌉ words, canonical.</param>
    /// <returns>Whether any u is exactly zero.</returns>
    /// <exception cref="ArgumentException">A span's length does not match the gradient's.</exception>
    public static bool Vote(
        ReadOnlySpan<float> gradient, Span<float> momentum, float beta1, float beta2,
        Span<ulong> signs, Span<ulong> zeros) =>
        Vote(gradient, momentum, beta1, beta2, signs, zeros, VectorWidths.Widest);

    /// <summary>u = β1·m + (1−β1)·g as it is, for another rule than the sign; then m ← β2·m + (1−β2)·g. The same bits as
    /// <see cref="Vote(ReadOnlySpan{float}, Span{float}, float, float, Span{ulong}, Span{ulong})"/>'s.</summary>
    /// <param name="gradient">g, d values.</param>
    /// <param name="momentum">m, d values, updated in place.</param>
    /// <param name="beta1">β1; 1−β1 is computed once in fp32.</param>
    /// <param name="beta2">β2; 1−β2 is computed once in fp32.</param>
    /// <param name="u">Receives u, d values.</param>
    /// <exception cref="ArgumentException">A span's length does not match the gradient's.</exception>
    public static void Blend(ReadOnlySpan<float> gradient, Span<float> momentum, float beta1, float beta2, Span<float> u)
    {
        Guard.Length(momentum.Length, gradient.Length, nameof(momentum));
        Guard.Length(u.Length, gradient.Length, nameof(u));
        float c1 = 1 - beta1, c2 = 1 - beta2;
        for (var i = 0; i < u.Length; i++)
        {
            u[i] = (beta1 * momentum[i]) + (c1 * gradient[i]);
            momentum[i] = (beta2 * momentum[i]) + (c2 * gradient[i]);
        }
    }

    /// <summary>
    /// x ← x·decay, then x ← x − lr·Δ with Δ ∈ {−1, 0, +1}: two roundings, and the product is exact
    /// (docs/architecture.md#equal-bits).
    /// </summary>
    /// <param name="weights">x, d values, updated in place.</param>
    /// <param name="signs">The majority's signs, ⌈d/64⌉ words: 1 = +1.</param>
    /// <param name="zeros">The majority's zeros, ⌈d/64⌉ words, or empty for none.</param>
    /// <param name="learningRate">lr of the step.</param>
    /// <param name="decay">1 − lr·λ, rounded by the caller.</param>
    /// <exception cref="ArgumentException">A span's length does not match the weights'.</exception>
    public static void Apply(
        Span<float> weights, ReadOnlySpan<ulong> signs, ReadOnlySpan<ulong> zeros, float learningRate, float decay) =>
        Apply(weights, signs, zeros, learningRate, decay, VectorWidths.Widest);

    internal static bool AllFinite(ReadOnlySpan<float> values, VectorWidth width)
    {
        ref var v = ref MemoryMarshal.GetReference(values);
        var count = (nuint)values.Length;
        nuint done = 0;
        var finite = width switch
        {
            VectorWidth.Bits512 => AllFinite<Floats512, Vector512<float>>(ref v, count, ref done),
            VectorWidth.Bits256 => AllFinite<Floats256, Vector256<float>>(ref v, count, ref done),
            VectorWidth.Bits128 => AllFinite<Floats128, Vector128<float>>(ref v, count, ref done),
            _ => true,
        };
        return finite && AllFinite<Floats32, float>(ref v, count, ref done);
    }

    internal static bool Vote(
        ReadOnlySpan<float> gradient, Span<float> momentum, float beta1, float beta2,
        Span<ulong> signs, Span<ulong> zeros, VectorWidth width)
    {
        var words = BitPlanes.Words(gradient.Length);
        Guard.Length(momentum.Length, gradient.Length, nameof(momentum));
        Guard.Length(signs.Length, words, nameof(signs));
        Guard.Length(zeros.Length, words, nameof(zeros));
        ref var g = ref MemoryMarshal.GetReference(gradient);
        ref var m = ref MemoryMarshal.GetReference(momentum);
        ref var s = ref MemoryMarshal.GetReference(signs);
        ref var z = ref MemoryMarshal.GetReference(zeros);
        var full = (nuint)(gradient.Length / BitPlanes.BitsPerWord);
        var any = width switch
        {
            VectorWidth.Bits512 => Vote<Floats512, Vector512<float>>(ref g, ref m, beta1, beta2, ref s, ref z, full),
            VectorWidth.Bits256 => Vote<Floats256, Vector256<float>>(ref g, ref m, beta1, beta2, ref s, ref z, full),
            VectorWidth.Bits128 => Vote<Floats128, Vector128<float>>(ref g, ref m, beta1, beta2, ref s, ref z, full),
            _ => Vote<Floats32, float>(ref g, ref m, beta1, beta2, ref s, ref z, full),
        };
        if ((int)full == words)
            return any != 0;

        var tail = (int)full * BitPlanes.BitsPerWord;
        (signs[^1], zeros[^1]) = VoteTail(gradient[tail..], momentum[tail..], beta1, beta2);
        return (any | zeros[^1]) != 0;
    }

    internal static void Apply(
        Span<float> weights, ReadOnlySpan<ulong> signs, ReadOnlySpan<ulong> zeros, float learningRate, float decay,
        VectorWidth width)
    {
        var words = BitPlanes.Words(weights.Length);
        Guard.Length(signs.Length, words, nameof(signs));
        if (!zeros.IsEmpty)
            Guard.Length(zeros.Length, words, nameof(zeros));
        ref var x = ref MemoryMarshal.GetReference(weights);
        var full = weights.Length / BitPlanes.BitsPerWord;
        var s = signs[..full];
        var z = zeros.IsEmpty ? zeros : zeros[..full];
        switch (width)
        {
            case VectorWidth.Bits512:
                Apply<Floats512, Vector512<float>>(ref x, s, z, learningRate, decay);
                break;
            case VectorWidth.Bits256:
                Apply<Floats256, Vector256<float>>(ref x, s, z, learningRate, decay);
                break;
            case VectorWidth.Bits128:
                Apply<Floats128, Vector128<float>>(ref x, s, z, learningRate, decay);
                break;
            default:
                Apply<Floats32, float>(ref x, s, z, learningRate, decay);
                break;
        }

        if (full < words)
            ApplyTail(weights[(full * BitPlanes.BitsPerWord)..], signs[^1], zeros.IsEmpty ? 0 : zeros[^1], learningRate, decay);
    }

    static bool AllFinite<TLanes, TVector>(ref float values, nuint count, ref nuint done)
        where TLanes : struct, IFloatLanes<TVector>
        where TVector : struct
    {
        var lanes = (nuint)TLanes.Count;
        // Four maxima, so that none waits for another.
        TVector a = default, b = default, c = default, d = default;
        var i = done;
        for (; i + (4 * lanes) <= count; i += 4 * lanes)
        {
            a = TLanes.MaxMagnitude(TLanes.Load(ref values, i), a);
            b = TLanes.MaxMagnitude(TLanes.Load(ref values, i + lanes), b);
            c = TLanes.MaxMagnitude(TLanes.Load(ref values, i + (2 * lanes)), c);
            d = TLanes.MaxMagnitude(TLanes.Load(ref values, i + (3 * lanes)), d);
        }

        for (; i + lanes <= count; i += lanes)
            a = TLanes.MaxMagnitude(TLanes.Load(ref values, i), a);
        done = i;
        return TLanes.Finite(a) && TLanes.Finite(b) && TLanes.Finite(c) && TLanes.Finite(d);
    }

    static ulong Vote<TLanes, TVector>(
        ref float g, ref float m, float beta1, float beta2, ref ulong signs, ref ulong zeros, nuint words)
        where TLanes : struct, IFloatLanes<TVector>
        where TVector : struct
    {
        var b1 = TLanes.Create(beta1);
        var c1 = TLanes.Create(1 - beta1);
        var b2 = TLanes.Create(beta2);
        var c2 = TLanes.Create(1 - beta2);
        ulong any = 0;
        nuint i = 0;
        for (nuint word = 0; word < words; word++)
        {
            ulong sign = 0, zero = 0;
            for (var shift = 0; shift < BitPlanes.BitsPerWord; shift += TLanes.Count, i += (nuint)TLanes.Count)
            {
                var gradient = TLanes.Load(ref g, i);
                var momentum = TLanes.Load(ref m, i);
                var u = TLanes.Add(TLanes.Multiply(b1, momentum), TLanes.Multiply(c1, gradient));
                TLanes.Store(TLanes.Add(TLanes.Multiply(b2, momentum), TLanes.Multiply(c2, gradient)), ref m, i);
                sign |= TLanes.Positive(u) << shift;
                zero |= TLanes.Zero(u) << shift;
            }

            Unsafe.Add(ref signs, word) = sign;
            Unsafe.Add(ref zeros, word) = zero;
            any |= zero;
        }

        return any;
    }

    static (ulong Sign, ulong Zero) VoteTail(ReadOnlySpan<float> g, Span<float> m, float beta1, float beta2)
    {
        float c1 = 1 - beta1, c2 = 1 - beta2;
        ulong sign = 0, zero = 0;
        for (var i = 0; i < g.Length; i++)
        {
            var u = (beta1 * m[i]) + (c1 * g[i]);
            m[i] = (beta2 * m[i]) + (c2 * g[i]);
            sign |= (u > 0 ? 1UL : 0) << i;
            zero |= (u == 0 ? 1UL : 0) << i;
        }

        return (sign, zero);
    }

    static void Apply<TLanes, TVector>(
        ref float x, ReadOnlySpan<ulong> signs, ReadOnlySpan<ulong> zeros, float learningRate, float decay)
        where TLanes : struct, IFloatLanes<TVector>
        where TVector : struct
    {
        var up = TLanes.Create(learningRate);
        var down = TLanes.Create(-learningRate);
        var scale = TLanes.Create(decay);
        nuint i = 0;
        for (var word = 0; word < signs.Length; word++)
        {
            var sign = signs[word];
            var zero = zeros.IsEmpty ? 0 : zeros[word];
            if (zero == 0)
            {
                for (var shift = 0; shift < BitPlanes.BitsPerWord; shift += TLanes.Count, i += (nuint)TLanes.Count)
                {
                    var step = TLanes.Select(sign >> shift, up, down);
                    TLanes.Store(TLanes.Subtract(TLanes.Multiply(TLanes.Load(ref x, i), scale), step), ref x, i);
                }
            }
            else
            {
                for (var shift = 0; shift < BitPlanes.BitsPerWord; shift += TLanes.Count, i += (nuint)TLanes.Count)
                {
                    var step = TLanes.Select(zero >> shift, default, TLanes.Select(sign >> shift, up, down));
                    TLanes.Store(TLanes.Subtract(TLanes.Multiply(TLanes.Load(ref x, i), scale), step), ref x, i);
                }
            }
        }
    }

    static void ApplyTail(Span<float> x, ulong sign, ulong zero, float learningRate, float decay)
    {
        for (var i = 0; i < x.Length; i++)
        {
            var step = ((zero >> i) & 1) != 0 ? 0f : ((sign >> i) & 1) != 0 ? learningRate : -learningRate;
            x[i] = (x[i] * decay) - step;
        }
    }
}
