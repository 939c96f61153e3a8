namespace DecentralizedLion.Codecs;

/// <summary>The largest of the members' fp32 values, element by element; 0 when nobody has voted.</summary>
public sealed class Largest : Floats
{
    /// <inheritdoc/>
    public override void Add(Sum sum, Sum ballot, Span<ulong> planes, Span<ulong> zeros)
    {
        ReadOnlySpan<float> a = Of(sum.Planes), b = Of(ballot.Planes);
        Span<float> result = Of(planes);
        for (int i = 0; i < result.Length; i++)
            result[i] = a[i] > b[i] ? a[i] : b[i];
    }

    /// <inheritdoc/>
    protected override float MostOf(int ballots) => ballots == 0 ? 0 : Most;

    /// <inheritdoc/>
    protected override float MostOfOutcome(int voters) => MostOf(voters);

    /// <inheritdoc/>
    public override bool Decide(Sum whole, Place place, Span<ulong> planes, Span<ulong> zeros)
    {
        planes.Clear();
        whole.Planes.CopyTo(planes);
        return false;
    }
}
