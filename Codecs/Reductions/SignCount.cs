using DecentralizedLion.Codecs.Bits;

namespace DecentralizedLion.Codecs.Reductions;

/// <summary>Ballots of signs, added up as counts of the positive ones, with counts of the exact zeros beside them where there are
/// any.</summary>
abstract class SignCount : Reduction
{
    /// <inheritdoc/>
    public sealed override int SumPlanes(int votes) => BitPlanes.Width(votes);

    /// <inheritdoc/>
    public sealed override bool HasZeros => true;

    /// <inheritdoc/>
    public sealed override void Add(PartialSum sum, PartialSum ballot, Span<ulong> planes, Span<ulong> zeros)
    {
        int weight = ballot.Total.Votes, wider = SumPlanes(sum.Total.With(weight).Counted);
        Add(sum.Planes, sum.Total, ballot.Planes, weight, planes, wider);
        if (!zeros.IsEmpty)
            Add(sum.Zeros, sum.Total, ballot.Zeros, weight, zeros, wider);
    }

    /// <inheritdoc/>
    public sealed override bool IsPlausibleSum(PartialSum sum, ulong tailMask) => Counts(sum, SumPlanes(sum.Counted), tailMask);

    /// <summary>No more votes and abstentions than there are votes.</summary>
    protected static bool Counts(PartialSum sum, int planes, ulong tailMask)
    {
        if (planes == 0)
            return true;
        int words = sum.Planes.Length / planes;
        return TailIsClear(sum.Planes, words, tailMask) && TailIsClear(sum.Zeros, words, tailMask)
            && CountBounds.Hold(sum.Planes, planes, sum.Zeros, sum.Zeros.IsEmpty ? 0 : planes, sum.Counted);
    }

    /// <summary>result ← counts + weight · ballot, where either may be empty, which counts as zeros.</summary>
    static void Add(ReadOnlySpan<ulong> counts, VoteTotal total, ReadOnlySpan<ulong> ballot, int weight, Span<ulong> result,
        int planes)
    {
        int width = counts.IsEmpty ? 0 : BitPlanes.Width(total.Counted);
        if (width > 0 && total.Factor > 1)
        {
            CountPlanes.Add(default, 0, counts, total.Factor, result, planes);
            counts = result;
            width = planes;
        }
        if (!ballot.IsEmpty)
        {
            CountPlanes.Add(counts, width, ballot, weight, result, planes);
            return;
        }
        counts.CopyTo(result);
        result[counts.Length..].Clear();
    }
}
