namespace DecentralizedLion.Models;

/// <summary>
/// Each peer walks through samples of its own, epoch by epoch, at its own pace: its cursor goes on when its ballot was counted, so
/// that it reads again what was not. How many samples a peer has is its own affair: a cursor counts on from epoch to epoch, and
/// only the peer itself makes samples of positions. Samples of a peer that is gone wait for its return.
/// </summary>
public sealed class OwnPlan : DataPlan
{
    readonly long[] cursors;

    /// <summary>A plan that stands at a state.</summary>
    /// <param name="peers">How many peers the roster has, 2 to 256.</param>
    /// <param name="size">What a member takes in a step.</param>
    /// <param name="state">Where it stands; see <see cref="DataPlan.Beginning"/>.</param>
    /// <exception cref="ArgumentException">The state breaks a rule of its parts.</exception>
    public OwnPlan(int peers, StepSize size, DataState state)
        : base(size, peers)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(peers, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(peers, MostPeers);
        cursors = new long[peers];
        State = state;
    }

    private protected override DataPlan At(DataState state) => new OwnPlan(cursors.Length, Size, state);

    private protected override DataState Fitting(DataState state)
    {
        if (state.Cursors.Count == cursors.Length)
            return state;
        int[] known = [.. state.Members.Where(member => member < cursors.Length)];
        return new DataState(new long[cursors.Length], [], known.Length > 0 ? known : [.. Enumerable.Range(0, cursors.Length)]);
    }

    private protected override void Stand(DataState state)
    {
        for (var peer = 0; peer < cursors.Length; peer++)
            cursors[peer] = state.Cursors[peer];
    }

    private protected override DataState Now(int[] members) => new(cursors, [], members);

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
