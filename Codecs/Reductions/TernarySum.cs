using DecentralizedLion.Codecs.Bits;

namespace DecentralizedLion.Codecs.Reductions;

/// <summary>
/// Ballots of −1, 0 and +1 of which most are 0: each is the two-plane number t + 1 (plane 0: exactly zero, plane 1: positive),
/// and the sums themselves, from 0 to 2V, are the outcome. That takes ⌈log2(2h + 1)⌉ planes for h ballots, where counts with
/// abstentions beside them would take 2·⌈log2(h + 1)⌉.
/// </summary>
sealed class TernarySum : Reduction
{
    /// <inheritdoc/>
    public override int SumPlanes(int ballots) => BitPlanes.Width(2 * ballots);

    /// <inheritdoc/>
    public override int AggregatePlanes(int voters) => SumPlanes(voters);

    /// <inheritdoc/>
    public override void Add(PartialSum sum, PartialSum ballot, Span<ulong> planes, Span<ulong> zeros) => CountPlanes.Merge(
        sum.Planes, SumPlanes(sum.Ballots), ballot.Planes, SumPlanes(1), planes, SumPlanes(sum.Ballots + 1));

    /// <inheritdoc/>
    public override bool Complete(PartialSum whole, RangeContext context, Span<ulong> planes, Span<ulong> zeros)
    {
        whole.Planes.CopyTo(planes);
        return false;
    }

    /// <inheritdoc/>
    public override bool IsPlausibleSum(PartialSum sum, ulong tailMask)
    {
        int planes = SumPlanes(sum.Ballots);
        return planes == 0 || (TailIsClear(sum.Planes, sum.Planes.Length / planes, tailMask)
            && CountBounds.Hold(sum.Planes, planes, default, 0, 2 * sum.Ballots));
    }

    /// <inheritdoc/>
    public override bool IsPlausibleAggregate(PartialSum outcome, ulong tailMask) => IsPlausibleSum(outcome, tailMask);
}
