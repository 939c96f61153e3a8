namespace DecentralizedLion.Codecs.Reductions;

/// <summary>A sum of ballots over a range, or the outcome of one.</summary>
/// <param name="planes">Its planes, one after the other.</param>
/// <param name="zeros">Its zero planes, or none.</param>
/// <param name="total">The ballots inside and their votes.</param>
readonly ref struct PartialSum(ReadOnlySpan<ulong> planes, ReadOnlySpan<ulong> zeros, VoteTotal total)
{
    /// <summary>A sum of ballots that count one vote each.</summary>
    /// <param name="planes">Its planes, one after the other.</param>
    /// <param name="zeros">Its zero planes, or none.</param>
    /// <param name="ballots">How many ballots are inside.</param>
    public PartialSum(ReadOnlySpan<ulong> planes, ReadOnlySpan<ulong> zeros, int ballots)
        : this(planes, zeros, VoteTotal.Equal(ballots))
    {
    }

    /// <summary>Its planes, one after the other.</summary>
    public ReadOnlySpan<ulong> Planes { get; } = planes;

    /// <summary>Its zero planes, or none.</summary>
    public ReadOnlySpan<ulong> Zeros { get; } = zeros;

    /// <summary>The ballots inside and their votes.</summary>
    public VoteTotal Total { get; } = total;

    /// <summary>The number of ballots inside.</summary>
    public int Ballots => Total.Ballots;

    /// <summary>The votes that the planes count.</summary>
    public int Counted => Total.Counted;
}
