using DecentralizedLion.Codecs.Bits;

namespace DecentralizedLion.Codecs.Reductions;

/// <summary>Ballots of signs, added up as counts of the positive ones, with counts of the exact zeros beside them where there are
/// any.</summary>
abstract class SignCount : Reduction
{
    /// <inheritdoc/>
    public sealed override int SumPlanes(int ballots) => BitPlanes.Width(ballots);

    /// <inheritdoc/>
    public sealed override bool HasZeros => true;

    /// <inheritdoc/>
    public sealed override void Add(PartialSum sum, PartialSum ballot, Span<ulong> planes, Span<ulong> zeros)
    {
        int width = SumPlanes(sum.Ballots), wider = SumPlanes(sum.Ballots + 1);
        CountPlanes.Add(sum.Planes, width, ballot.Planes, planes, wider);
        if (zeros.IsEmpty)
            return;
        if (ballot.Zeros.IsEmpty)
        {
            sum.Zeros.CopyTo(zeros);
            zeros[sum.Zeros.Length..].Clear();
        }
        else
        {
            CountPlanes.Add(sum.Zeros, sum.Zeros.IsEmpty ? 0 : width, ballot.Zeros, zeros, wider);
        }
    }

    /// <inheritdoc/>
    public sealed override bool IsPlausibleSum(PartialSum sum, ulong tailMask) => Counts(sum, SumPlanes(sum.Ballots), tailMask);

    /// <summary>No more votes and abstentions than ballots.</summary>
    protected static bool Counts(PartialSum sum, int planes, ulong tailMask)
    {
        if (planes == 0)
            return true;
        int words = sum.Planes.Length / planes;
        return TailIsClear(sum.Planes, words, tailMask) && TailIsClear(sum.Zeros, words, tailMask)
            && CountBounds.Hold(sum.Planes, planes, sum.Zeros, sum.Zeros.IsEmpty ? 0 : planes, sum.Ballots);
    }
}
