namespace DecentralizedLion.Models.Sampling;

/// <summary>
/// The sampler of partitions other than iid: each peer reads samples of its own, epoch by epoch, at its own pace. Its cursor
/// advances only when its ballot was counted; samples of other ballots are read again. A cursor counts positions over all epochs,
/// and only the peer itself knows its number of samples and maps positions to them. Nobody reads an absent peer's samples.
/// </summary>
sealed class ShardedSampler : Sampler
{
    readonly long[] cursors;

    /// <summary>A plan that stands at a state.</summary>
    /// <param name="peers">How many peers the roster has, 2 to 256.</param>
    /// <param name="size">What a member takes in a step.</param>
    /// <param name="state">Where it stands; see <see cref="Sampler.InitialState"/>.</param>
    /// <exception cref="ArgumentException">The state breaks a rule of its parts.</exception>
    public ShardedSampler(int peers, BatchSize size, SamplerState state)
        : base(size, peers)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(peers, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(peers, PeersMax);
        cursors = new long[peers];
        State = state;
    }

    private protected override Sampler At(SamplerState state) => new ShardedSampler(cursors.Length, Size, state);

    private protected override SamplerState Fitting(SamplerState state)
    {
        if (state.Cursors.Count == cursors.Length)
            return state;
        int[] known = [.. state.Members.Where(member => member < cursors.Length)];
        return new SamplerState(new long[cursors.Length], [],
            known.Length > 0 ? known : [.. Enumerable.Range(0, cursors.Length)]);
    }

    private protected override void RestoreTo(SamplerState state)
    {
        for (var peer = 0; peer < cursors.Length; peer++)
            cursors[peer] = state.Cursors[peer];
    }

    private protected override SamplerState Now(int[] members) => new(cursors, [], members);

    private protected override SampleRange[] Take(int member, long samples) =>
        samples == 0 ? [] : [new SampleRange(cursors[member], samples)];

    private protected override void Settle(int[] members, SampleRange[][] shares, HashSet<int> voted)
    {
        for (var k = 0; k < shares.Length; k++)
            if (voted.Contains(members[k]))
                foreach (var range in shares[k])
                    cursors[members[k]] = range.End;
    }
}
