namespace DecentralizedLion.Models.Sampling;

/// <summary>
/// All samples are shared out among whoever is a member. Positions of the run are taken in order; what was given to a member that
/// then did not vote goes to the tail, and an epoch's tail is taken between this epoch and the next. So voters use each sample of
/// an epoch exactly once, whoever comes and goes.
/// </summary>
sealed class PooledSampler : Sampler
{
    readonly long count;
    readonly List<SampleRange> tail = [];
    long cursor;

    // The next step: the cursor after it; how many of the tail's ranges it takes, and what it leaves of the last.
    long next;
    int used;
    SampleRange rest;

    /// <summary>A plan that stands at a state.</summary>
    /// <param name="count">How many samples an epoch has, at least 1.</param>
    /// <param name="size">What a member takes in a step.</param>
    /// <param name="state">Where it stands; see <see cref="Sampler.InitialState"/>.</param>
    /// <exception cref="ArgumentException">The state breaks a rule of its parts.</exception>
    public PooledSampler(long count, BatchSize size, SamplerState state)
        : base(size, PeersMax)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        this.count = count;
        State = state;
    }

    /// <inheritdoc/>
    public override long[] Samples(ShuffledOrder order, int member) => order.Count == count ? base.Samples(order, member)
        : throw new ArgumentException($"the order is of {order.Count} samples; expected {count}", nameof(order));

    private protected override Sampler At(SamplerState state) => new PooledSampler(count, Size, state);

    private protected override SamplerState Fitting(SamplerState state) =>
        state.Cursors.Count == 1 ? state : InitialState(state.Members);

    private protected override void RestoreTo(SamplerState state)
    {
        tail.Clear();
        tail.AddRange(state.Tail);
        cursor = state.Cursors[0];
        (next, used, rest) = (cursor, 0, default);
    }

    private protected override SamplerState Now(int[] members) => new(cursor, tail, members);

    private protected override SampleRange[] Take(int member, long samples)
    {
        var share = new List<SampleRange>(1);
        for (var left = samples; left > 0; left -= share[^1].Length)
            share.Add(Take(left));
        return [.. share];
    }

    private protected override void Settle(int[] members, SampleRange[][] shares, HashSet<int> voted)
    {
        tail.RemoveRange(0, used);
        if (rest.Length > 0)
            tail.Insert(0, rest);
        cursor = next;
        for (var k = 0; k < shares.Length; k++)
            if (!voted.Contains(members[k]))
                foreach (var range in shares[k])
                    PutBack(range);
        (used, rest) = (0, default);
    }

    /// <summary>The next positions in turn, as many as lie together and at most this many.</summary>
    SampleRange Take(long most)
    {
        var place = next % count;
        var epoch = next - place;
        if (rest.Length == 0 && used < tail.Count && tail[used].Start < epoch)
            rest = tail[used++];
        if (rest.Length > 0 && rest.Start < epoch)                     // skipped in an earlier epoch
        {
            var skipped = new SampleRange(rest.Start, Math.Min(most, Math.Min(rest.Length, epoch - rest.Start)));
            rest = new SampleRange(skipped.End, rest.Length - skipped.Length);
            return skipped;
        }
        var fresh = new SampleRange(next, Math.Min(most, count - place));
        next = checked(next + fresh.Length);
        return fresh;
    }

    /// <summary>Puts positions into the tail at their place, and together with what they touch.</summary>
    void PutBack(SampleRange range)
    {
        int low = 0, high = tail.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = tail[middle].Start < range.Start ? (middle + 1, high) : (low, middle);
        }
        if (low < tail.Count && tail[low].Start == range.End)
        {
            range = new SampleRange(range.Start, range.Length + tail[low].Length);
            tail.RemoveAt(low);
        }
        if (low > 0 && tail[low - 1].End == range.Start)
            tail[low - 1] = new SampleRange(tail[low - 1].Start, tail[low - 1].Length + range.Length);
        else
            tail.Insert(low, range);
    }
}
