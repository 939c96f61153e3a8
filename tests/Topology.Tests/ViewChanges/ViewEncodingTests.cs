using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.ViewChanges;
using FsCheck;
using FsCheck.Xunit;

namespace DecentralizedLion.Topology.Tests.ViewChanges;

/// <summary>Tests that what acceptors write and proposers send is read as it was, or not at all.</summary>
public sealed class ViewEncodingTests
{
    const int Peers = 10;

    [Property]
    public void An_acceptors_state_survives_a_round_trip_and_no_bytes_throw(DoNotSize<int> seed)
    {
        var random = new Random(seed.Item);
        View? accepted = random.Next(2) == 0 ? null : ViewTests.Random(random);
        ulong diskId = (ulong)random.NextInt64(1, long.MaxValue);
        var state = new AcceptorState(diskId, ViewTests.Random(random), random.NextInt64(),
            accepted is null ? 0 : random.NextInt64(), accepted);
        byte[] bytes = state.Encode();
        Assert.Equal(state, AcceptorState.TryDecode(bytes, Peers));
        Assert.Null(AcceptorState.TryDecode(null, Peers));
        Assert.Null(AcceptorState.TryDecode((state with { DiskId = 0 }).Encode(), Peers));
        Assert.Null(AcceptorState.TryDecode((state with { Promised = -1 }).Encode(), Peers));
        Assert.Null(AcceptorState.TryDecode((state with { AcceptedRound = 1, Accepted = null }).Encode(), Peers));
        AssertOnlyWhole(bytes, random, damaged => AcceptorState.TryDecode(damaged, Peers) is not null);
    }

    [Property]
    public void A_message_about_a_view_survives_a_round_trip_and_no_bytes_throw(DoNotSize<int> seed)
    {
        var random = new Random(seed.Item);
        View? view = random.Next(2) == 0 ? null : ViewTests.Random(random);
        Digest chain = Digest.Of([(byte)seed.Item]);
        var message = ViewMessage.Promise(Round(), (random.NextInt64(), chain), view is null ? 0 : Round(), view) with
        {
            Holder = random.Next(Peers),
        };
        byte[] bytes = message.Encode();
        Assert.Equal(message, ViewMessage.TryDecode(bytes, Peers));
        Assert.Null(ViewMessage.TryDecode((message with { Round = -1 }).Encode(), Peers));
        Assert.Null(ViewMessage.TryDecode((message with { AcceptedRound = -1 }).Encode(), Peers));
        // no higher one could follow
        Assert.Null(ViewMessage.TryDecode((message with { Round = ViewMessage.RoundMax + 1 }).Encode(), Peers));
        Assert.Null(ViewMessage.TryDecode((message with { JournalStep = -1 }).Encode(), Peers));
        // the step after it could not be said
        Assert.Null(ViewMessage.TryDecode((message with { JournalStep = long.MaxValue }).Encode(), Peers));
        Assert.Null(ViewMessage.TryDecode((message with { AcceptedRound = 1, View = null }).Encode(), Peers));
        Assert.Null(ViewMessage.TryDecode((message with { Holder = Peers }).Encode(), Peers));
        Assert.Null(ViewMessage.TryDecode((message with { Holder = -1 }).Encode(), Peers));
        AssertOnlyWhole(bytes, random, damaged => ViewMessage.TryDecode(damaged, Peers) is not null);

        long Round() => random.NextInt64(ViewMessage.RoundMax + 1);
    }

    [Fact]
    public void An_accepted_view_that_cannot_be_read_is_not_forgotten_in_silence()
    {
        var view = new View(1, [0], [1], 1);
        byte[] bytes = new AcceptorState(5, view, 9, 0, view).Encode();
        // The last view's disk ids, a list of one, of none; its way of the exchange, one that there is not; its batches, none.
        Assert.Equal([0x91, 0x00, 0x93, 0x00, 0x00, 0x00, 0x90], bytes[^7..]);
        Assert.Null(AcceptorState.TryDecode([.. bytes[..^7], 0x90, .. bytes[^5..]], Peers));
        Assert.Null(AcceptorState.TryDecode([.. bytes[..^4], 0x02, .. bytes[^3..]], Peers));
    }

    [Fact]
    public void The_format_of_an_acceptors_state_is_written_down_byte_by_byte()
    {
        var decided = new View(3, [2, 0], [0x1234, ulong.MaxValue], 300, [1, 200])
        {
            RunId = 7,
            BaseDigest = Digest.Of([1]),
            InitialWeights = default,
            IsFinal = true,
            Exchange = ExchangeChoice.Of(ExchangeKind.Direct, ring: 0.0003, direct: 4300),
            Shares = new BatchShares([8, 24], [0, 6]),
        };
        // An array of five: disk id, view, promised, accepted round, nil or a view; a view is an array of eleven, and its last
        // two the way of the exchange with two times in microseconds, of 32 bits at most, and the batches.
        string digest = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData([1])), none = new('0', 64);
        string view = "9b" + "03" + "07" + "cd012c" + "c420" + digest + "c420" + none + "c3" + "c4020200"
            + "92cd1234cfffffffffffffffff" + "9201ccc8" + "9301cd012cceffffffff" + "9408180006";
        Assert.Equal("95" + "05" + view + "cd0301" + "00" + "c0", Hex(new AcceptorState(5, decided, 769, 0, null)));
        Assert.Equal("95" + "ce00010000" + view + "cd0301" + "cd0201" + view,
            Hex(new AcceptorState(65536, decided, 769, 513, decided)));

        static string Hex(AcceptorState state) => Convert.ToHexStringLower(state.Encode());
    }

    [Fact]
    public void A_view_on_the_disk_of_a_peer_of_protocol_version_5_is_one_of_the_ring()
    {
        var view = new View(3, [1, 0], [10, 20], 9, [3, 4]) { RunId = 5, BaseDigest = Digest.Of([1]) };
        byte[] bytes = new AcceptorState(5, view, 769, 0, null).Encode();
        // The exchange, of four bytes, and the batches, of one, are before the promised round, the accepted one and nil.
        int exchange = bytes.Length - "cd0301".Length / 2 - 2 - 5;
        byte[] old = [.. bytes[..exchange], .. bytes[(exchange + 5)..]];
        Assert.Equal((0x9b, 0x93), (old[2], bytes[exchange]));
        old[2] = 0x99;
        Assert.Equal(new AcceptorState(5, view, 769, 0, null), AcceptorState.TryDecode(old, Peers));
    }

    [Theory]
    [InlineData(2046, true)]
    [InlineData(2047, false)]
    public void A_view_whose_successors_could_not_be_numbered_is_none(int generation, bool isView)
    {
        int number = (generation << 20) + 5;
        byte[] bytes = ViewMessage.Accept(1, new View(number, [0], [1], 1), holder: 0).Encode();
        Assert.Equal(isView, ViewMessage.TryDecode(bytes, Peers) is not null);
        Assert.True(!isView || View.NextGeneration(number) > number);
    }

    /// <summary>Every truncation and a longer text are refused; other damage and any bytes do not throw.</summary>
    internal static void AssertOnlyWhole(byte[] bytes, Random random, Func<byte[], bool> reads)
    {
        Assert.True(reads(bytes));
        Assert.False(reads([.. bytes, 0]), "a byte too many");
        for (int length = 0; length < bytes.Length; length++)
            Assert.False(reads(bytes[..length]), $"only {length} of {bytes.Length} bytes");
        AssertNothingThrows(bytes, random, reads);
    }

    /// <summary>Neither damaged bytes, nor lengths that nothing has, nor any others throw.</summary>
    internal static void AssertNothingThrows(byte[] bytes, Random random, Func<byte[], bool> reads)
    {
        for (int i = 0; i < 50; i++)
        {
            byte[] damaged = [.. bytes];
            for (int flips = random.Next(1, 4); flips > 0; flips--)
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            reads(damaged);
            random.NextBytes(damaged);
            reads(damaged);
            reads([bytes[0], .. damaged[..random.Next(damaged.Length)]]);
        }
        for (int place = 0; place < 3; place++)
        {
            int at = random.Next(bytes.Length + 1);
            foreach (byte[] hostile in HostileHeaders.All)
            {
                reads([.. bytes[..at], .. hostile]);
                reads([.. bytes[..at], .. hostile, .. bytes[at..]]);
            }
            reads([.. bytes[..at], .. HostileHeaders.Nested(2000, isLong: place % 2 == 0)]);
        }
    }
}
