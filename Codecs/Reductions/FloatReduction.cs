using System.Numerics;
using System.Runtime.InteropServices;

namespace DecentralizedLion.Codecs.Reductions;

/// <summary>Ballots of fp32 values, 32 words for 64 of them, in the values' own order; the values after the last are
/// zero.</summary>
abstract class FloatReduction : Reduction
{
    /// <summary>Words for the values of one word of a plane.</summary>
    public const int Planes = 32;

    /// <summary>
    /// No ballot's value is larger: the sum of 256 such, each times the largest weight, is finite, however it rounds.
    /// </summary>
    public const float MagnitudeMax = float.MaxValue / 8192;

    /// <summary>More than products and sums of 256 numbers are rounded up by.</summary>
    const float Rounding = 1 + 1f / 1024;

    /// <inheritdoc/>
    public sealed override bool IsOrdered => true;

    /// <inheritdoc/>
    public sealed override int SumPlanes(int votes) => votes == 0 ? 0 : Planes;

    /// <inheritdoc/>
    public sealed override int AggregatePlanes(int votes) => Planes;

    /// <inheritdoc/>
    public sealed override bool IsPlausibleSum(PartialSum sum, ulong tailMask) =>
        IsWithin(Of(sum.Planes), SumMagnitudeMax(sum.Counted), tailMask);

    /// <inheritdoc/>
    public sealed override bool IsPlausibleAggregate(PartialSum outcome, ulong tailMask) =>
        IsWithin(Of(outcome.Planes), AggregateMagnitudeMax(outcome.Counted), tailMask);

    /// <summary>The bound that no value of a sum of so many votes exceeds.</summary>
    protected virtual float SumMagnitudeMax(int votes) => votes * Rounding * MagnitudeMax;

    /// <summary>The bound that no value of the aggregate of so many votes exceeds.</summary>
    protected abstract float AggregateMagnitudeMax(int votes);

    /// <summary>True when all values are numbers of no larger size, and those beyond the last element are zero.</summary>
    static bool IsWithin(ReadOnlySpan<float> values, float most, ulong tailMask)
    {
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        var bound = new Vector<float>(most);
        foreach (Vector<float> vector in vectors)
        {
            if (!Vector.LessThanOrEqualAll(Vector.Abs(vector), bound)) // nor is a NaN
                return false;
        }
        foreach (float value in values[(vectors.Length * Vector<float>.Count)..])
        {
            if (!(MathF.Abs(value) <= most))
                return false;
        }
        return values.IsEmpty || !values[^BitOperations.LeadingZeroCount(tailMask)..].ContainsAnyExcept(0f);
    }

    /// <inheritdoc/>
    public sealed override bool AreContiguous(int planes) => true;

    /// <inheritdoc/>
    public sealed override void Store(ReadOnlySpan<ulong> range, int first, int words, Span<ulong> whole, int stride) =>
        range.CopyTo(whole[(first * Planes)..]);

    /// <inheritdoc/>
    public sealed override ReadOnlySpan<ulong> Load(ReadOnlySpan<ulong> whole, int planes, int stride, int first, int words,
        Span<ulong> scratch) =>
        whole.Slice(first * Planes, planes / Planes * words * Planes);

    /// <summary>A finite value within ±<see cref="MagnitudeMax"/>.</summary>
    public static float Bounded(float value) => Math.Clamp(value, -MagnitudeMax, MagnitudeMax);

    /// <summary>Bounded values as a ballot.</summary>
    public static void Pack(ReadOnlySpan<float> values, Span<float> ballot)
    {
        for (var i = 0; i < values.Length; i++)
            ballot[i] = Bounded(values[i]);
    }

    /// <summary>The values of planes.</summary>
    public static ReadOnlySpan<float> Of(ReadOnlySpan<ulong> planes) => MemoryMarshal.Cast<ulong, float>(planes);

    /// <summary>The values of planes.</summary>
    public static Span<float> Of(Span<ulong> planes) => MemoryMarshal.Cast<ulong, float>(planes);
}
