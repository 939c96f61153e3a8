using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Views;
using FsCheck;
using FsCheck.Xunit;

namespace DecentralizedLion.Topology.Tests.Views;

/// <summary>What acceptors write and proposers send comes back as it was, or not at all.</summary>
public sealed class EncodingTests
{
    const int Peers = 10;

    [Property]
    public void An_acceptors_state_survives_a_round_trip_and_no_bytes_throw(DoNotSize<int> seed)
    {
        var random = new Random(seed.Item);
        View? accepted = random.Next(2) == 0 ? null : ViewTests.Random(random);
        ulong incarnation = (ulong)random.NextInt64(1, long.MaxValue);
        var state = new AcceptorState(incarnation, ViewTests.Random(random), random.NextInt64(), random.NextInt64(), accepted);
        byte[] bytes = state.Encode();
        Assert.Equal(state, AcceptorState.TryDecode(bytes, Peers));
        Assert.Null(AcceptorState.TryDecode(null, Peers));
        Assert.Null(AcceptorState.TryDecode((state with { Incarnation = 0 }).Encode(), Peers));
        AssertOnlyWhole(bytes, random, damaged => AcceptorState.TryDecode(damaged, Peers) is not null);
    }

    [Property]
    public void A_message_about_a_view_survives_a_round_trip_and_no_bytes_throw(DoNotSize<int> seed)
    {
        var random = new Random(seed.Item);
        View? view = random.Next(2) == 0 ? null : ViewTests.Random(random);
        ChainDigest chain = ChainDigest.Of([(byte)seed.Item]);
        var message = new ViewMessage(random.NextInt64(), random.NextInt64(), random.NextInt64(), chain, random.Next(Peers), view);
        byte[] bytes = message.Encode();
        Assert.Equal(message, ViewMessage.TryDecode(bytes, Peers));
        Assert.Null(ViewMessage.TryDecode((message with { Round = -1 }).Encode(), Peers));
        Assert.Null(ViewMessage.TryDecode((message with { AcceptedRound = -1 }).Encode(), Peers));
        Assert.Null(ViewMessage.TryDecode((message with { Held = -1 }).Encode(), Peers));
        Assert.Null(ViewMessage.TryDecode((message with { Holder = Peers }).Encode(), Peers));
        Assert.Null(ViewMessage.TryDecode((message with { Holder = -1 }).Encode(), Peers));
        AssertOnlyWhole(bytes, random, damaged => ViewMessage.TryDecode(damaged, Peers) is not null);
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

    /// <summary>Neither damaged bytes nor any others throw.</summary>
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
    }
}
