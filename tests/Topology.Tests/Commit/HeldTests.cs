using DecentralizedLion.Codecs;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Views;

namespace DecentralizedLion.Topology.Tests.Commit;

/// <summary>A step is committed when a quorum holds one and the same record of it.</summary>
public sealed class HeldTests
{
    [Fact]
    public void A_step_is_committed_when_a_quorum_holds_one_and_the_same()
    {
        var view = new View(1, [0, 1, 2, 3], new ulong[4], 1);
        ChainDigest a = ChainDigest.Of([1]), b = ChainDigest.Of([2]);
        var tally = new HeldTally();
        Assert.Null(tally.Committed(view));
        Assert.True(tally.Add(2, a));
        Assert.True(tally.Add(3, a));
        Assert.Null(tally.Committed(view)); // half, without the first
        Assert.True(tally.Add(0, b));
        Assert.Null(tally.Committed(view));
        Assert.False(tally.Add(0, a), "the first word counts");
        Assert.True(tally.Add(1, b));
        Assert.Equal(b, tally.Committed(view)); // half, with the first
        Assert.Equal(VoterSet.Of(0, 1), tally.HoldersOf(b));
        Assert.Equal(VoterSet.Of(2, 3), tally.HoldersOf(a));
        Assert.True(tally.Has(1) && !tally.Has(7));
    }

    [Fact]
    public void Outsiders_do_not_commit()
    {
        var view = new View(1, [4, 5, 6], new ulong[3], 1);
        var tally = new HeldTally();
        tally.Add(4, default);
        tally.Add(0, default);
        tally.Add(1, default);
        Assert.Null(tally.Committed(view));
    }

    [Fact]
    public void Held_is_64_bytes()
    {
        var held = new Held(ChainDigest.Of([1]), ChainDigest.Of([2]));
        byte[] bytes = new byte[64];
        held.Write(bytes);
        Assert.Equal([.. held.Record.Bytes.Span, .. held.Weights.Bytes.Span], bytes);
        Assert.True(Held.TryRead(bytes, out Held read));
        Assert.Equal(held, read);
        for (int length = 0; length < 200; length++)
            Assert.Equal(length == 64, Held.TryRead(new byte[length], out _));
    }
}
