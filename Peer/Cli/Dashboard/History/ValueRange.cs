namespace DecentralizedLion.Peer.Cli.Dashboard.History;

/// <summary>The values that a number took over some steps.</summary>
/// <param name="Count">Steps that had it.</param>
/// <param name="Sum">Their sum.</param>
/// <param name="Min">The least.</param>
/// <param name="Max">The greatest.</param>
readonly record struct ValueRange(int Count, double Sum, double Min, double Max)
{
    /// <summary>The mean; null when no step had a value.</summary>
    public double? Mean => Count == 0 ? null : Sum / Count;

    /// <summary>The range with one more value; a NaN is none.</summary>
    public ValueRange With(double value) => !double.IsFinite(value) ? this
        : Count == 0 ? new(1, value, value, value)
        : new(Count + 1, Sum + value, Math.Min(Min, value), Math.Max(Max, value));

    /// <summary>The range over the steps of both.</summary>
    public ValueRange With(in ValueRange other) => other.Count == 0 ? this : Count == 0 ? other
        : new(Count + other.Count, Sum + other.Sum, Math.Min(Min, other.Min), Math.Max(Max, other.Max));
}
