using DecentralizedLion.Codecs.Bits;

namespace DecentralizedLion.Codecs.Reductions;

/// <summary>
/// The weights of the members' ballots: the ratio of a member's batch to the smallest one, rounded to a whole number, a half
/// upwards, from 1 to <see cref="WeightMax"/> (docs/protocol.md#weights). Integer arithmetic: the same on every machine.
/// </summary>
sealed class BallotWeights
{
    /// <summary>No ballot counts more votes.</summary>
    public const int WeightMax = 15;

    readonly byte[] weights; // by roster index; those beyond its end are 1

    BallotWeights(byte[] weights) => this.weights = weights;

    /// <summary>Every ballot counts one vote.</summary>
    public static BallotWeights Equal { get; } = new([]);

    /// <summary>True when every ballot counts one vote.</summary>
    public bool AreEqual => weights.Length == 0;

    /// <summary>The weight of a member's ballot.</summary>
    /// <param name="member">The member's roster index.</param>
    public int this[int member] => member < weights.Length ? weights[member] : 1;

    /// <summary>The weights that follow from batches.</summary>
    /// <param name="members">Roster indices.</param>
    /// <param name="batches">The batch of each, in the same order, 0 for who has no samples; nothing: all weights are 1.</param>
    public static BallotWeights Of(IReadOnlyList<int> members, IReadOnlyList<int> batches)
    {
        if (batches.Count == 0)
            return Equal;
        ArgumentOutOfRangeException.ThrowIfNotEqual(batches.Count, members.Count, nameof(batches));
        var smallest = int.MaxValue;
        foreach (var batch in batches)
            smallest = batch > 0 ? Math.Min(smallest, batch) : smallest;
        byte[]? found = null;
        for (var at = 0; at < members.Count; at++)
        {
            var weight = Of(batches[at], smallest);
            if (weight == 1)
                continue;
            if (found is null)
                (found = new byte[PeerSet.Capacity]).AsSpan().Fill(1);
            found[members[at]] = (byte)weight;
        }
        return found is null ? Equal : new BallotWeights(found);
    }

    /// <summary>The weight of a batch: ⌊batch / smallest + 1/2⌋ within its bounds.</summary>
    /// <param name="batch">The batch, not negative.</param>
    /// <param name="smallest">The smallest batch, at least 1.</param>
    public static int Of(int batch, int smallest) =>
        (int)Math.Clamp(((2L * batch) + smallest) / (2L * smallest), 1, WeightMax);

    /// <summary>The ballots and votes of some voters.</summary>
    public VoteTotal TotalOf(PeerSet voters)
    {
        var ballots = voters.Count;
        if (AreEqual)
            return VoteTotal.Equal(ballots);
        var votes = 0;
        foreach (var voter in voters)
            votes += this[voter];
        return new VoteTotal(ballots, votes);
    }
}
