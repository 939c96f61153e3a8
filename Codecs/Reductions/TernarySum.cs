using System.Buffers;
using DecentralizedLion.Codecs.Bits;

namespace DecentralizedLion.Codecs.Reductions;

/// <summary>
/// Ballots of −1, 0 and +1 of which most are 0: each is the two-plane number t + 1 (plane 0: exactly zero, plane 1: positive),
/// and the sums themselves, from 0 to 2V of V votes, are the outcome. That takes ⌈log2(2h + 1)⌉ planes for h votes, where counts
/// with abstentions beside them would take 2·⌈log2(h + 1)⌉.
/// </summary>
sealed class TernarySum : Reduction
{
    /// <inheritdoc/>
    public override int SumPlanes(int votes) => BitPlanes.Width(2 * votes);

    /// <inheritdoc/>
    public override int AggregatePlanes(int votes) => SumPlanes(votes);

    /// <inheritdoc/>
    public override void Add(PartialSum sum, PartialSum ballot, Span<ulong> planes, Span<ulong> zeros)
    {
        int weight = ballot.Total.Votes, width = SumPlanes(sum.Counted), wider = SumPlanes(sum.Total.With(weight).Counted);
        if (weight == 1 && sum.Total.Factor == 1)
        {
            CountPlanes.Merge(sum.Planes, width, ballot.Planes, SumPlanes(1), planes, wider);
            return;
        }
        ReadOnlySpan<ulong> counts = sum.Planes;
        if (sum.Total.Factor > 1)
        {
            // The result may lie where the sum does, and is written before the upper plane is read.
            int words = counts.Length / width;
            ulong[] upper = ArrayPool<ulong>.Shared.Rent(words);
            counts[words..].CopyTo(upper);
            CountPlanes.Add(default, 0, counts[..words], sum.Total.Factor, planes, wider);
            CountPlanes.Add(planes, wider, upper.AsSpan(0, words), 2 * sum.Total.Factor, planes, wider);
            ArrayPool<ulong>.Shared.Return(upper);
            counts = planes;
            width = wider;
        }
        int half = ballot.Planes.Length / 2;
        CountPlanes.Add(counts, width, ballot.Planes[..half], weight, planes, wider);
        CountPlanes.Add(planes, wider, ballot.Planes[half..], 2 * weight, planes, wider);
    }

    /// <inheritdoc/>
    public override bool Complete(PartialSum whole, RangeContext context, Span<ulong> planes, Span<ulong> zeros)
    {
        whole.Planes.CopyTo(planes);
        return false;
    }

    /// <inheritdoc/>
    public override bool IsPlausibleSum(PartialSum sum, ulong tailMask)
    {
        int planes = SumPlanes(sum.Counted);
        return planes == 0 || (TailIsClear(sum.Planes, sum.Planes.Length / planes, tailMask)
            && CountBounds.Hold(sum.Planes, planes, default, 0, 2 * sum.Counted));
    }

    /// <inheritdoc/>
    public override bool IsPlausibleAggregate(PartialSum outcome, ulong tailMask) => IsPlausibleSum(outcome, tailMask);
}
