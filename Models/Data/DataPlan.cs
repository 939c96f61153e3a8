namespace DecentralizedLion.Models;

/// <summary>
/// Which samples each member takes in a step (section 6, Data). A state machine that every replica runs by the same records, so
/// that who comes back, or takes over, needs nothing but the state. Positions of the run are taken in order; what was given to a
/// member that then did not vote goes to the tail, and an epoch's tail is taken between this epoch and the next. So voters use
/// each sample of an epoch exactly once, whoever comes and goes.
/// </summary>
public sealed class DataPlan
{
    readonly long count;
    readonly int batch;
    readonly int? globalBatch;
    readonly List<SampleRange> tail = [];
    int[] members = [];
    long cursor;
    DataState? state;

    // The next step: each member's share; the cursor after it; how many of the tail's ranges it takes, and what it leaves of
    // the last.
    SampleRange[][] shares = [];
    long next;
    int used;
    SampleRange rest;

    /// <summary>A plan that stands at a state.</summary>
    /// <param name="count">How many samples an epoch has, at least 1.</param>
    /// <param name="batch">Samples of a member and step, at least 1; of no effect with a <paramref name="globalBatch"/>.</param>
    /// <param name="globalBatch">Samples of all members together and step, at least 1: kept when members come and go, and spread
    /// evenly; the lowest-ranked take the remainder. Null: each takes <paramref name="batch"/>.</param>
    /// <param name="state">Where it stands; see <see cref="Beginning"/>.</param>
    /// <exception cref="ArgumentException">The state breaks a rule of its parts.</exception>
    public DataPlan(long count, int batch, int? globalBatch, DataState state)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(globalBatch ?? 1, 1, nameof(globalBatch));
        this.count = count;
        this.batch = batch;
        this.globalBatch = globalBatch;
        State = state;
    }

    /// <summary>Right before the next step; set when a checkpoint is loaded.</summary>
    /// <exception cref="ArgumentException">The state breaks a rule of its parts; the plan stays as it was.</exception>
    public DataState State
    {
        get => state ??= new DataState(cursor, tail, members);
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            if (value.Fault() is { } fault)
                throw new ArgumentException(fault, nameof(value));
            tail.Clear();
            tail.AddRange(value.Tail);
            members = [.. value.Members];
            cursor = value.Cursor;
            state = value;
            ShareOut();
        }
    }

    /// <summary>The state before the first step: nothing taken, all to be shared out among the members (in any order).</summary>
    public static DataState Beginning(IReadOnlyList<int> members) => new(0, [], Ascending(members));

    /// <summary>Whether a member has a share in the next step. One without relays: it was not in the view when the step began, or
    /// there are more members than samples in a step.</summary>
    public bool Has(int member) => Share(member).Length > 0;

    /// <summary>The positions in the run of a member's share of the next step, as many as its batch; empty when it has
    /// none.</summary>
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
    /// <param name="order">The run's order, of as many samples as the plan.</param>
    /// <param name="member">The member's roster index.</param>
    public long[] Samples(SampleOrder order, int member)
    {
        if (order.Count != count)
            throw new ArgumentException($"the order is of {order.Count} samples; expected {count}", nameof(order));
        var samples = Positions(member);
        for (var k = 0; k < samples.Length; k++)
            samples[k] = order.At(samples[k]);
        return samples;
    }

    /// <summary>Goes on to the next step, once this one is decided.</summary>
    /// <param name="voters">Whose ballots were counted; what all others had is shared out again. Voters without a share do not
    /// matter.</param>
    /// <param name="members">Members, in any order, of the view that the step was decided in: the next is shared out among
    /// them.</param>
    public void Advance(IEnumerable<int> voters, IEnumerable<int> members)
    {
        var after = Ascending(members);
        HashSet<int> voted = [.. voters];
        tail.RemoveRange(0, used);
        if (rest.Length > 0)
            tail.Insert(0, rest);
        cursor = next;
        for (var k = 0; k < shares.Length; k++)
            if (!voted.Contains(this.members[k]))
                foreach (var range in shares[k])
                    PutBack(range);
        this.members = after;
        state = null;
        ShareOut();
    }

    /// <summary>The plan one step on if all members vote in this one: what can be known of it before it is decided.</summary>
    public DataPlan AfterAll()
    {
        var after = new DataPlan(count, batch, globalBatch, State);
        after.Advance(members, members);
        return after;
    }

    static int[] Ascending(IEnumerable<int> members)
    {
        int[] ascending = [.. members.Distinct().Order()];
        if (ascending.Length == 0)
            throw new ArgumentException("no members; expected one or more", nameof(members));
        ArgumentOutOfRangeException.ThrowIfNegative(ascending[0], nameof(members));
        return ascending;
    }

    SampleRange[] Share(int member) => Array.BinarySearch(members, member) is var k and >= 0 ? shares[k] : [];

    void ShareOut()
    {
        (next, used, rest) = (cursor, 0, default);
        shares = new SampleRange[members.Length][];
        for (var k = 0; k < shares.Length; k++)
        {
            var share = new List<SampleRange>(1);
            for (long left = BatchOf(k); left > 0; left -= share[^1].Length)
                share.Add(Take(left));
            shares[k] = [.. share];
        }
    }

    int BatchOf(int rank) => globalBatch is not { } sum ? batch : (sum / members.Length) + (rank < sum % members.Length ? 1 : 0);

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
