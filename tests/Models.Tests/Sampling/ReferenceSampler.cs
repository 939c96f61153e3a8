using DecentralizedLion.Models.Sampling;

namespace DecentralizedLion.Models.Tests.Sampling;

/// <summary>The reference of <see cref="Sampler"/>, position by position.</summary>
sealed class ReferenceSampler(int count, int batch, int? globalBatch, IEnumerable<int> members, int[]? own = null)
{
    readonly SortedSet<long> skipped = [];
    List<int> members = [.. members.Order()];
    long cursor;

    /// <summary>The batches of the members in the next step; empty: by the settings.</summary>
    public int[] Batches { get; set; } = [];

    public SamplerState State
    {
        get
        {
            var tail = new List<SampleRange>();
            foreach (var position in skipped)
                if (!skipped.Contains(position - 1))
                {
                    var end = position;
                    while (skipped.Contains(end))
                        end++;
                    tail.Add(new SampleRange(position, end - position));
                }
            return new SamplerState(cursor, tail, members) { Batches = Batches };
        }
    }

    /// <summary>Takes a step: each member's positions.</summary>
    public Dictionary<int, List<long>> Step(IReadOnlySet<int> voters, IEnumerable<int> after)
    {
        var shares = members.ToDictionary(member => member, _ => new List<long>());
        for (var rank = 0; rank < members.Count; rank++)
            for (var left = BatchOf(rank); left > 0; left--)
                shares[members[rank]].Add(Next());
        foreach (var (member, share) in shares)
            if (!voters.Contains(member))
                skipped.UnionWith(share);
        members = [.. after.Order()];
        return shares;
    }

    int BatchOf(int rank)
    {
        if (own is not null)
            return own[members[rank]];
        if (Batches.Length > 0)
            return Batches[rank];
        if (globalBatch is not { } sum)
            return batch;
        var mine = 0;
        for (var k = 0; k < sum; k++)
            if (k % members.Count == rank)
                mine++;
        return mine;
    }

    long Next()
    {
        if (skipped.Count > 0 && skipped.Min / count < cursor / count)
        {
            var oldest = skipped.Min;
            skipped.Remove(oldest);
            return oldest;
        }
        return cursor++;
    }
}
