using DecentralizedLion.Codecs;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Views;

namespace DecentralizedLion.Topology.Tests.Views;

/// <summary>One peer of a <see cref="ViewChangeRig"/>: an acceptor, a proposer, and what they ask of a member.</summary>
sealed class ViewChangeNode : IViewHost
{
    readonly ViewChangeRig rig;
    readonly int peers;
    View? missing;
    int holder, disks;

    public ViewChangeNode(ViewChangeRig rig, int index, int peers)
    {
        (this.rig, Index, this.peers) = (rig, index, peers);
        Wanted = VoterSet.First(peers);
        Store.Bytes = new AcceptorState((ulong)index + 1, rig.First, 0, 0, null).Encode();
        (Acceptor, Change) = Open();
    }

    public int Index { get; }

    public MemoryViewStore Store { get; } = new();

    public Acceptor Acceptor { get; private set; }

    public ViewChange Change { get; private set; }

    public bool IsDown { get; private set; }

    public bool HasLostDisk => disks > 0;

    /// <summary>What this peer thinks of the present view.</summary>
    public bool Wants { get; set; }

    /// <summary>The members of what it would propose.</summary>
    public VoterSet Wanted { get; set; }

    /// <summary>By step from 1: the view that it was voted on in.</summary>
    public List<int> Journal { get; private set; } = [];

    /// <summary>By view: the last step that it told the others it holds.</summary>
    public Dictionary<int, long> SaidHeld { get; } = [];

    /// <summary>How often it was told to stop because a later view was promised.</summary>
    public int Frozen { get; private set; }

    /// <summary>The view that it lacks something for; null: none.</summary>
    public View? Missing => missing;

    bool IViewHost.ChangeIsNeeded => Wants;

    (long Step, ChainDigest Chain) IViewHost.Tail => (Journal.Count, ChainOf(Journal));

    public static ChainDigest ChainOf(IEnumerable<int> journal) => ChainDigest.Of([.. journal.Select(view => (byte)view)]);

    public bool Holds(long step, ChainDigest chain) => Journal.Count >= step && ChainOf(Journal.Take((int)step)) == chain;

    public void Take(in OnTheWay message)
    {
        if (IsDown)
            return;
        if (message.Kind != FrameKind.Decided)
            Change.OnMessage(message.From, message.Kind, message.Number, message.Message);
        else if (message.Message.View!.Number > Acceptor.View.Number)
            Install(message.Message.View);
    }

    public void Look()
    {
        if (!IsDown)
            Change.Look();
    }

    public void Propose()
    {
        if (!IsDown)
            Change.Propose();
    }

    /// <summary>The process dies; what it has written stays.</summary>
    public void Kill() => IsDown = true;

    public void Restart()
    {
        (IsDown, missing) = (false, null);
        (Acceptor, Change) = Open();
    }

    /// <summary>It comes back with an empty disk.</summary>
    public void Wipe()
    {
        Store.Bytes = null;
        Journal = [];
        SaidHeld.Clear();
        disks++;
        Restart();
    }

    /// <summary>Holds the next step of its view if it may.</summary>
    public bool HoldNext()
    {
        View view = Acceptor.View;
        if (IsDown || Acceptor.Frozen || !Acceptor.HasVote || !Holds(view.FirstStep - 1, view.Base) || Journal.Count > rig.Committed)
            return false;
        Journal.Add(view.Number);
        SaidHeld[view.Number] = Journal.Count;
        rig.OnHeld(view, Journal.Count);
        return true;
    }

    /// <summary>What it lacks for a proposed view it takes from who has it.</summary>
    public void Fetch()
    {
        if (IsDown || missing is not { } view || rig.Nodes[holder] is not { IsDown: false } donor || rig.IsCut(holder, Index))
            return;
        missing = null;
        if (donor.Holds(view.FirstStep - 1, view.Base))
            Journal = [.. donor.Journal.Take((int)view.FirstStep - 1)];
        Change.Retry();
    }

    /// <summary>What it lacks of the present view it takes from anyone who has it.</summary>
    public void FetchPresent()
    {
        View view = Acceptor.View;
        if (IsDown || Holds(view.FirstStep - 1, view.Base)
            || Array.Find(rig.Nodes, node => node.Acceptor.View.Number >= view.Number && node.Holds(view.FirstStep - 1, view.Base)) is not { } donor)
            return;
        Journal = [.. donor.Journal.Take((int)view.FirstStep - 1)];
    }

    ulong IViewHost.IncarnationOf(int peer) => rig.Nodes[peer].Acceptor.State.Incarnation;

    View? IViewHost.Draft(int number, long firstStep, ChainDigest chain, VoterSet without)
    {
        int[] members = [.. Wanted.Except(without)];
        if (members.Length == 0)
            return null;
        return new View(number, members, new ulong[members.Length], firstStep, [.. members.Select(((IViewHost)this).IncarnationOf)])
        {
            Lineage = (ulong)rig.Random.NextInt64(), // no two proposals are alike
            Base = chain,
        };
    }

    bool IViewHost.HoldsAllBefore(View view) => Holds(view.FirstStep - 1, view.Base);

    void IViewHost.FetchBefore(View view, int holder) => (missing, this.holder) = (view, holder);

    void IViewHost.Froze()
    {
        Assert.True(Acceptor.Frozen);
        Frozen++;
    }

    void IViewHost.Decided(View view)
    {
        rig.OnDecided(view);
        Install(view);
        for (int peer = 0; peer < peers; peer++)
            Tell(peer);
    }

    /// <summary>Tells a peer which view is the latest here.</summary>
    public void Tell(int peer)
    {
        if (peer != Index && !IsDown)
            rig.Sent.Add(new OnTheWay(Index, peer, FrameKind.Decided, Acceptor.View.Number, new ViewMessage(0, 0, 0, default, 0, Acceptor.View)));
    }

    void IViewHost.Send(int to, FrameKind kind, int number, in ViewMessage message)
    {
        // Through its bytes, as on the wire.
        ViewMessage? read = ViewMessage.TryDecode(message.Encode(), peers);
        Assert.Equal(message, read);
        if (kind == FrameKind.Promise)
            AssertWritten(state => state.Promised >= read!.Value.Round);
        if (kind == FrameKind.Accepted)
            AssertWritten(state => state.AcceptedRound >= read!.Value.Round);
        rig.Sent.Add(new OnTheWay(Index, to, kind, number, read!.Value));
    }

    void AssertWritten(Func<AcceptorState, bool> condition) =>
        Assert.True(condition(AcceptorState.TryDecode(Store.Bytes, peers)!), "said before it was written");

    void Install(View view)
    {
        Acceptor.Install(view);
        Change.Reset();
        missing = null;
        // Held in an earlier view, and decided otherwise since.
        if (Journal.Count >= view.FirstStep && Journal[(int)view.FirstStep - 1] < view.Number)
            Journal.RemoveRange((int)view.FirstStep - 1, Journal.Count - (int)view.FirstStep + 1);
    }

    (Acceptor, ViewChange) Open()
    {
        var acceptor = new Acceptor(Index, peers, Store, () => (ulong)(1000 * (disks + 1) + Index));
        return (acceptor, new ViewChange(Index, acceptor, this, rig.Clock, ViewChangeRig.Timeout, rig.Random.NextDouble));
    }
}
