namespace DecentralizedLion.Models.Sampling;

/// <summary>
/// The sampler of a run: it says which samples each member takes in a step (docs/protocol.md#samples). Every replica runs it by
/// the same records, so that a peer that comes back, or takes another's place, needs nothing but its state.
/// </summary>
abstract class Sampler
{
    /// <summary>As many peers as a roster can have.</summary>
    protected const int PeersMax = SamplerState.MemberMax + 1;

    readonly int peers;
    int[] members = [], batches = [];
    SampleRange[][] shares = [];                                       // of the next step, by rank
    SamplerState? state;

    /// <summary>A plan that stands nowhere yet: who derives sets <see cref="State"/>.</summary>
    /// <param name="size">What a member takes in a step.</param>
    /// <param name="peers">All roster indices are less than this.</param>
    private protected Sampler(BatchSize size, int peers)
    {
        ArgumentNullException.ThrowIfNull(size);
        Size = size;
        this.peers = peers;
    }

    /// <summary>The number of samples that a member takes in a step.</summary>
    public BatchSize Size { get; }

    /// <summary>Right before the next step; set when a checkpoint is loaded. One that was written under another partition, or
    /// with another roster where that matters, says who the members are, and the data begin anew.</summary>
    /// <exception cref="ArgumentException">The state breaks a rule of its parts; the plan stays as it was.</exception>
    public SamplerState State
    {
        get => state ??= Now(members) with { Batches = batches };
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            if (value.Fault() is { } fault)
                throw new ArgumentException(fault, nameof(value));
            state = Fitting(value);
            (members, batches) = ([.. state.Members], [.. state.Batches]);
            RestoreTo(state);
            Distribute();
        }
    }

    /// <summary>The state before the first step: nothing taken, all to be shared out among the members (in any order).</summary>
    public static SamplerState InitialState(IReadOnlyList<int> members) => new(0, [], Ascending(members, PeersMax));

    /// <summary>True when a member has a share in the next step. One without relays: it was not in the view when the step began,
    /// or there are more members than samples in a step.</summary>
    public bool HasSamples(int member) => Share(member).Length > 0;

    /// <summary>The positions of a member's share of the next step, <see cref="BatchSize.Pieces"/> mini-batches one behind the
    /// other; empty when it has none.</summary>
    public long[] Positions(int member)
    {
        var share = Share(member);
        var positions = new long[share.Sum(range => range.Length)];
        var i = 0;
        foreach (var range in share)
            for (var position = range.Start; position < range.End; position++)
                positions[i++] = position;
        return positions;
    }

    /// <summary>The samples at <see cref="Positions"/>.</summary>
    /// <param name="order">The order of as many samples as the member's training part has.</param>
    /// <param name="member">The member's roster index.</param>
    public virtual long[] Samples(ShuffledOrder order, int member)
    {
        var samples = Positions(member);
        for (var k = 0; k < samples.Length; k++)
            samples[k] = order.At(samples[k]);
        return samples;
    }

    /// <summary>Goes on to the next step, once this one is decided.</summary>
    /// <param name="voters">Whose ballots were counted; what all others had is taken again. Voters without a share do not
    /// matter.</param>
    /// <param name="members">Members, in any order, of the view that the step was decided in: the next is shared out among
    /// them.</param>
    /// <param name="batches">Their mini-batches in the next step, by ascending roster index; empty: as <see cref="Size"/>
    /// says.</param>
    public void Advance(IEnumerable<int> voters, IEnumerable<int> members, IReadOnlyList<int>? batches = null)
    {
        var after = Ascending(members, peers);
        if (batches is { Count: > 0 } && batches.Count != after.Length)
            throw new ArgumentException($"{batches.Count} batches of {after.Length} members", nameof(batches));
        Settle(this.members, shares, [.. voters]);
        (this.members, this.batches) = (after, [.. batches ?? []]);
        state = null;
        Distribute();
    }

    /// <summary>The plan one step on if all members vote in this one: what can be known of it before it is decided.</summary>
    public Sampler AfterAll()
    {
        var after = At(State);
        after.Advance(members, members, batches);
        return after;
    }

    /// <summary>A plan of the same kind at a state of this one's.</summary>
    private protected abstract Sampler At(SamplerState state);

    /// <summary>The state itself, or one to begin anew with, when it is of another kind of plan.</summary>
    private protected abstract SamplerState Fitting(SamplerState state);

    /// <summary>Goes to a state that fits.</summary>
    private protected abstract void RestoreTo(SamplerState state);

    /// <summary>The sampler's state right before the next step, with these members.</summary>
    private protected abstract SamplerState Now(int[] members);

    /// <summary>A member's share of the next step. Called for the members in turn, once each after <see cref="RestoreTo"/> or
    /// <see cref="Settle"/>.</summary>
    private protected abstract SampleRange[] Take(int member, long samples);

    /// <summary>The step is decided: what the voters took is used.</summary>
    private protected abstract void Settle(int[] members, SampleRange[][] shares, HashSet<int> voted);

    static int[] Ascending(IEnumerable<int> members, int peers)
    {
        int[] ascending = [.. members.Distinct().Order()];
        if (ascending.Length == 0)
            throw new ArgumentException("no members; expected one or more", nameof(members));
        ArgumentOutOfRangeException.ThrowIfNegative(ascending[0], nameof(members));
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(ascending[^1], peers, nameof(members));
        return ascending;
    }

    SampleRange[] Share(int member) => Array.BinarySearch(members, member) is var k and >= 0 ? shares[k] : [];

    void Distribute()
    {
        shares = new SampleRange[members.Length][];
        var sizes = Size.Shares(members, batches);
        for (var k = 0; k < shares.Length; k++)
            shares[k] = Take(members[k], sizes[k]);
    }
}
