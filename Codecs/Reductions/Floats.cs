using System.Numerics;
using System.Runtime.InteropServices;

namespace DecentralizedLion.Codecs;

/// <summary>Ballots of fp32 values, 32 words for 64 of them, in the values' own order; the values after the last are zero.</summary>
public abstract class Floats : Reduction
{
    /// <summary>Words for the values of one word of a plane.</summary>
    public const int Planes = 32;

    /// <summary>
    /// No ballot's value is larger: the sum of 256 is still finite.
    /// </summary>
    public const float Most = float.MaxValue / 256;

    /// <inheritdoc/>
    public sealed override bool IsOrdered => true;

    /// <inheritdoc/>
    public sealed override int SumPlanes(int ballots) => ballots == 0 ? 0 : Planes;

    /// <inheritdoc/>
    public sealed override int OutcomePlanes(int voters) => Planes;

    /// <inheritdoc/>
    public sealed override bool CanBe(Sum sum, ulong tailMask)
    {
        var values = Of(sum.Planes);
        return LionKernel.AllFinite(values) && !values[(values.Length - BitOperations.LeadingZeroCount(tailMask))..].ContainsAnyExcept(0f);
    }

    /// <inheritdoc/>
    public sealed override bool CanBeOutcome(Sum outcome, ulong tailMask) => CanBe(outcome, tailMask);

    /// <inheritdoc/>
    public sealed override void Store(ReadOnlySpan<ulong> range, int first, int words, Span<ulong> whole, int stride) =>
        range.CopyTo(whole[(first * Planes)..]);

    /// <inheritdoc/>
    public sealed override ReadOnlySpan<ulong> Load(ReadOnlySpan<ulong> whole, int planes, int stride, int first, int words, Span<ulong> scratch) =>
        whole.Slice(first * Planes, planes / Planes * words * Planes);

    /// <summary>A finite value within ±<see cref="Most"/>.</summary>
    public static float Bounded(float value) => Math.Clamp(value, -Most, Most);

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
