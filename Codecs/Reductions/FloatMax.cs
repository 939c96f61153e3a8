namespace DecentralizedLion.Codecs.Reductions;

/// <summary>The largest of the members' fp32 values, element by element; 0 when nobody has voted.</summary>
sealed class FloatMax : FloatReduction
{
    /// <inheritdoc/>
    public override void Add(PartialSum sum, PartialSum ballot, Span<ulong> planes, Span<ulong> zeros)
    {
        ReadOnlySpan<float> a = Of(sum.Planes), b = Of(ballot.Planes);
        Span<float> result = Of(planes);
        for (int i = 0; i < result.Length; i++)
            result[i] = a[i] > b[i] ? a[i] : b[i];
    }

    /// <inheritdoc/>
    protected override float SumMagnitudeMax(int votes) => votes == 0 ? 0 : MagnitudeMax;

    /// <inheritdoc/>
    protected override float AggregateMagnitudeMax(int votes) => SumMagnitudeMax(votes);

    /// <inheritdoc/>
    public override bool Complete(PartialSum whole, RangeContext context, Span<ulong> planes, Span<ulong> zeros)
    {
        planes.Clear();
        whole.Planes.CopyTo(planes);
        return false;
    }
}
