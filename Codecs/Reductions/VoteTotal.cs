namespace DecentralizedLion.Codecs.Reductions;

/// <summary>
/// The number of ballots inside a sum, and of the votes that they count together (docs/protocol.md#weights). A ballot alone is
/// kept and sent as it was cast, whatever its weight: there is nothing yet to weigh it against.
/// </summary>
/// <param name="Ballots">The ballots, not negative.</param>
/// <param name="Votes">The sum of their weights: at least as many.</param>
readonly record struct VoteTotal(int Ballots, int Votes)
{
    /// <summary>The total of ballots that count one vote each.</summary>
    /// <param name="ballots">The ballots.</param>
    public static VoteTotal Equal(int ballots) => new(ballots, ballots);

    /// <summary>The votes that the planes of the sum count: one for a ballot alone.</summary>
    public int Counted => Ballots == 1 ? 1 : Votes;

    /// <summary>The factor that the sum must still be multiplied by: the weight of a ballot alone, else 1.</summary>
    public int Factor => Ballots == 1 ? Votes : 1;

    /// <summary>The total with one ballot more.</summary>
    /// <param name="weight">The ballot's weight.</param>
    public VoteTotal With(int weight) => new(Ballots + 1, Votes + weight);
}
