using FsCheck.Xunit;

namespace DecentralizedLion.Models.Tests.Data;

/// <summary>
/// Histories are bytes: one for the members of the first step, then a pair for each step, its voters and the members after it, as
/// bits by roster index.
/// </summary>
public sealed class OwnPlanTests
{
    const int Peers = 8;
    const int Everybody = 255;

    [Property(MaxTest = 300)]
    public void Counted_ballots_use_each_sample_of_a_peers_epoch_once_and_in_its_order(
        byte share, byte? sum, byte pieces, byte first, ulong seed, (byte Voters, byte After)[] history)
    {
        var size = Size(share, sum, pieces);
        var plan = new OwnPlan(Peers, size, DataPlan.Beginning(Members(first)));
        var parts = Enumerable.Range(0, Peers).Select(peer => new PeerPart(new CountingPart(5 + (7 * peer)), null, peer, seed)).ToArray();
        var orders = parts.Select(part => new SampleOrder(seed, part.Count)).ToArray();
        var used = parts.Select(_ => new List<long>()).ToArray();
        for (var round = 0; round < 4; round++)
            foreach (var (voters, after) in history.Append(((byte)Everybody, (byte)Everybody)))
                Take(voters, after);

        for (var peer = 0; peer < Peers; peer++)
        {
            var count = (int)parts[peer].Count;
            Assert.Equal(plan.State.Cursors[peer], used[peer].Count);
            Assert.Equal(Enumerable.Range(0, used[peer].Count).Select(position => parts[peer].Sample(orders[peer].At(position))), used[peer]);
            for (var epoch = 0; epoch + count <= used[peer].Count; epoch += count)
                Assert.Equal(Enumerable.Range(0, count).Select(i => (long)i), used[peer].Skip(epoch).Take(count).Order());
        }

        void Take(byte voters, byte after)
        {
            var before = plan.State.Cursors;
            var members = plan.State.Members;
            for (var peer = 0; peer < Peers; peer++)
            {
                var positions = plan.Positions(peer);
                var rank = members.ToList().IndexOf(peer);
                Assert.Equal(rank < 0 ? 0 : size.Share(rank, members.Count), positions.Length);
                Assert.Equal(positions.Length > 0, plan.Has(peer));
                Assert.Equal(Enumerable.Range(0, positions.Length).Select(i => before[peer] + i), positions);
                if ((voters >> peer & 1) != 0)
                    used[peer].AddRange(plan.Samples(orders[peer], peer).Select(parts[peer].Sample));
            }
            plan.Advance(Bits(voters), Members(after));
        }
    }

    [Property]
    public void Who_replays_the_records_ends_where_the_others_are(
        byte share, byte? sum, byte pieces, byte first, (byte Voters, byte After)[] history, byte when, int seed)
    {
        var size = Size(share, sum, pieces);
        var random = new Random(seed);
        var one = new OwnPlan(Peers, size, DataPlan.Beginning(Members(first)));
        var other = new OwnPlan(Peers, size, DataPlan.Beginning(Members(Everybody)));
        for (var step = 0; step < history.Length; step++)
        {
            if (step == when % history.Length)
                other.State = Copy(one.State);
            one.Advance(Bits(history[step].Voters), Members(history[step].After));
            other.Advance(Mixed(Bits(history[step].Voters)), Mixed(Members(history[step].After)));
            if (step < when % history.Length)
                continue;
            Assert.Equal(one.State, other.State);
            Assert.Equal(one.State.GetHashCode(), other.State.GetHashCode());
            for (var member = 0; member < 9; member++)
                Assert.Equal(one.Positions(member), other.Positions(member));
        }

        int[] Mixed(int[] indices)
        {
            random.Shuffle(indices);
            return indices;
        }
    }

    [Fact]
    public void What_was_not_counted_is_read_again_by_the_same_peer()
    {
        var plan = new OwnPlan(3, new StepSize(4, Pieces: 2), DataPlan.Beginning([0, 1, 2]));
        Assert.Equal("cursor=0,0,0 tail= members=0,1,2", plan.State.ToString());
        plan.Advance([0, 2], [0, 1, 2]);
        Assert.Equal("cursor=8,0,8 tail= members=0,1,2", plan.State.ToString());
        plan.Advance([0, 1], [0, 1]);                                  // 2 is dead: what is its own waits
        plan.Advance([0, 1, 2], [0, 1, 2]);
        Assert.Equal("cursor=24,16,8 tail= members=0,1,2", plan.State.ToString());
        Assert.Equal([8, 9, 10, 11, 12, 13, 14, 15], plan.Positions(2));
    }

    [Fact]
    public void With_fewer_samples_than_members_the_last_have_none()
    {
        var plan = new OwnPlan(5, new StepSize(32, 3), DataPlan.Beginning([0, 1, 2, 3, 4]));
        Assert.Equal([true, true, true, false, false], plan.State.Members.Select(plan.Has));
        plan.Advance([0, 3], [3, 4]);
        Assert.Equal(new DataState([1, 0, 0, 0, 0], [], [3, 4]), plan.State);
        Assert.Equal([0, 1], plan.Positions(3));
        Assert.Equal([0], plan.Positions(4));
    }

    [Fact]
    public void A_state_of_another_partition_or_roster_begins_anew()
    {
        var size = new StepSize(2);
        var own = new OwnPlan(3, size, new DataState(60, [new(12, 8)], [1, 2, 4]));
        Assert.Equal(new DataState([0, 0, 0], [], [1, 2]), own.State);
        own.State = new DataState([7, 8, 9, 10], [], [3]);
        Assert.Equal(new DataState([0, 0, 0], [], [0, 1, 2]), own.State);
        own.State = new DataState([7, 8, 9], [], [0, 2]);
        Assert.Equal([9, 10], own.Positions(2));
        var shared = new SharedPlan(100, size, own.State);
        Assert.Equal(new DataState(0, [], [0, 2]), shared.State);
        Assert.Equal([2, 3], shared.Positions(2));
    }

    [Fact]
    public void The_largest_roster_has_a_state_that_reads_back()
    {
        var plan = new OwnPlan(256, new StepSize(1_000_000), DataPlan.Beginning([.. Enumerable.Range(0, 256)]));
        for (var step = 0; step < 5; step++)
            plan.Advance(Enumerable.Range(0, 256).Where(peer => peer % 5 != step), Enumerable.Range(0, 256));
        Assert.Equal(plan.State, Copy(plan.State));
        Assert.Equal(4_000_000, plan.State.Cursors[255]);
    }

    [Fact]
    public void Wrong_arguments_are_refused_and_change_nothing()
    {
        var size = new StepSize(2);
        var beginning = DataPlan.Beginning([0, 1]);
        Assert.Throws<ArgumentOutOfRangeException>(() => new OwnPlan(1, size, beginning));
        Assert.Throws<ArgumentOutOfRangeException>(() => new OwnPlan(257, size, beginning));
        Assert.Throws<ArgumentOutOfRangeException>(() => new StepSize(2, Pieces: 0));
        var plan = new OwnPlan(2, size, beginning);
        Assert.Throws<ArgumentOutOfRangeException>(() => plan.Advance([0], [0, 2]));
        Assert.Throws<ArgumentException>(() => plan.State = new DataState([1, 2], [new(0, 1)], [0]));
        Assert.Equal(new DataState([0, 0], [], [0, 1]), plan.State);
        Assert.Equal([0, 1], plan.Positions(1));
    }

    static DataState Copy(DataState state)
    {
        var fields = state.Describe().ToDictionary();
        return DataState.Read(name => fields[name]);
    }

    static StepSize Size(byte share, byte? sum, byte pieces) =>
        new(1 + (share % 12), sum is { } all ? 1 + (all % 40) : null, 1 + (pieces % 3));

    static int[] Bits(byte bits) => [.. Enumerable.Range(0, 8).Where(index => (bits >> index & 1) != 0)];

    /// <summary>Never nobody: a view has a member.</summary>
    static int[] Members(byte bits) => Bits(bits == 0 ? (byte)1 : bits);
}
