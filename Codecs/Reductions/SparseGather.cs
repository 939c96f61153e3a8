using System.Runtime.CompilerServices;

namespace DecentralizedLion.Codecs.Reductions;

/// <summary>
/// Each member's few entries go to all: a word is an entry, the index in its upper half and the fp32 value's bits in its lower.
/// Every ballot of a step has equally many, and counts one vote.
/// </summary>
/// <param name="parameters">d: indices are below it.</param>
sealed class SparseGather(int parameters) : Reduction
{
    /// <inheritdoc/>
    public override int Words(int length) => length;

    /// <inheritdoc/>
    public override ulong TailMask(int length) => ulong.MaxValue;

    /// <inheritdoc/>
    public override bool IsGathered => true;

    /// <inheritdoc/>
    public override int SumPlanes(int votes) => votes;

    /// <inheritdoc/>
    public override int AggregatePlanes(int votes) => votes;

    /// <summary>An entry as a word.</summary>
    public static ulong Entry(int index, float value) => (ulong)(uint)index << 32 | BitConverter.SingleToUInt32Bits(value);

    /// <summary>An entry's index.</summary>
    public static int Index(ulong entry) => (int)(entry >> 32);

    /// <summary>An entry's value.</summary>
    public static float Value(ulong entry) => BitConverter.UInt32BitsToSingle((uint)entry);

    /// <inheritdoc/>
    public override void Add(PartialSum sum, PartialSum ballot, Span<ulong> planes, Span<ulong> zeros) =>
        throw new NotSupportedException(Never());

    /// <inheritdoc/>
    public override bool Complete(PartialSum whole, RangeContext context, Span<ulong> planes, Span<ulong> zeros)
    {
        whole.Planes.CopyTo(planes);
        return false;
    }

    /// <summary>Indices are below d, and no value is larger than that of a sum may be.</summary>
    public override bool IsPlausibleSum(PartialSum sum, ulong tailMask)
    {
        foreach (ulong entry in sum.Planes)
        {
            if (entry >> 32 >= (uint)parameters || !(MathF.Abs(Value(entry)) <= FloatReduction.MagnitudeMax))
                return false;
        }
        return true;
    }

    /// <inheritdoc/>
    public override bool IsPlausibleAggregate(PartialSum outcome, ulong tailMask) => IsPlausibleSum(outcome, tailMask);

    static string Never([CallerMemberName] string member = "") => $"{member}: entries are gathered, not added";
}
