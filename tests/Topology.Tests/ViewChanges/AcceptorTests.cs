using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Topology.Tests.ViewChanges;

/// <summary>Tests that an acceptor keeps what it promised, whatever becomes of its process.</summary>
public sealed class AcceptorTests
{
    static readonly View First = new(1, [2, 0, 1], [5, 6, 7], 4, [50, 60, 70]), Second = new(2, [0, 2], [6, 5], 9, [60, 50]);

    readonly MemoryViewStore store = new();

    [Fact]
    public void An_empty_disk_becomes_a_new_incarnation_before_anything_is_said()
    {
        var acceptor = new Acceptor(1, 3, store, () => 99);
        Assert.Equal((99UL, 0, false, 1), (acceptor.State.DiskId, acceptor.View.Number, acceptor.HasPromised, store.Saves));
        Assert.True(acceptor.HasVote); // before a run begins every disk has
        Assert.Equal(acceptor.State, Reloaded().State);
        Assert.Equal(1, store.Saves);
    }

    [Fact]
    public void Promises_and_what_was_accepted_survive_the_process()
    {
        Acceptor acceptor = InFirst();
        Assert.True(acceptor.Promise(7) && acceptor.HasPromised);
        Assert.Equal((7L, 0L, null), (Reloaded().State.Promised, Reloaded().State.AcceptedRound, Reloaded().State.Accepted));
        Assert.False(Reloaded().Promise(6));
        Assert.False(Reloaded().Accept(6, Second));
        Assert.True(acceptor.Accept(7, Second));
        Acceptor later = Reloaded();
        Assert.Equal((7L, 7L, Second), (later.State.Promised, later.State.AcceptedRound, later.State.Accepted));
        Assert.True(later.HasPromised && later.View.Equals(First));
    }

    [Fact]
    public void To_accept_in_a_higher_round_is_to_promise_it()
    {
        Acceptor acceptor = InFirst();
        Assert.True(acceptor.Accept(9, Second));
        Assert.Equal(9, Reloaded().State.Promised);
        Assert.False(acceptor.Promise(8));
        Assert.False(acceptor.Accept(8, First));
        Assert.Equal(Second, Reloaded().State.Accepted);
    }

    [Fact]
    public void The_same_again_is_answered_the_same_and_not_written_again()
    {
        Acceptor acceptor = InFirst();
        acceptor.Promise(7);
        acceptor.Accept(7, Second);
        int saves = store.Saves;
        Assert.True(acceptor.Promise(7) && acceptor.Accept(7, Second));
        Assert.Equal(saves, store.Saves);
    }

    [Fact]
    public void What_cannot_be_written_is_not_promised()
    {
        Acceptor acceptor = InFirst();
        acceptor.Promise(3);
        AcceptorState before = acceptor.State;
        store.IsFull = true;
        Assert.Throws<IOException>(() => acceptor.Promise(7));
        Assert.Throws<IOException>(() => acceptor.Accept(7, Second));
        Assert.Throws<IOException>(() => acceptor.Accept(3, Second));
        Assert.Throws<IOException>(() => acceptor.Install(Second));
        Assert.Throws<IOException>(() => acceptor.ForceNewRing(4, Second));
        Assert.Equal(before, acceptor.State);
        Assert.Equal(before, Reloaded().State);
        store.Bytes = null;
        Assert.Throws<IOException>(() => new Acceptor(1, 3, store, () => 99)); // a disk id is a promise, too
    }

    [Fact]
    public void A_decided_view_ends_what_was_promised_for_it()
    {
        Acceptor acceptor = InFirst();
        acceptor.Accept(7, Second);
        acceptor.Install(Second);
        Assert.Equal(new AcceptorState(70, Second, 0, 0, null), Reloaded().State);
        Assert.False(acceptor.HasPromised);
        Assert.True(acceptor.Promise(1));
    }

    [Fact]
    public void Only_the_disk_that_the_view_names_has_a_vote()
    {
        Assert.True(InFirst().HasVote);
        Acceptor acceptor = InFirst();
        acceptor.Install(Second);
        Assert.False(acceptor.HasVote); // not a member
        acceptor.Install(new View(3, [0, 1], [6, 7], 9, [60, 71]));
        Assert.False(acceptor.HasVote); // a member with another disk
        acceptor.ForceNewRing(71, new View(View.NextGeneration(3), [1], [7], 9, [71]));
        Assert.True(acceptor.HasVote);
        Assert.Equal(71UL, Reloaded().State.DiskId);
    }

    [Fact]
    public void A_damaged_state_is_an_empty_disk()
    {
        Acceptor acceptor = InFirst();
        acceptor.Accept(7, Second);
        byte[] bytes = store.Bytes!;
        for (int length = 0; length < bytes.Length; length++)
        {
            store.Bytes = bytes[..length];
            Acceptor wiped = Reloaded();
            Assert.Equal(new AcceptorState(99, wiped.View, 0, 0, null), wiped.State);
            Assert.Equal(0, wiped.View.Number);
        }
        store.Bytes = [.. bytes, 0];
        Assert.Equal(99UL, Reloaded().State.DiskId);
        store.Bytes = bytes;
        Assert.Equal(70UL, Reloaded().State.DiskId);
        Assert.Equal(99UL, new Acceptor(1, peers: 2, store, () => 99).State.DiskId); // of a larger roster
    }

    Acceptor InFirst()
    {
        store.Bytes = new AcceptorState(70, First, 0, 0, null).Encode();
        return Reloaded();
    }

    Acceptor Reloaded() => new(1, 3, store, () => 99);
}
