using DecentralizedLion.Models.Sampling;
using DecentralizedLion.Models.Tests.Datasets;
using FsCheck.Xunit;

namespace DecentralizedLion.Models.Tests.Sampling;

/// <summary>
/// Histories are bytes: one for the members of the first step, then a pair for each step, its voters and the members after it, as
/// bits by roster index.
/// </summary>
public sealed class ShardedSamplerTests
{
    const int Peers = 8;
    const int Everybody = 255;

    [Property(MaxTest = 300)]
    public void Counted_ballots_use_each_sample_of_a_peers_epoch_once_and_in_its_order(
        byte share, byte? sum, byte pieces, byte first, ulong seed, (byte Voters, byte After)[] history)
    {
        var size = Size(share, sum, pieces);
        var sampler = new ShardedSampler(Peers, size, Sampler.InitialState(Members(first)));
        var parts = Enumerable.Range(0, Peers)
            .Select(peer => new PeerShard(new CountingSplit(5 + (7 * peer)), null, peer, seed)).ToArray();
        var orders = parts.Select(part => new ShuffledOrder(seed, part.Count)).ToArray();
        var used = parts.Select(_ => new List<long>()).ToArray();
        for (var round = 0; round < 4; round++)
            foreach (var (voters, after) in history.Append(((byte)Everybody, (byte)Everybody)))
                Take(voters, after);

        for (var peer = 0; peer < Peers; peer++)
        {
            var count = (int)parts[peer].Count;
            Assert.Equal(sampler.State.Cursors[peer], used[peer].Count);
            Assert.Equal(Enumerable.Range(0, used[peer].Count)
                .Select(position => parts[peer].Sample(orders[peer].At(position))), used[peer]);
            for (var epoch = 0; epoch + count <= used[peer].Count; epoch += count)
                Assert.Equal(Enumerable.Range(0, count).Select(i => (long)i), used[peer].Skip(epoch).Take(count).Order());
        }

        void Take(byte voters, byte after)
        {
            var before = sampler.State.Cursors;
            var members = sampler.State.Members;
            for (var peer = 0; peer < Peers; peer++)
            {
                var positions = sampler.Positions(peer);
                var rank = members.ToList().IndexOf(peer);
                Assert.Equal(rank < 0 ? 0 : size.Share(rank, members.Count), positions.Length);
                Assert.Equal(positions.Length > 0, sampler.HasSamples(peer));
                Assert.Equal(Enumerable.Range(0, positions.Length).Select(i => before[peer] + i), positions);
                if ((voters >> peer & 1) != 0)
                    used[peer].AddRange(sampler.Samples(orders[peer], peer).Select(parts[peer].Sample));
            }
            sampler.Advance(Bits(voters), Members(after));
        }
    }

    [Property]
    public void Who_replays_the_records_ends_where_the_others_are(
        byte share, byte? sum, byte pieces, byte first, (byte Voters, byte After)[] history, byte when, int seed)
    {
        var size = Size(share, sum, pieces);
        var random = new Random(seed);
        var one = new ShardedSampler(Peers, size, Sampler.InitialState(Members(first)));
        var other = new ShardedSampler(Peers, size, Sampler.InitialState(Members(Everybody)));
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
        var sampler = new ShardedSampler(3, new BatchSize(4, Pieces: 2), Sampler.InitialState([0, 1, 2]));
        Assert.Equal("cursor=0,0,0 tail= members=0,1,2", sampler.State.ToString());
        sampler.Advance([0, 2], [0, 1, 2]);
        Assert.Equal("cursor=8,0,8 tail= members=0,1,2", sampler.State.ToString());
        sampler.Advance([0, 1], [0, 1]);                                  // 2 is dead: what is its own waits
        sampler.Advance([0, 1, 2], [0, 1, 2]);
        Assert.Equal("cursor=24,16,8 tail= members=0,1,2", sampler.State.ToString());
        Assert.Equal([8, 9, 10, 11, 12, 13, 14, 15], sampler.Positions(2));
    }

    [Fact]
    public void With_fewer_samples_than_members_the_last_have_none()
    {
        var sampler = new ShardedSampler(5, new BatchSize(32, 3), Sampler.InitialState([0, 1, 2, 3, 4]));
        Assert.Equal([true, true, true, false, false], sampler.State.Members.Select(sampler.HasSamples));
        sampler.Advance([0, 3], [3, 4]);
        Assert.Equal(new SamplerState([1, 0, 0, 0, 0], [], [3, 4]), sampler.State);
        Assert.Equal([0, 1], sampler.Positions(3));
        Assert.Equal([0], sampler.Positions(4));
    }

    [Fact]
    public void A_state_of_another_partition_or_roster_begins_anew()
    {
        var size = new BatchSize(2);
        var own = new ShardedSampler(3, size, new SamplerState(60, [new(12, 8)], [1, 2, 4]));
        Assert.Equal(new SamplerState([0, 0, 0], [], [1, 2]), own.State);
        own.State = new SamplerState([7, 8, 9, 10], [], [3]);
        Assert.Equal(new SamplerState([0, 0, 0], [], [0, 1, 2]), own.State);
        own.State = new SamplerState([7, 8, 9], [], [0, 2]);
        Assert.Equal([9, 10], own.Positions(2));
        var shared = new PooledSampler(100, size, own.State);
        Assert.Equal(new SamplerState(0, [], [0, 2]), shared.State);
        Assert.Equal([2, 3], shared.Positions(2));
    }

    [Fact]
    public void The_largest_roster_has_a_state_that_reads_back()
    {
        var sampler = new ShardedSampler(256, new BatchSize(1_000_000),
            Sampler.InitialState([.. Enumerable.Range(0, 256)]));
        for (var step = 0; step < 5; step++)
            sampler.Advance(Enumerable.Range(0, 256).Where(peer => peer % 5 != step), Enumerable.Range(0, 256));
        Assert.Equal(sampler.State, Copy(sampler.State));
        Assert.Equal(4_000_000, sampler.State.Cursors[255]);
    }

    [Fact]
    public void Wrong_arguments_are_refused_and_change_nothing()
    {
        var size = new BatchSize(2);
        var beginning = Sampler.InitialState([0, 1]);
        Assert.Throws<ArgumentOutOfRangeException>(() => new ShardedSampler(1, size, beginning));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ShardedSampler(257, size, beginning));
        Assert.Throws<ArgumentOutOfRangeException>(() => new BatchSize(2, Pieces: 0));
        var sampler = new ShardedSampler(2, size, beginning);
        Assert.Throws<ArgumentOutOfRangeException>(() => sampler.Advance([0], [0, 2]));
        Assert.Throws<ArgumentException>(() => sampler.State = new SamplerState([1, 2], [new(0, 1)], [0]));
        Assert.Equal(new SamplerState([0, 0], [], [0, 1]), sampler.State);
        Assert.Equal([0, 1], sampler.Positions(1));
    }

    static SamplerState Copy(SamplerState state)
    {
        var fields = state.Describe().ToDictionary();
        return SamplerState.Read(name => fields[name]);
    }

    static BatchSize Size(byte share, byte? sum, byte pieces) =>
        new(1 + (share % 12), sum is { } all ? 1 + (all % 40) : null, 1 + (pieces % 3));

    static int[] Bits(byte bits) => [.. Enumerable.Range(0, 8).Where(index => (bits >> index & 1) != 0)];

    /// <summary>Never nobody: a view has a member.</summary>
    static int[] Members(byte bits) => Bits(bits == 0 ? (byte)1 : bits);
}
