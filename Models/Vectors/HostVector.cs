using DecentralizedLion.Codecs.Kernels;
using DecentralizedLion.Codecs.LionK;

namespace DecentralizedLion.Models.Vectors;

/// <summary>A flat vector in host memory, by the kernels of <c>Codecs</c>.</summary>
sealed unsafe class HostVector : FlatVector
{
    readonly float[]? array;
    readonly float* at;
    float[]? blended;

    /// <param name="values">Its values, not copied.</param>
    public HostVector(float[] values) => (array, Length) = (values, values.Length);

    /// <param name="at">Its first value, in memory that is the caller's.</param>
    /// <param name="length">d.</param>
    public HostVector(float* at, int length)
    {
        this.at = at;
        Length = length;
    }

    public override int Length { get; }

    public override bool AllowsConcurrentReads => true;

    public override Span<float> Span => array is null ? new Span<float>(at, Length) : array;

    /// <summary>The array that it was made of.</summary>
    /// <exception cref="InvalidOperationException">It was made of other memory.</exception>
    public float[] Array => array ?? throw new InvalidOperationException("the vector is no array");

    public override ReadOnlySpan<float> Peek(int begin, int count, ref float[] buffer) => Span.Slice(begin, count);

    public override void Read(int begin, Span<float> values) => Span.Slice(begin, values.Length).CopyTo(values);

    public override void Write(int begin, ReadOnlySpan<float> values) => values.CopyTo(Span.Slice(begin, values.Length));

    public override void CopyFrom(FlatVector other) => other.Span.CopyTo(Span);

    public override void Clear() => Span.Clear();

    public override bool IsFinite() => LionKernel.AllFinite(Span);

    public override bool IsZero() => !Span.ContainsAnyExcept(0f);

    public override void Vote(FlatVector gradient, float beta1, float beta2, Kappa kappa, Span<ulong> signs, Span<ulong> zeros)
    {
        if (kappa is SignKappa)
        {
            LionKernel.Vote(gradient.Span, Span, beta1, beta2, signs, zeros);
            return;
        }
        blended ??= new float[Length];
        LionKernel.Blend(gradient.Span, Span, beta1, beta2, blended);
        kappa.PackSigns(blended, signs, zeros);
    }

    public override void Blend(FlatVector gradient, float beta) => SgdKernel.Blend(Span, gradient.Span, beta);

    public override void PackSigns(Span<ulong> signs, Span<ulong> zeros) => SignKernel.Pack(Span, signs, zeros);

    public override void ApplySigns(ReadOnlySpan<ulong> signs, ReadOnlySpan<ulong> zeros, float learningRate, float decay) =>
        LionKernel.Apply(Span, signs, zeros, learningRate, decay);

    public override void ApplyCounts(ReadOnlySpan<ulong> counts, int planes, ReadOnlySpan<float> table, float decay) =>
        AverageKernel.Apply(Span, counts, planes, table, decay);

    public override void Apply(int begin, int end, FlatVector direction, float rate, float decay) =>
        SgdKernel.Apply(Span[begin..end], direction.Span[begin..end], rate, decay);

    public override void Decay(float decay) => SgdKernel.Decay(Span, decay);
}
