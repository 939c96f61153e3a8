using DecentralizedLion.Codecs.Bits;

namespace DecentralizedLion.Codecs.Reductions;

/// <summary>The counts of a vote over a range of n words: p positive votes and a abstentions of V voters for each
/// parameter.</summary>
/// <param name="positive">The positive votes: positivePlanes · n words.</param>
/// <param name="positivePlanes">The planes of <paramref name="positive"/>.</param>
/// <param name="abstentions">The exact zeros: abstentionPlanes · n words.</param>
/// <param name="abstentionPlanes">The planes of <paramref name="abstentions"/>; 0 where nobody abstained.</param>
/// <param name="voters">V, the votes inside: as many as ballots where all count one.</param>
readonly ref struct VoteCounts(
    ReadOnlySpan<ulong> positive, int positivePlanes, ReadOnlySpan<ulong> abstentions, int abstentionPlanes, int voters)
{
    /// <summary>The positive votes, plane by plane.</summary>
    public ReadOnlySpan<ulong> Positive { get; } = positive;

    /// <summary>The number of planes of <see cref="Positive"/>.</summary>
    public int PositivePlanes { get; } = positivePlanes;

    /// <summary>The exact zeros, plane by plane.</summary>
    public ReadOnlySpan<ulong> Abstentions { get; } = abstentions;

    /// <summary>The number of planes of <see cref="Abstentions"/>; 0 where nobody abstained.</summary>
    public int AbstentionPlanes { get; } = abstentionPlanes;

    /// <summary>The number of votes inside.</summary>
    public int Voters { get; } = voters;

    /// <summary>The counts in a sum of sign ballots.</summary>
    public static VoteCounts Of(PartialSum whole)
    {
        var planes = BitPlanes.Width(whole.Counted);
        return new(whole.Planes, planes, whole.Zeros, whole.Zeros.IsEmpty ? 0 : planes, whole.Counted);
    }
}
