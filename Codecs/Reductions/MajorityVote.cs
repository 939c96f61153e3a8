using DecentralizedLion.Codecs.Kernels;

namespace DecentralizedLion.Codecs.Reductions;

/// <summary>Counts of signs, decided by majority: the outcome is a sign, and where there are any, a zero.</summary>
/// <param name="ties">The tie rule.</param>
sealed class MajorityVote(TieRule ties) : SignCount
{
    /// <summary>The tie rule.</summary>
    public TieRule Ties { get; } = ties;

    /// <inheritdoc/>
    public override int AggregatePlanes(int votes) => 1;

    /// <inheritdoc/>
    public override int AggregateZeroPlanes(int votes) => 1;

    /// <inheritdoc/>
    public override bool Complete(PartialSum whole, RangeContext context, Span<ulong> planes, Span<ulong> zeros) =>
        MajorityKernel.Decide(VoteCounts.Of(whole), Ties, context, planes, zeros);

    /// <inheritdoc/>
    public override bool IsPlausibleAggregate(PartialSum outcome, ulong tailMask) =>
        Counts(new PartialSum(outcome.Planes, outcome.Zeros, 1), 1, tailMask); // nothing is +1 and zero at once
}
