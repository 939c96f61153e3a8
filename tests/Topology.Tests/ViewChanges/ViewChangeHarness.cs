using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Topology.Simulation.World;
using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Topology.Tests.ViewChanges;

/// <summary>
/// Peers that decide on views, wired by hand: what is sent lies in a list until the test delivers it. Their journals hold, for
/// each step, the number of the view that it was voted on in.
/// </summary>
sealed class ViewChangeHarness
{
    public static readonly TimeSpan Timeout = TimeSpan.FromMilliseconds(500);

    /// <summary>The first so many of some peers are members of view 1, which begins with step 1.</summary>
    public ViewChangeHarness(int members, int peers = 0, int seed = 1)
    {
        Random = new Random(seed);
        int count = Math.Max(members, peers);
        Clock = new VirtualClock();
        int[] all = [.. Enumerable.Range(0, members)];
        Decided[1] = First = new View(1, all, new ulong[members], 1, [.. all.Select(peer => (ulong)peer + 1)])
        {
            BaseDigest = ViewChangeNode.ChainOf([]),
        };
        Nodes = [.. Enumerable.Range(0, count).Select(index => new ViewChangeNode(this, index, count))];
    }

    /// <summary>The same, and all think that the view must change.</summary>
    public static ViewChangeHarness Wanting(int members, int peers = 0)
    {
        var harness = new ViewChangeHarness(members, peers);
        foreach (ViewChangeNode node in harness.Nodes)
            node.Wants = true;
        return harness;
    }

    /// <summary>The pause between two requests for one answer; zero: every look.</summary>
    public TimeSpan Interval { get; set; }

    public Random Random { get; }

    public VirtualClock Clock { get; }

    public View First { get; }

    public ViewChangeNode[] Nodes { get; }

    public List<SentViewMessage> Sent { get; } = [];

    /// <summary>The decided views, by number.</summary>
    public SortedDictionary<int, View> Decided { get; } = [];

    public View Latest => Decided.Values.Last();

    /// <summary>The last step that a quorum of its view holds.</summary>
    public long Committed { get; private set; }

    /// <summary>True when a peer's links are cut.</summary>
    public Func<int, int, bool> IsCut { get; set; } = (_, _) => false;

    /// <summary>Delivers all in the order sent, and what follows from it.</summary>
    public void DeliverAll(Func<SentViewMessage, bool>? only = null)
    {
        while (Sent.FindIndex(message => only?.Invoke(message) != false) is >= 0 and var at)
            Deliver(at);
    }

    public void Deliver(int at, bool keep = false)
    {
        SentViewMessage message = Sent[at];
        if (!keep)
            Sent.RemoveAt(at);
        if (!IsCut(message.From, message.To))
            Nodes[message.To].Take(message);
    }

    /// <summary>Lets one propose until the view has changed.</summary>
    public void Finish(int proposer)
    {
        int before = Nodes[proposer].Acceptor.View.Number;
        for (int round = 0; round < 10 && Nodes[proposer].Acceptor.View.Number == before; round++)
        {
            foreach (ViewChangeNode node in Nodes)
                node.Tell(proposer);
            DeliverAll();
            Nodes[proposer].Propose();
            DeliverAll();
            foreach (ViewChangeNode node in Nodes)
                node.Fetch();
            DeliverAll();
            if (Nodes[proposer].Acceptor.View.Number == before)
                Pass(3 * Timeout);
        }
        Assert.True(Nodes[proposer].Acceptor.View.Number > before, "the view did not change" + Describe());
    }

    /// <summary>Lets time pass, and all look.</summary>
    public void Pass(TimeSpan time)
    {
        Clock.After(time, () => { });
        Clock.RunNext();
        foreach (ViewChangeNode node in Nodes)
            node.Tick();
    }

    public void OnDecided(View view)
    {
        if (Decided.TryGetValue(view.Number, out View? before))
            Assert.Equal(before, view);
        if (Decided.TryAdd(view.Number, view))
        {
            Assert.True(view.FirstStep > Committed,
                $"step {Committed} was committed, and view {view.Name} begins with {view.FirstStep}");
            View old = Decided[view.Number - 1];
            // Whose disk was lost since may have held it when it said yes.
            PeerSet holders = PeerSet.Of([.. Nodes.Where(node => node.HasLostDisk
                || node.Holds(view.FirstStep - 1, view.BaseDigest)).Select(node => node.Index)]);
            Assert.True(old.IsQuorum(holders), $"only {holders} hold all before view {view.Name}");
        }
    }

    /// <summary>The state of peers that do not come to a decision, for a person.</summary>
    public string Describe() => string.Concat(Nodes.Select(node => $"\np{node.Index}: view {node.Acceptor.View.Number} of "
        + $"{node.Acceptor.View.MemberSet} from step {node.Acceptor.View.FirstStep}, promised {node.Acceptor.State.Promised}, "
        + $"accepted {node.Acceptor.State.AcceptedRound}"
        + $"{(node.Acceptor.HasVote ? "" : ", no vote")}{(node.Change.IsProposing ? ", proposes" : "")}, lacks "
        + $"{node.Missing?.Number}, "
        + $"journal {string.Join(' ', node.Journal)}"));

    /// <summary>A step is committed when a quorum of its view holds it, as the members do.</summary>
    public void OnHeld(View view, long step)
    {
        PeerSet holders =
            PeerSet.Of([.. Nodes.Where(node => node.SaidHeld.GetValueOrDefault(view.Number) >= step).Select(node => node.Index)]);
        if (view.IsQuorum(holders))
            Committed = Math.Max(Committed, step);
    }
}
