namespace DecentralizedLion.Codecs.Reductions;

/// <summary>A sum of ballots over a range, or the outcome of one.</summary>
/// <param name="planes">Its planes, one after the other.</param>
/// <param name="zeros">Its zero planes, or none.</param>
/// <param name="ballots">How many ballots are inside.</param>
readonly ref struct PartialSum(ReadOnlySpan<ulong> planes, ReadOnlySpan<ulong> zeros, int ballots)
{
    /// <summary>Its planes, one after the other.</summary>
    public ReadOnlySpan<ulong> Planes { get; } = planes;

    /// <summary>Its zero planes, or none.</summary>
    public ReadOnlySpan<ulong> Zeros { get; } = zeros;

    /// <summary>The number of ballots inside.</summary>
    public int Ballots { get; } = ballots;
}
