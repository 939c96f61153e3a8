using System.Buffers;
using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.ViewChanges;
using FsCheck;
using FsCheck.Xunit;
using MessagePack;

namespace DecentralizedLion.Topology.Tests.ViewChanges;

public sealed class ViewTests
{
    [Fact]
    public void Members_are_looked_up_by_roster_index()
    {
        var view = new View(3, [4, 1, 7], [40, 10, 70], 9, [400, 100, 700]);
        Assert.Equal((1, -1), (view.PositionOf(1), view.PositionOf(0)));
        Assert.Equal((10UL, 0UL), (view.SessionOf(1), view.SessionOf(0)));
        Assert.Equal((700UL, 0UL), (view.DiskIdOf(7), view.DiskIdOf(2)));
        Assert.Equal(PeerSet.Of(1, 4, 7), view.MemberSet);
    }

    [Fact]
    public void A_forced_new_ring_is_later_than_any_view_before_it()
    {
        int first = View.NextGeneration(1234), second = View.NextGeneration(first + 5);
        Assert.True(first > 1_000_000 && second > first + 1_000_000 - 5);
        Assert.Equal(("7", 0), (Numbered(7).Name, Numbered(7).Generation));
        Assert.Equal(("1.1", 1), (Numbered(first).Name, Numbered(first).Generation));
        Assert.Equal(("2.4", 2), (Numbered(second + 3).Name, Numbered(second + 3).Generation));
    }

    [Property]
    public void A_view_comes_back_and_no_other_bytes_do(DoNotSize<int> seed)
    {
        View view = Random(new Random(seed.Item));
        byte[] bytes = Bytes(view);
        Assert.Equal(view, Read(bytes));
        Assert.Equal(view.GetHashCode(), Read(bytes)!.GetHashCode());
        Assert.Null(Read(bytes, peers: view.Members.Max())); // of a larger roster
        for (int length = 0; length < bytes.Length; length++)
            Assert.Throws<EndOfStreamException>(() => Read(bytes[..length]));
    }

    [Property]
    public void Damaged_bytes_are_a_view_of_the_roster_or_none(DoNotSize<int> seed)
    {
        var random = new Random(seed.Item);
        byte[] bytes = Bytes(Random(random));
        for (int i = random.Next(1, 4); i > 0; i--)
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        try
        {
            if (Read(bytes) is not { } view)
                return;
            Assert.All(view.Members, member => Assert.InRange(member, 0, 9));
            Assert.InRange(view.Count, 1, 10);
            Assert.True(view.FirstStep >= 1 && view.Number >= 0);
        }
        catch (Exception e) when (MessagePackReading.IsMalformed(e))
        {
            // As documented.
        }
    }

    [Fact]
    public void Views_that_differ_anywhere_are_not_equal()
    {
        var view = new View(3, [1, 0], [10, 20], 9, [100, 200]) { RunId = 5, BaseDigest = Digest.Of([1]) };
        View[] all =
        [
            view,
            With(view, number: 4), With(view, members: [0, 1]), With(view, sessions: [10, 21]), With(view, firstStep: 8),
            With(view, diskIds: [100, 201]), With(view, runId: 6), With(view, chain: Digest.Of([2])),
            With(view, weights: Digest.Of([1])), With(view, closed: true),
            With(view, shares: new BatchShares([3, 4], [3, 4])), With(view, shares: new BatchShares([3, 5], [3, 4])),
            With(view, shares: new BatchShares([3, 4], [0, 4])),
        ];
        for (int a = 0; a < all.Length; a++)
        {
            for (int b = 0; b < all.Length; b++)
                Assert.Equal(a == b, all[a].Equals((object)With(all[b])));
        }
        Assert.False(view.Equals("view"));
    }

    [Fact]
    public void The_first_step_has_batches_and_weights_of_its_own()
    {
        var view = new View(3, [2, 0], [10, 20], 9) { Shares = new BatchShares([30, 10], [0, 16]) };
        Assert.Equal([0, 16], view.BatchesAt(9));
        Assert.Equal([30, 10], view.BatchesAt(10));
        Assert.True(view.WeightsAt(9).AreEqual); // who has no samples casts nothing
        Assert.Equal((3, 1), (view.WeightsAt(10)[2], view.WeightsAt(10)[0]));
        Assert.Equal((30, 10, 0), (view.BatchOf(2), view.BatchOf(0), view.BatchOf(1)));
        Assert.Equal(0, Numbered(3).BatchOf(0));
        Assert.Same(BallotWeights.Equal, Numbered(3).WeightsAt(1));
    }

    [Theory]
    [InlineData("920102", 1, true)]
    [InlineData("90", 1, true)]
    [InlineData("9101", 1, false)]
    [InlineData("93010203", 1, false)]
    [InlineData("92ff02", 1, false)]
    [InlineData("92ce000f424002", 1, true)]
    [InlineData("92ce000f424102", 1, false)]
    [InlineData("9401020304", 2, true)]
    public void Batches_are_those_of_all_members_or_none(string bytes, int members, bool areBatches)
    {
        var reader = new MessagePackReader(Convert.FromHexString(bytes));
        Assert.Equal(areBatches, BatchShares.TryRead(ref reader, members) is not null);
    }

    [Fact]
    public void What_is_no_view_is_not_made()
    {
        Assert.Throws<ArgumentException>(() => new View(1, [1, 2, 1], new ulong[3], 1));
        Assert.ThrowsAny<ArgumentException>(() => new View(1, [], [], 1));
        Assert.ThrowsAny<ArgumentException>(() => new View(1, [1, 2], new ulong[3], 1));
        Assert.ThrowsAny<ArgumentException>(() => new View(1, [1, 2], new ulong[2], 1, new ulong[1]));
    }

    /// <summary>A view of a roster of ten.</summary>
    internal static View Random(Random random)
    {
        int[] members = [.. Enumerable.Range(0, 10)];
        random.Shuffle(members);
        members = members[..random.Next(1, 11)];
        return new View(random.Next(1 << 30), members, [.. members.Select(_ => Number())], random.NextInt64(1, long.MaxValue),
            [.. members.Select(_ => Number())])
        {
            RunId = Number(),
            BaseDigest = Digest.Of([(byte)random.Next(256)]),
            InitialWeights = random.Next(2) == 0 ? default : Digest.Of([1]),
            IsFinal = random.Next(2) == 0,
            Exchange = ExchangeChoice.Of((ExchangeKind)random.Next(2), random.NextDouble(), random.Next(2) * random.NextDouble()),
            Shares = random.Next(2) == 0 ? BatchShares.None : new([.. members.Select(_ => Batch())],
                [.. members.Select(_ => Batch())]),
        };

        int Batch() => random.Next(BatchShares.BatchMax + 1) >> random.Next(20);

        ulong Number() => (ulong)random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(64);
    }

    static View With(View view, int? number = null, int[]? members = null, ulong[]? sessions = null, long? firstStep = null,
        ulong[]? diskIds = null, ulong? runId = null, Digest? chain = null, Digest? weights = null, bool? closed = null,
        BatchShares? shares = null) =>
        new(number ?? view.Number, members ?? view.Members, sessions ?? [.. view.Members.Select(view.SessionOf)],
            firstStep ?? view.FirstStep, diskIds ?? [.. view.Members.Select(view.DiskIdOf)])
        {
            RunId = runId ?? view.RunId,
            BaseDigest = chain ?? view.BaseDigest,
            InitialWeights = weights ?? view.InitialWeights,
            IsFinal = closed ?? view.IsFinal,
            Shares = shares ?? view.Shares,
        };

    static View Numbered(int number) => new(number, [0], [1], 1);

    static byte[] Bytes(View view)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(output);
        view.Write(ref writer);
        writer.Flush();
        return output.WrittenSpan.ToArray();
    }

    static View? Read(byte[] bytes, int peers = 10)
    {
        var reader = new MessagePackReader(bytes);
        return View.TryRead(ref reader, peers);
    }
}
