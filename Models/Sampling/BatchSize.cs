namespace DecentralizedLion.Models.Sampling;

/// <summary>The number of samples that a member takes in a step.</summary>
/// <param name="Batch">Samples of a mini-batch, at least 1; of no effect with a <paramref name="GlobalBatch"/>.</param>
/// <param name="GlobalBatch">Samples of all members' mini-batches together, at least 1: kept when members come and go, and spread
/// evenly; the lowest-ranked take the remainder. Null: each takes <paramref name="Batch"/>.</param>
/// <param name="Pieces">Mini-batches of a member and step, at least 1: its share is so many equal pieces, one behind the
/// other.</param>
/// <exception cref="ArgumentOutOfRangeException">A number is less than 1.</exception>
sealed record BatchSize(int Batch, int? GlobalBatch = null, int Pieces = 1)
{
    /// <summary>Samples of a mini-batch; of no effect with a <see cref="GlobalBatch"/>.</summary>
    public int Batch { get; } = AtLeastOne(Batch, nameof(Batch));

    /// <summary>Samples of all members' mini-batches together; null: each takes <see cref="Batch"/>.</summary>
    public int? GlobalBatch { get; } = GlobalBatch is { } sum ? AtLeastOne(sum, nameof(GlobalBatch)) : null;

    /// <summary>The samples of each peer's mini-batch, by roster index, in the place of <see cref="Batch"/>; empty: all take the
    /// same.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is less than 1.</exception>
    public IReadOnlyList<int> Own
    {
        get;
        init => field = [.. value.Select(batch => AtLeastOne(batch, nameof(Own)))];
    } = [];

    /// <summary>Mini-batches of a member and step.</summary>
    public int Pieces { get; } = AtLeastOne(Pieces, nameof(Pieces));

    /// <summary>The mini-batches of some members, as far as they follow from these settings: each peer's own, or what the records
    /// say, or the same for all.</summary>
    /// <param name="members">The members, ascending.</param>
    /// <param name="said">The batches that the record before says, in the members' order; empty: none.</param>
    public long[] Shares(IReadOnlyList<int> members, IReadOnlyList<int> said) =>
    [
        .. members.Select((member, rank) => Own.Count > member ? (long)Own[member] * Pieces
            : said.Count > 0 ? (long)said[rank] * Pieces : Share(rank, members.Count)),
    ];

    /// <summary>The samples of a member and step: <see cref="Pieces"/> times its mini-batch. 0 where there are more members than
    /// <see cref="GlobalBatch"/> has samples.</summary>
    /// <param name="rank">Its place among the members, from 0.</param>
    /// <param name="members">How many there are.</param>
    public long Share(int rank, int members) =>
        (GlobalBatch is not { } sum ? Batch : (sum / members) + (rank < sum % members ? 1L : 0)) * Pieces;

    static int AtLeastOne(int value, string name) =>
        value >= 1 ? value : throw new ArgumentOutOfRangeException(name, value, "expected at least 1");
}
