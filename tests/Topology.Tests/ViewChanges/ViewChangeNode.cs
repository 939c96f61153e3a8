using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Topology.Tests.ViewChanges;

/// <summary>One peer of a <see cref="ViewChangeHarness"/>: an acceptor, a proposer, and what they ask of a member.</summary>
sealed class ViewChangeNode : IViewHost
{
    readonly ViewChangeHarness harness;
    readonly int peers;
    View? missing;
    int holder, disks;

    public ViewChangeNode(ViewChangeHarness harness, int index, int peers)
    {
        (this.harness, Index, this.peers) = (harness, index, peers);
        Wanted = PeerSet.First(peers);
        Store.Bytes = new AcceptorState((ulong)index + 1, harness.First, 0, 0, null).Encode();
        (Acceptor, Change) = Open();
    }

    public int Index { get; }

    public MemoryViewStore Store { get; } = new();

    public Acceptor Acceptor { get; private set; }

    public ViewChange Change { get; private set; }

    public bool IsDown { get; private set; }

    public bool HasLostDisk => disks > 0;

    /// <summary>True when this peer wants to change the present view.</summary>
    public bool Wants { get; set; }

    /// <summary>The members of what it would propose.</summary>
    public PeerSet Wanted { get; set; }

    /// <summary>By step from 1: the view that it was voted on in.</summary>
    public List<int> Journal { get; private set; } = [];

    /// <summary>By view: the last step that it told the others it holds.</summary>
    public Dictionary<int, long> SaidHeld { get; } = [];

    /// <summary>The number of times that it was told to stop because a later view was promised.</summary>
    public int Frozen { get; private set; }

    /// <summary>The view that it lacks something for; null: none.</summary>
    public View? Missing => missing;

    bool IViewHost.IsChangeNeeded => Wants;

    (long Step, Digest Chain) IViewHost.LastRecord => (Journal.Count, ChainOf(Journal));

    public static Digest ChainOf(IEnumerable<int> journal) => Digest.Of([.. journal.Select(view => (byte)view)]);

    public bool Holds(long step, Digest chain) => Journal.Count >= step && ChainOf(Journal.Take((int)step)) == chain;

    public void Take(in SentViewMessage message)
    {
        if (IsDown)
            return;
        if (message.Kind != FrameKind.Decided)
            Change.OnMessage(message.From, message.Kind, message.Number, message.Message);
        else if (message.Message.View!.Number > Acceptor.View.Number)
            Install(message.Message.View);
    }

    public void Tick()
    {
        if (!IsDown)
            Change.Tick();
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
        if (IsDown || Acceptor.HasPromised || !Acceptor.HasVote || !Holds(view.FirstStep - 1, view.BaseDigest)
            || Journal.Count > harness.Committed)
            return false;
        Journal.Add(view.Number);
        SaidHeld[view.Number] = Journal.Count;
        harness.OnHeld(view, Journal.Count);
        return true;
    }

    /// <summary>Fetches what it lacks for a proposed view from a peer that has it.</summary>
    public void Fetch()
    {
        if (IsDown || missing is not { } view || harness.Nodes[holder] is not { IsDown: false } donor
            || harness.IsCut(holder, Index))
            return;
        missing = null;
        if (donor.Holds(view.FirstStep - 1, view.BaseDigest))
            Journal = [.. donor.Journal.Take((int)view.FirstStep - 1)];
        Change.Retry();
    }

    /// <summary>Fetches what it lacks of the present view from any peer that has it.</summary>
    public void FetchPresent()
    {
        View view = Acceptor.View;
        if (IsDown || Holds(view.FirstStep - 1, view.BaseDigest)
            || Array.Find(harness.Nodes, node => node.Acceptor.View.Number >= view.Number
                && node.Holds(view.FirstStep - 1, view.BaseDigest)) is not { } donor)
            return;
        Journal = [.. donor.Journal.Take((int)view.FirstStep - 1)];
    }

    ulong IViewHost.DiskIdOf(int peer) => harness.Nodes[peer].Acceptor.State.DiskId;

    View? IViewHost.BuildView(int number, long firstStep, Digest chain, PeerSet without)
    {
        int[] members = [.. Wanted.Except(without)];
        if (members.Length == 0)
            return null;
        return new View(number, members, new ulong[members.Length], firstStep, [.. members.Select(((IViewHost)this).DiskIdOf)])
        {
            RunId = (ulong)harness.Random.NextInt64(), // no two proposals are alike
            BaseDigest = chain,
        };
    }

    bool IViewHost.HoldsAllBefore(View view) => Holds(view.FirstStep - 1, view.BaseDigest);

    void IViewHost.RequestPrerequisites(View view, int holder) => (missing, this.holder) = (view, holder);

    void IViewHost.OnPromised()
    {
        Assert.True(Acceptor.HasPromised);
        Frozen++;
    }

    void IViewHost.OnDecided(View view)
    {
        harness.OnDecided(view);
        Install(view);
        for (int peer = 0; peer < peers; peer++)
            Tell(peer);
    }

    /// <summary>Tells a peer which view is the latest here.</summary>
    public void Tell(int peer)
    {
        if (peer != Index && !IsDown)
            harness.Sent.Add(new SentViewMessage(Index, peer, FrameKind.Decided, Acceptor.View.Number,
                ViewMessage.Decided(Acceptor.View)));
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
        harness.Sent.Add(new SentViewMessage(Index, to, kind, number, read!.Value));
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
        return (acceptor,
            new ViewChange(Index, acceptor, this, harness.Clock, () => ViewChangeHarness.Timeout, () => harness.Interval,
                harness.Random.NextDouble));
    }
}
