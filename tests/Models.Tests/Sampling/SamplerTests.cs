using DecentralizedLion.Models.Sampling;
using FsCheck.Xunit;

namespace DecentralizedLion.Models.Tests.Sampling;

/// <summary>
/// Histories are bytes: one for the members of the first step, then a pair for each step, its voters and the members after it, as
/// bits by roster index.
/// </summary>
public sealed class SamplerTests
{
    const int Everybody = 255;

    [Property(MaxTest = 300)]
    public void Every_history_is_the_plain_loops(
        byte size, byte share, byte? sum, byte first, (byte Voters, byte After)[] history)
    {
        var (count, batch, global) = Sizes(size, share, sum);
        var sampler = new PooledSampler(count, new BatchSize(batch, global), Sampler.InitialState(Members(first)));
        var oracle = new ReferenceSampler(count, batch, global, Members(first));
        foreach (var (voters, after) in history)
        {
            var state = oracle.State;
            Assert.Equal(state, sampler.State);
            var positions = Enumerable.Range(0, 9).ToDictionary(member => member, sampler.Positions);
            var expected = oracle.Step(Bits(voters).ToHashSet(), Members(after));
            foreach (var (member, mine) in positions)
            {
                Assert.Equal(expected.GetValueOrDefault(member, []), mine);
                Assert.Equal(mine.Length > 0, sampler.HasSamples(member));
            }
            sampler.Advance(Bits(voters), Members(after));
        }
        Assert.Equal(oracle.State, sampler.State);
    }

    [Property(MaxTest = 300)]
    public void Batches_of_each_ones_own_are_the_plain_loops_and_voters_use_each_sample_once(int seed)
    {
        var random = new Random(seed);
        int count = random.Next(1, 80);
        int[]? own = random.Next(2) == 0 ? null : [.. Enumerable.Range(0, 8).Select(_ => random.Next(1, 9))];
        var members = Members((byte)random.Next(256));
        var sampler = new PooledSampler(count, new BatchSize(3) { Own = own ?? [] }, Sampler.InitialState(members));
        var oracle = new ReferenceSampler(count, 3, null, members, own);
        var used = new List<long>();
        for (var step = 0; step < 200 || sampler.State.Tail.Count > 0; step++)
        {
            Assert.True(step < 5_000, $"still left over: {sampler.State}");
            Assert.Equal(oracle.State, sampler.State);
            var all = step >= 150;
            var (voters, after) = all ? (Bits(Everybody), Bits(Everybody))
                : (Bits((byte)random.Next(256)), Members((byte)random.Next(256)));
            int[] batches = own is null && random.Next(2) == 0 ? [.. after.Select(_ => random.Next(9))] : [];
            foreach (var member in sampler.State.Members.Intersect(voters))
                used.AddRange(sampler.Positions(member));
            var positions = Enumerable.Range(0, 8).ToDictionary(member => member, sampler.Positions);
            var expected = oracle.Step(voters.ToHashSet(), after);
            Assert.All(positions, pair => Assert.Equal(expected.GetValueOrDefault(pair.Key, []), pair.Value));
            oracle.Batches = batches;
            sampler.Advance(voters, after, batches);
            if (random.Next(10) == 0)
                sampler.State = Copy(sampler.State);
        }
        Assert.Equal(Enumerable.Range(0, used.Count).Select(i => (long)i), used.Order());
    }

    [Property(MaxTest = 300)]
    public void Voters_use_each_sample_of_an_epoch_once(
        byte size, byte share, byte? sum, byte first, ulong seed, (byte Voters, byte After)[] history)
    {
        var (count, batch, global) = Sizes(size, share, sum);
        var sampler = new PooledSampler(count, new BatchSize(batch, global), Sampler.InitialState(Members(first)));
        var order = new ShuffledOrder(seed, count);
        var used = new HashSet<long>();
        var samples = new Dictionary<long, List<long>>();

        // First whatever comes, again and again; in the end all vote, until nothing is left over.
        var step = 0;
        while (history.Length > 0 && step < 1000 && sampler.State.Cursors[0] < 3 * count)
            Take(history[step % history.Length]);
        for (var more = 0; sampler.State.Tail.Count > 0 || more < 2; more++)
        {
            Assert.True(more < 10_000, $"still left over: {sampler.State}");
            Take((Everybody, Everybody));
        }

        var done = sampler.State.Cursors[0] / count;
        for (long epoch = 0; epoch < done; epoch++)
            Assert.Equal(Enumerable.Range(0, count).Select(i => (long)i), samples[epoch].Order());
        Assert.Equal(sampler.State.Cursors[0], used.Count);

        void Take((byte Voters, byte After) next)
        {
            step++;
            var handedOut = new HashSet<long>();
            var byVoters = new List<long>();
            foreach (var member in sampler.State.Members)
            {
                var positions = sampler.Positions(member);
                Assert.All(
                    positions, position => Assert.True(handedOut.Add(position), $"step {step} hands out {position} twice"));
                Assert.Equal(positions.Select(order.At), sampler.Samples(order, member));
                if ((next.Voters >> member & 1) == 0)
                    continue;
                byVoters.AddRange(positions);
                foreach (var (position, sample) in positions.Zip(sampler.Samples(order, member)))
                    (samples.TryGetValue(position / count, out var seen) ? seen : samples[position / count] = []).Add(sample);
            }

            // No epoch is begun before all that earlier ones left over is at least handed out again.
            var begun = handedOut.Max() / count * count;
            Assert.All(sampler.State.Tail, range =>
            {
                for (var position = range.Start; position < range.End && position < begun; position++)
                    Assert.Contains(position, handedOut);
            });
            Assert.All(byVoters, position => Assert.True(used.Add(position), $"step {step} uses {position} again"));
            sampler.Advance(Bits(next.Voters), Members(next.After));
        }
    }

    [Property]
    public void A_replica_that_comes_back_from_a_checkpoint_is_equal(
        byte size, byte share, byte? sum, byte first, (byte Voters, byte After)[] history, byte when, int seed)
    {
        var (count, batch, global) = Sizes(size, share, sum);
        var random = new Random(seed);
        var one = new PooledSampler(count, new BatchSize(batch, global), Sampler.InitialState(Members(first)));
        var other = new PooledSampler(count, new BatchSize(batch, global), Sampler.InitialState(Members(Everybody)));
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
        var sampler = new PooledSampler(count, new BatchSize(batch), Sampler.InitialState(members));
        for (long step = 1; step <= steps; step++)
        {
            for (var k = 0; k < members.Length; k++)
                Assert.Equal(
                    Enumerable.Range(0, batch).Select(i => (((step - 1) * members.Length + k) * batch) + i),
                    sampler.Positions(members[k]));
            sampler.Advance(members, members);
        }
        Assert.Equal(new SamplerState((long)steps * members.Length * batch, [], members), sampler.State);
    }

    [Property]
    public void The_sum_is_kept_when_members_come_and_go(byte size, byte sum, byte first, (byte Voters, byte After)[] history)
    {
        var (count, batch, _) = Sizes(size, 0, null);
        int global = sum + 1;
        var sampler = new PooledSampler(count, new BatchSize(batch, global), Sampler.InitialState(Members(first)));
        foreach (var (voters, after) in history)
        {
            int[] lengths = [.. sampler.State.Members.Select(member => sampler.Positions(member).Length)];
            Assert.Equal(global, lengths.Sum());
            Assert.Equal(lengths.OrderDescending(), lengths);
            Assert.InRange(lengths[0] - lengths[^1], 0, 1);
            sampler.Advance(Bits(voters), Members(after));
        }
    }

    [Fact]
    public void A_share_is_so_many_equal_pieces()
    {
        var sampler = new PooledSampler(100, new BatchSize(1, 5, Pieces: 3), Sampler.InitialState([0, 1]));
        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7, 8], sampler.Positions(0));
        Assert.Equal([9, 10, 11, 12, 13, 14], sampler.Positions(1));
        sampler.Advance([1], [0, 1]);
        Assert.Equal(new SamplerState(15, [new(0, 9)], [0, 1]), sampler.State);
    }

    [Fact]
    public void What_was_skipped_comes_between_two_epochs()
    {
        var sampler = new PooledSampler(12, new BatchSize(2), Sampler.InitialState([2, 0, 1]));
        sampler.Advance([0, 2], [0, 1, 2]);
        Assert.Equal("cursor=6 tail=2-3 members=0,1,2", sampler.State.ToString());
        sampler.Advance([0], [0, 2, 5]);                                  // 5 comes for 1
        Assert.Equal("cursor=12 tail=2-3,8-11 members=0,2,5", sampler.State.ToString());
        Assert.False(sampler.HasSamples(1));
        Assert.Equal([2, 3], sampler.Positions(0));
        Assert.Equal([8, 9], sampler.Positions(2));
        Assert.Equal([10, 11], sampler.Positions(5));
        sampler.Advance([0, 1, 5], [5]);                                  // the ballot of 1 has no samples
        Assert.Equal("cursor=12 tail=8-9 members=5", sampler.State.ToString());
        sampler.Advance([], [5, 6]);                                      // nobody votes
        Assert.Equal("cursor=12 tail=8-9 members=5,6", sampler.State.ToString());
        Assert.Equal([8, 9], sampler.Positions(5));
        Assert.Equal([12, 13], sampler.Positions(6));
    }

    [Fact]
    public void With_fewer_samples_than_members_the_last_have_none()
    {
        var sampler = new PooledSampler(100, new BatchSize(32, 3), Sampler.InitialState([0, 1, 4, 7, 9]));
        Assert.Equal([true, true, true, false, false], sampler.State.Members.Select(sampler.HasSamples));
        Assert.Empty(sampler.Positions(7));
        Assert.Empty(sampler.Samples(new ShuffledOrder(1, 100), 9));
        sampler.Advance([0, 4], [4, 9]);
        Assert.Equal([3, 4], sampler.Positions(4));
        Assert.Equal([5], sampler.Positions(9));
    }

    [Fact]
    public void One_who_is_always_late_leaves_one_range_a_step_and_none_in_the_end()
    {
        var sampler = new PooledSampler(100_000, new BatchSize(10), Sampler.InitialState([0, 1]));
        for (var step = 0; step < 5000; step++)
            sampler.Advance([0], [0, 1]);
        Assert.Equal((100_000, 5000), (sampler.State.Cursors[0], sampler.State.Tail.Count));
        Assert.Equal(sampler.State, Copy(sampler.State));
        for (var step = 0; step < 5000; step++)
            sampler.Advance([0], [0, 1]);
        Assert.Equal(new SamplerState(100_010, [new(100_000, 10)], [0, 1]), sampler.State);
    }

    [Fact]
    public void Wrong_arguments_are_refused_and_change_nothing()
    {
        var beginning = Sampler.InitialState([0, 1]);
        Assert.Throws<ArgumentOutOfRangeException>(() => new PooledSampler(0, new BatchSize(1), beginning));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PooledSampler(1, new BatchSize(0), beginning));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PooledSampler(1, new BatchSize(1, 0), beginning));
        Assert.Throws<ArgumentException>(() => new PooledSampler(1, new BatchSize(1), new SamplerState(3, [new(2, 2)], [0])));
        Assert.Throws<ArgumentException>(() => Sampler.InitialState([]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Sampler.InitialState([1, -1]));

        var sampler = new PooledSampler(10, new BatchSize(2), beginning);
        Assert.Throws<ArgumentException>(() => sampler.State = new SamplerState(0, [], []));
        Assert.Throws<ArgumentException>(() => sampler.Advance([0], []));
        Assert.Throws<ArgumentException>(() => sampler.Advance([0], [0, 1], [5]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new BatchSize(1) { Own = [3, 0] });
        Assert.Throws<ArgumentOutOfRangeException>(() => sampler.Advance([0], [-1]));
        Assert.Throws<ArgumentException>(() => sampler.Samples(new ShuffledOrder(1, 11), 0));
        Assert.Equal(beginning, sampler.State);
        Assert.Equal([2, 3], sampler.Positions(1));
    }

    static SamplerState Copy(SamplerState state)
    {
        var fields = state.Describe().ToDictionary();
        return SamplerState.Read(name => fields[name], fields.GetValueOrDefault("batches", ""));
    }

    /// <summary>Small enough that a history sees several epochs, and at times a step longer than one.</summary>
    static (int Count, int Batch, int? GlobalBatch) Sizes(byte size, byte share, byte? sum) =>
        (1 + (size % 80), 1 + (share % 12), sum is { } all ? 1 + (all % 40) : null);

    static int[] Bits(byte bits) => [.. Enumerable.Range(0, 8).Where(index => (bits >> index & 1) != 0)];

    /// <summary>Never nobody: a view has a member.</summary>
    static int[] Members(byte bits) => Bits(bits == 0 ? (byte)1 : bits);
}
