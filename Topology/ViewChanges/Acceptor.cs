namespace DecentralizedLion.Topology.ViewChanges;

/// <summary>
/// One member's vote on which view follows: single-decree Paxos, one decree for each view, its acceptors the members of the view
/// before. Whatever it answers was synced to its disk first (docs/protocol.md#i15).
/// </summary>
sealed class Acceptor
{
    readonly int self;
    readonly IViewStore store;

    /// <summary>Takes up what the disk remembers; an empty or unreadable one is a new disk id's.</summary>
    public Acceptor(int self, int peers, IViewStore store, Func<ulong> newIncarnation)
    {
        (this.self, this.store) = (self, store);
        if (AcceptorState.TryDecode(store.Load(), peers) is { } state)
        {
            State = state;
            return;
        }
        State = new AcceptorState(newIncarnation(), View.BeforeBootstrap(peers), 0, 0, null);
        store.Save(State.Encode());
    }

    public AcceptorState State { get; private set; }

    /// <summary>The latest view that is known to be decided.</summary>
    public View View => State.View;

    /// <summary>A later view was promised: nothing more may be exchanged, held or applied in the present one.</summary>
    public bool HasPromised => State.Promised > 0;

    /// <summary>True when this disk has a vote on the next view. Before a run's bootstrap every disk has.</summary>
    public bool HasVote => View.MemberSet.Contains(self) && (View.Number == 0 || View.DiskIdOf(self) == State.DiskId);

    /// <summary>Promises a round; false when a higher one was promised.</summary>
    /// <exception cref="IOException">The promise cannot be kept on disk; none is made.</exception>
    public bool Promise(long round)
    {
        if (round < State.Promised)
            return false;
        if (round > State.Promised)
            Save(State with { Promised = round });
        return true;
    }

    /// <summary>Accepts a view in a round; false when a higher one was promised.</summary>
    /// <exception cref="IOException">It cannot be kept on disk; it is not accepted.</exception>
    public bool Accept(long round, View view)
    {
        if (round < State.Promised)
            return false;
        if (round != State.AcceptedRound || !view.Equals(State.Accepted))
            Save(State with { Promised = round, AcceptedRound = round, Accepted = view });
        return true;
    }

    /// <summary>A later view was decided: what was promised for this one no longer matters.</summary>
    /// <exception cref="IOException">It cannot be kept on disk.</exception>
    public void Install(View view) => Save(new AcceptorState(State.DiskId, view, 0, 0, null));

    /// <summary>An operator begins a run, or forces a new ring, on this disk: its promises for the others' views are void from
    /// now on.</summary>
    public void ForceNewRing(ulong diskId, View view) => Save(new AcceptorState(diskId, view, 0, 0, null));

    void Save(AcceptorState state)
    {
        store.Save(state.Encode());
        State = state;
    }
}
