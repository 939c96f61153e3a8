namespace DecentralizedLion.Codecs.Reductions;

/// <summary>Counts of signs, whose outcome is the counts themselves: their mean is (2p + a − V)/V, of V votes.</summary>
sealed class SignAverage : SignCount
{
    /// <inheritdoc/>
    public override int AggregatePlanes(int votes) => SumPlanes(votes);

    /// <inheritdoc/>
    public override int AggregateZeroPlanes(int votes) => SumPlanes(votes);

    /// <inheritdoc/>
    public override bool Complete(PartialSum whole, RangeContext context, Span<ulong> planes, Span<ulong> zeros)
    {
        whole.Planes.CopyTo(planes);
        whole.Zeros.CopyTo(zeros);
        zeros[whole.Zeros.Length..].Clear();
        return whole.Zeros.ContainsAnyExcept(0UL);
    }

    /// <inheritdoc/>
    public override bool IsPlausibleAggregate(PartialSum outcome, ulong tailMask) => IsPlausibleSum(outcome, tailMask);
}
