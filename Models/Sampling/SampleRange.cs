namespace DecentralizedLion.Models.Sampling;

/// <summary>Positions of a run that lie one behind the other: <paramref name="Length"/> of them, from
/// <paramref name="Start"/> on.</summary>
readonly record struct SampleRange(long Start, long Length)
{
    /// <summary>The first position after it.</summary>
    public long End => Start + Length;

    /// <summary>The first and the last position: <c>12-19</c>.</summary>
    public override string ToString() => $"{Start}-{Start + (Length - 1)}";
}
