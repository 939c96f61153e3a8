namespace DecentralizedLion.Codecs;

/// <summary>Counts of signs, decided by majority: the outcome is a sign, and where there are any, a zero.</summary>
/// <param name="ties">The tie rule.</param>
public sealed class MajorityVote(TieRule ties) : SignCount
{
    /// <summary>The tie rule.</summary>
    public TieRule Ties { get; } = ties;

    /// <inheritdoc/>
    public override int OutcomePlanes(int voters) => 1;

    /// <inheritdoc/>
    public override int OutcomeZeroPlanes(int voters) => 1;

    /// <inheritdoc/>
    public override bool Decide(Sum whole, Place place, Span<ulong> planes, Span<ulong> zeros)
    {
        int width = SumPlanes(whole.Ballots);
        return Majority.Decide(whole.Planes, width, whole.Zeros, whole.Zeros.IsEmpty ? 0 : width, whole.Ballots, Ties, place.Previous,
            place.Step, place.FirstWord, place.TailMask, planes, zeros);
    }

    /// <inheritdoc/>
    public override bool CanBeOutcome(Sum outcome, ulong tailMask) =>
        Counts(new Sum(outcome.Planes, outcome.Zeros, 1), 1, tailMask); // nothing is +1 and zero at once
}
