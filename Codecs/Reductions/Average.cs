namespace DecentralizedLion.Codecs;

/// <summary>Counts of signs, whose outcome is the counts themselves: their mean is (2p + a − V)/V.</summary>
public sealed class Average : SignCount
{
    /// <inheritdoc/>
    public override int OutcomePlanes(int voters) => SumPlanes(voters);

    /// <inheritdoc/>
    public override int OutcomeZeroPlanes(int voters) => SumPlanes(voters);

    /// <inheritdoc/>
    public override bool Decide(Sum whole, Place place, Span<ulong> planes, Span<ulong> zeros)
    {
        whole.Planes.CopyTo(planes);
        whole.Zeros.CopyTo(zeros);
        zeros[whole.Zeros.Length..].Clear();
        return whole.Zeros.ContainsAnyExcept(0UL);
    }

    /// <inheritdoc/>
    public override bool CanBeOutcome(Sum outcome, ulong tailMask) => CanBe(outcome, tailMask);
}
