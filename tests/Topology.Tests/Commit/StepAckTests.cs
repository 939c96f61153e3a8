using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Topology.Tests.Commit;

/// <summary>A step is committed when a quorum holds one and the same record of it.</summary>
public sealed class StepAckTests
{
    [Fact]
    public void A_step_is_committed_when_a_quorum_holds_one_and_the_same()
    {
        var view = new View(1, [0, 1, 2, 3], new ulong[4], 1);
        Digest a = Digest.Of([1]), b = Digest.Of([2]);
        var tally = new CommitRule();
        Assert.Null(tally.TryGetCommitted(view));
        Assert.True(tally.TryAdd(2, a));
        Assert.True(tally.TryAdd(3, a));
        Assert.Null(tally.TryGetCommitted(view)); // half, without the first
        Assert.True(tally.TryAdd(0, b));
        Assert.Null(tally.TryGetCommitted(view));
        Assert.False(tally.TryAdd(0, a), "the first word counts");
        Assert.True(tally.TryAdd(1, b));
        Assert.Equal(b, tally.TryGetCommitted(view)); // half, with the first
        Assert.Equal(PeerSet.Of(0, 1), tally.AckedBy(b));
        Assert.Equal(PeerSet.Of(2, 3), tally.AckedBy(a));
        Assert.True(tally.HasAcked(1) && !tally.HasAcked(7));
    }

    [Fact]
    public void Outsiders_do_not_commit()
    {
        var view = new View(1, [4, 5, 6], new ulong[3], 1);
        var tally = new CommitRule();
        tally.TryAdd(4, default);
        tally.TryAdd(0, default);
        tally.TryAdd(1, default);
        Assert.Null(tally.TryGetCommitted(view));
    }

    [Fact]
    public void Held_is_64_bytes()
    {
        var ack = new StepAck(Digest.Of([1]), Digest.Of([2]));
        byte[] bytes = new byte[64];
        ack.Write(bytes);
        Assert.Equal([.. ack.Record.Bytes, .. ack.Weights.Bytes], bytes);
        Assert.True(StepAck.TryRead(bytes, out StepAck read));
        Assert.Equal(ack, read);
        for (int length = 0; length < 200; length++)
            Assert.Equal(length == 64, StepAck.TryRead(new byte[length], out _));
    }
}
