using DecentralizedLion.Codecs.LionK;

namespace DecentralizedLion.Models.Vectors;

/// <summary>
/// A vector of fp32 values, one a parameter, with the arithmetic of a step on it. It lies in host memory or on a device; every
/// product and sum is rounded by itself in both (docs/architecture.md#equal-bits). Vectors that meet in an operation lie in one
/// place. One thread at a time, see <see cref="AllowsConcurrentReads"/>.
/// </summary>
abstract class FlatVector
{
    /// <summary>d, the number of values.</summary>
    public abstract int Length { get; }

    /// <summary>True when any number of threads may read the values while none writes them.</summary>
    public virtual bool AllowsConcurrentReads => false;

    /// <summary>The values themselves, in host memory.</summary>
    /// <exception cref="InvalidOperationException">It lies on a device.</exception>
    public abstract Span<float> Span { get; }

    /// <summary>The values of a range, to be read before anything else is done: themselves where they are in host memory, else a
    /// copy.</summary>
    /// <param name="begin">The first.</param>
    /// <param name="count">How many.</param>
    /// <param name="buffer">Receives the copy; replaced by a larger one where it is too small.</param>
    public abstract ReadOnlySpan<float> Peek(int begin, int count, ref float[] buffer);

    /// <summary>Copies the values of a range into host memory.</summary>
    public abstract void Read(int begin, Span<float> values);

    /// <summary>Sets the values of a range from host memory.</summary>
    public abstract void Write(int begin, ReadOnlySpan<float> values);

    /// <summary>Takes the values of a vector of the same place and length.</summary>
    public abstract void CopyFrom(FlatVector other);

    /// <summary>Sets all values to zero.</summary>
    public abstract void Clear();

    /// <summary>True when no value is infinite or NaN.</summary>
    public abstract bool IsFinite();

    /// <summary>True when all values are zero.</summary>
    public abstract bool IsZero();

    /// <summary>This vector is Lion's momentum m: u = β1·m + (1−β1)·g is cast as ∇𝒦(u), then m ← β2·m + (1−β2)·g.</summary>
    /// <param name="gradient">g, finite.</param>
    /// <param name="beta1">β1; 1−β1 is computed once in fp32.</param>
    /// <param name="beta2">β2; 1−β2 is computed once in fp32.</param>
    /// <param name="kappa">𝒦, a ternary one; on a device one of those that <see cref="DeviceVector.Casts"/> names.</param>
    /// <param name="signs">Receives 1 where ∇𝒦(u) is +1: ⌈d/64⌉ words, canonical.</param>
    /// <param name="zeros">Receives 1 where it is 0: ⌈d/64⌉ words, canonical.</param>
    public abstract void Vote(FlatVector gradient, float beta1, float beta2, Kappa kappa, Span<ulong> signs, Span<ulong> zeros);

    /// <summary>m ← β·m + (1−β)·g.</summary>
    /// <param name="gradient">g.</param>
    /// <param name="beta">β; 1−β is computed once in fp32.</param>
    public abstract void Blend(FlatVector gradient, float beta);

    /// <summary>Packs signs and exact zeros; no value is a NaN.</summary>
    /// <param name="signs">Receives 1 where a value is positive: ⌈d/64⌉ words, canonical.</param>
    /// <param name="zeros">Receives 1 where a value is +0 or −0: ⌈d/64⌉ words, canonical.</param>
    public abstract void PackSigns(Span<ulong> signs, Span<ulong> zeros);

    /// <summary>x ← x·decay, then x ← x − lr·Δ with Δ ∈ {−1, 0, +1}: two roundings.</summary>
    /// <param name="signs">1 where Δ = +1: ⌈d/64⌉ words.</param>
    /// <param name="zeros">1 where Δ = 0: ⌈d/64⌉ words, or empty for nowhere.</param>
    /// <param name="learningRate">lr.</param>
    /// <param name="decay">1 − lr·λ.</param>
    public abstract void ApplySigns(ReadOnlySpan<ulong> signs, ReadOnlySpan<ulong> zeros, float learningRate, float decay);

    /// <summary>x ← x·decay, then x ← x − table[count]: two roundings.</summary>
    /// <param name="counts">The counts, planes · ⌈d/64⌉ words.</param>
    /// <param name="planes">The planes.</param>
    /// <param name="table">The step of each count; one beyond the table takes no step.</param>
    /// <param name="decay">1 − lr·λ.</param>
    public abstract void ApplyCounts(ReadOnlySpan<ulong> counts, int planes, ReadOnlySpan<float> table, float decay);

    /// <summary>x ← x·decay, then x ← x − rate·direction, in a range: three roundings.</summary>
    /// <param name="begin">The first value.</param>
    /// <param name="end">The one after the last.</param>
    /// <param name="direction">The direction, of the whole length.</param>
    /// <param name="rate">The rate.</param>
    /// <param name="decay">The decay.</param>
    public abstract void Apply(int begin, int end, FlatVector direction, float rate, float decay);

    /// <summary>x ← x·decay.</summary>
    public abstract void Decay(float decay);

    /// <summary>An array as a vector in host memory.</summary>
    public static implicit operator FlatVector(float[] values) => new HostVector(values);
}
