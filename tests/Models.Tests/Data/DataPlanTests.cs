using FsCheck.Xunit;

namespace DecentralizedLion.Models.Tests.Data;

/// <summary>
/// Histories are bytes: one for the members of the first step, then a pair for each step, its voters and the members after it, as
/// bits by roster index.
/// </summary>
public sealed class DataPlanTests
{
    const int Everybody = 255;

    [Property(MaxTest = 300)]
    public void Every_history_is_the_plain_loops(
        byte size, byte share, byte? sum, byte first, (byte Voters, byte After)[] history)
    {
        var (count, batch, global) = Sizes(size, share, sum);
        var plan = new SharedPlan(count, new StepSize(batch, global), DataPlan.Beginning(Members(first)));
        var oracle = new DataPlanOracle(count, batch, global, Members(first));
        foreach (var (voters, after) in history)
        {
            var state = oracle.State;
            Assert.Equal(state, plan.State);
            var positions = Enumerable.Range(0, 9).ToDictionary(member => member, plan.Positions);
            var expected = oracle.Step(Bits(voters).ToHashSet(), Members(after));
            foreach (var (member, mine) in positions)
            {
                Assert.Equal(expected.GetValueOrDefault(member, []), mine);
                Assert.Equal(mine.Length > 0, plan.Has(member));
            }
            plan.Advance(Bits(voters), Members(after));
        }
        Assert.Equal(oracle.State, plan.State);
    }

    [Property(MaxTest = 300)]
    public void Voters_use_each_sample_of_an_epoch_once(
        byte size, byte share, byte? sum, byte first, ulong seed, (byte Voters, byte After)[] history)
    {
        var (count, batch, global) = Sizes(size, share, sum);
        var plan = new SharedPlan(count, new StepSize(batch, global), DataPlan.Beginning(Members(first)));
        var order = new SampleOrder(seed, count);
        var used = new HashSet<long>();
        var samples = new Dictionary<long, List<long>>();

        // First whatever comes, again and again; in the end all vote, until nothing is left over.
        var step = 0;
        while (history.Length > 0 && step < 1000 && plan.State.Cursors[0] < 3 * count)
            Take(history[step % history.Length]);
        for (var more = 0; plan.State.Tail.Count > 0 || more < 2; more++)
        {
            Assert.True(more < 10_000, $"still left over: {plan.State}");
            Take((Everybody, Everybody));
        }

        var done = plan.State.Cursors[0] / count;
        for (long epoch = 0; epoch < done; epoch++)
            Assert.Equal(Enumerable.Range(0, count).Select(i => (long)i), samples[epoch].Order());
        Assert.Equal(plan.State.Cursors[0], used.Count);

        void Take((byte Voters, byte After) next)
        {
            step++;
            var handedOut = new HashSet<long>();
            var byVoters = new List<long>();
            foreach (var member in plan.State.Members)
            {
                var positions = plan.Positions(member);
                Assert.All(
                    positions, position => Assert.True(handedOut.Add(position), $"step {step} hands out {position} twice"));
                Assert.Equal(positions.Select(order.At), plan.Samples(order, member));
                if ((next.Voters >> member & 1) == 0)
                    continue;
                byVoters.AddRange(positions);
                foreach (var (position, sample) in positions.Zip(plan.Samples(order, member)))
                    (samples.TryGetValue(position / count, out var seen) ? seen : samples[position / count] = []).Add(sample);
            }

            // No epoch is begun before all that earlier ones left over is at least handed out again.
            var begun = handedOut.Max() / count * count;
            Assert.All(plan.State.Tail, range =>
            {
                for (var position = range.Start; position < range.End && position < begun; position++)
                    Assert.Contains(position, handedOut);
            });
            Assert.All(byVoters, position => Assert.True(used.Add(position), $"step {step} uses {position} again"));
            plan.Advance(Bits(next.Voters), Members(next.After));
        }
    }

    [Property]
    public void A_replica_that_comes_back_from_a_checkpoint_is_equal(
        byte size, byte share, byte? sum, byte first, (byte Voters, byte After)[] history, byte when, int seed)
    {
        var (count, batch, global) = Sizes(size, share, sum);
        var random = new Random(seed);
        var one = new SharedPlan(count, new StepSize(batch, global), DataPlan.Beginning(Members(first)));
        var other = new SharedPlan(count, new StepSize(batch, global), DataPlan.Beginning(Members(Everybody)));
        for (var step = 0; step < history.Length; step++)
        {
            if (step == when % history.Length)
                other.State = Copy(one.State);
            if (step >= when % history.Length)
            {
                Assert.Equal(one.State, other.State);
                Assert.Equal(one.State.GetHashCode(), other.State.GetHashCode());
                for (var member = 0; member < 9; member++)
                    Assert.Equal(one.Positions(member), other.Positions(member));
            }
            one.Advance(Bits(history[step].Voters), Members(history[step].After));
            other.Advance(Mixed(Bits(history[step].Voters)), Mixed(Members(history[step].After)));
        }

        int[] Mixed(int[] indices)
        {
            random.Shuffle(indices);
            return indices;
        }
    }

    [Property]
    public void Without_faults_all_read_on_in_turn(byte size, byte share, byte first, byte steps)
    {
        var (count, batch, _) = Sizes(size, share, null);
        var members = Members(first);
        var plan = new SharedPlan(count, new StepSize(batch), DataPlan.Beginning(members));
        for (long step = 1; step <= steps; step++)
        {
            for (var k = 0; k < members.Length; k++)
                Assert.Equal(
                    Enumerable.Range(0, batch).Select(i => (((step - 1) * members.Length + k) * batch) + i),
                    plan.Positions(members[k]));
            plan.Advance(members, members);
        }
        Assert.Equal(new DataState((long)steps * members.Length * batch, [], members), plan.State);
    }

    [Property]
    public void The_sum_is_kept_when_members_come_and_go(byte size, byte sum, byte first, (byte Voters, byte After)[] history)
    {
        var (count, batch, _) = Sizes(size, 0, null);
        int global = sum + 1;
        var plan = new SharedPlan(count, new StepSize(batch, global), DataPlan.Beginning(Members(first)));
        foreach (var (voters, after) in history)
        {
            int[] lengths = [.. plan.State.Members.Select(member => plan.Positions(member).Length)];
            Assert.Equal(global, lengths.Sum());
            Assert.Equal(lengths.OrderDescending(), lengths);
            Assert.InRange(lengths[0] - lengths[^1], 0, 1);
            plan.Advance(Bits(voters), Members(after));
        }
    }

    [Fact]
    public void A_share_is_so_many_equal_pieces()
    {
        var plan = new SharedPlan(100, new StepSize(1, 5, Pieces: 3), DataPlan.Beginning([0, 1]));
        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7, 8], plan.Positions(0));
        Assert.Equal([9, 10, 11, 12, 13, 14], plan.Positions(1));
        plan.Advance([1], [0, 1]);
        Assert.Equal(new DataState(15, [new(0, 9)], [0, 1]), plan.State);
    }

    [Fact]
    public void What_was_skipped_comes_between_two_epochs()
    {
        var plan = new SharedPlan(12, new StepSize(2), DataPlan.Beginning([2, 0, 1]));
        plan.Advance([0, 2], [0, 1, 2]);
        Assert.Equal("cursor=6 tail=2-3 members=0,1,2", plan.State.ToString());
        plan.Advance([0], [0, 2, 5]);                                  // 5 comes for 1
        Assert.Equal("cursor=12 tail=2-3,8-11 members=0,2,5", plan.State.ToString());
        Assert.False(plan.Has(1));
        Assert.Equal([2, 3], plan.Positions(0));
        Assert.Equal([8, 9], plan.Positions(2));
        Assert.Equal([10, 11], plan.Positions(5));
        plan.Advance([0, 1, 5], [5]);                                  // the ballot of 1 has no samples
        Assert.Equal("cursor=12 tail=8-9 members=5", plan.State.ToString());
        plan.Advance([], [5, 6]);                                      // nobody votes
        Assert.Equal("cursor=12 tail=8-9 members=5,6", plan.State.ToString());
        Assert.Equal([8, 9], plan.Positions(5));
        Assert.Equal([12, 13], plan.Positions(6));
    }

    [Fact]
    public void With_fewer_samples_than_members_the_last_have_none()
    {
        var plan = new SharedPlan(100, new StepSize(32, 3), DataPlan.Beginning([0, 1, 4, 7, 9]));
        Assert.Equal([true, true, true, false, false], plan.State.Members.Select(plan.Has));
        Assert.Empty(plan.Positions(7));
        Assert.Empty(plan.Samples(new SampleOrder(1, 100), 9));
        plan.Advance([0, 4], [4, 9]);
        Assert.Equal([3, 4], plan.Positions(4));
        Assert.Equal([5], plan.Positions(9));
    }

    [Fact]
    public void One_who_is_always_late_leaves_one_range_a_step_and_none_in_the_end()
    {
        var plan = new SharedPlan(100_000, new StepSize(10), DataPlan.Beginning([0, 1]));
        for (var step = 0; step < 5000; step++)
            plan.Advance([0], [0, 1]);
        Assert.Equal((100_000, 5000), (plan.State.Cursors[0], plan.State.Tail.Count));
        Assert.Equal(plan.State, Copy(plan.State));
        for (var step = 0; step < 5000; step++)
            plan.Advance([0], [0, 1]);
        Assert.Equal(new DataState(100_010, [new(100_000, 10)], [0, 1]), plan.State);
    }

    [Fact]
    public void Wrong_arguments_are_refused_and_change_nothing()
    {
        var beginning = DataPlan.Beginning([0, 1]);
        Assert.Throws<ArgumentOutOfRangeException>(() => new SharedPlan(0, new StepSize(1), beginning));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SharedPlan(1, new StepSize(0), beginning));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SharedPlan(1, new StepSize(1, 0), beginning));
        Assert.Throws<ArgumentException>(() => new SharedPlan(1, new StepSize(1), new DataState(3, [new(2, 2)], [0])));
        Assert.Throws<ArgumentException>(() => DataPlan.Beginning([]));
        Assert.Throws<ArgumentOutOfRangeException>(() => DataPlan.Beginning([1, -1]));

        var plan = new SharedPlan(10, new StepSize(2), beginning);
        Assert.Throws<ArgumentException>(() => plan.State = new DataState(0, [], []));
        Assert.Throws<ArgumentException>(() => plan.Advance([0], []));
        Assert.Throws<ArgumentOutOfRangeException>(() => plan.Advance([0], [-1]));
        Assert.Throws<ArgumentException>(() => plan.Samples(new SampleOrder(1, 11), 0));
        Assert.Equal(beginning, plan.State);
        Assert.Equal([2, 3], plan.Positions(1));
    }

    static DataState Copy(DataState state)
    {
        var fields = state.Describe().ToDictionary();
        return DataState.Read(name => fields[name]);
    }

    /// <summary>Small enough that a history sees several epochs, and at times a step longer than one.</summary>
    static (int Count, int Batch, int? GlobalBatch) Sizes(byte size, byte share, byte? sum) =>
        (1 + (size % 80), 1 + (share % 12), sum is { } all ? 1 + (all % 40) : null);

    static int[] Bits(byte bits) => [.. Enumerable.Range(0, 8).Where(index => (bits >> index & 1) != 0)];

    /// <summary>Never nobody: a view has a member.</summary>
    static int[] Members(byte bits) => Bits(bits == 0 ? (byte)1 : bits);
}
