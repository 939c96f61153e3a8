using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Topology.Node;
using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Topology.Simulation.Oracles;

/// <summary>Every view that any member has installed: there is one of a number, for all and for ever.</summary>
sealed class ViewOracle(Invariants invariants, SimulationTrace trace, SimulationCounts counts)
{
    readonly SortedList<int, View> views = [];
    readonly HashSet<ulong> runIds = [];
    readonly HashSet<(int Peer, ulong DiskId)> lost = [];

    /// <summary>The one with the highest number; null before the run begins.</summary>
    public View? Latest => views.Count == 0 ? null : views.Values[^1];

    /// <summary>The number of bootstraps that there may be.</summary>
    public int RunIdsAllowed { get; set; } = 1;

    /// <summary>All, by number.</summary>
    public IList<View> All => views.Values;

    public View? Find(int number) => views.GetValueOrDefault(number);

    /// <summary>A member has installed a view.</summary>
    /// <returns>Whether nobody had it before.</returns>
    public bool Installed(int peer, View view)
    {
        if (view.Number == 0)
            return false;
        string text =
            $"view {view.Name} {{{string.Join(',', view.Members.Select(member => $"p{member}"))}}} from step {view.FirstStep}"
            + $", {view.Exchange.Kind}" + (view.IsFinal ? ", closed" : "");
        trace.Mix((ulong)(uint)view.Number << 32 | (ulong)view.FirstStep);
        if (views.TryGetValue(view.Number, out View? known))
        {
            if (!known.Equals(view))
                invariants.Violated("one view has a number (I14)",
                    $"p{peer} installs {text}, lineage {view.RunId:x}, base {view.BaseDigest.Short}; another member has "
                    + $"{{{string.Join(',', known.Members.Select(member => $"p{member}"))}}} from step {known.FirstStep}, "
                    + $"lineage {known.RunId:x}, base {known.BaseDigest.Short}");
            return false;
        }
        trace.Add(peer, $"is the first in {text}");
        bool isFounding = runIds.Add(view.RunId), beginsAnew = Latest is { } last && view.Generation > last.Generation;
        if (!isFounding)
            counts.ViewChanges++;
        else if (runIds.Count > RunIdsAllowed)
            invariants.Violated("a run begins once, and a new ring is forced only by an operator (I19)",
                $"p{peer} installs {text} of a new lineage");
        if (Latest is not null && isFounding != beginsAnew)
            invariants.Violated("a forced new ring has a run id and a generation of its own (I19)",
                $"p{peer} installs {text} of {(isFounding ? "a new" : "an old")} lineage after view {Latest.Name}");
        if (Latest is { } before)
        {
            counts.ExchangeChanges += before.Exchange.Kind != view.Exchange.Kind ? 1 : 0;
            counts.Rebalances += before.MemberSet == view.MemberSet && BatchPlanner.HaveChanged(before, view) ? 1 : 0;
        }
        views.Add(view.Number, view);
        return true;
    }

    /// <summary>A peer's disk, or what it promised, is gone: it is another acceptor from now on.</summary>
    public void DiskLost(int peer, ulong diskId) => lost.Add((peer, diskId));

    /// <summary>True when a peer is in a view with the disk that it still has.</summary>
    public bool IsLiving(View view, int peer) => view.PositionOf(peer) >= 0 && !lost.Contains((peer, view.DiskIdOf(peer)));

    /// <summary>True when the members of a view that still have their disks can decide the next one.</summary>
    public bool HasQuorum(View view, int without = -1)
    {
        var living = default(PeerSet);
        foreach (int member in view.Members)
        {
            if (member != without && IsLiving(view, member))
                living = living.With(member);
        }
        return view.IsQuorum(living);
    }
}
