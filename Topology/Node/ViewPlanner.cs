using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Topology.Membership;
using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Topology.Node;

/// <summary>
/// Plans what the next view should be: judged afresh from the latest heartbeats whenever it is asked. Members of a view whose
/// judgements agree decide together.
/// </summary>
sealed class ViewPlanner(RingOptions options, MemberState state, FailureDetector detector, RemotePeer[] peers, TimeProvider clock)
{
    readonly RejoinBackoff[] backoffs = [.. peers.Select(_ => new RejoinBackoff(clock))];

    /// <summary>The choice of the way of the exchange.</summary>
    public ExchangeSelector Exchange { get; } = new(options, state, peers, clock);

    /// <summary>The batches of the next view's members.</summary>
    public BatchPlanner Batches { get; } = new(options, state, detector, clock);

    int Self => options.SelfIndex;

    View View => state.View;

    /// <summary>The members with a vote on the next view that this peer reaches, itself included.</summary>
    public PeerSet ReachableAcceptors
    {
        get
        {
            var voters = default(PeerSet);
            foreach (int member in View.Members)
            {
                if (member == Self ? state.HasVote
                    : detector.IsAlive(member) && (View.Number == 0 || peers[member].DiskId == View.DiskIdOf(member)))
                    voters = voters.With(member);
            }
            return voters;
        }
    }

    /// <summary>Members that are here again, but with an empty disk.</summary>
    public PeerSet PeersWithLostDisk
    {
        get
        {
            var wiped = default(PeerSet);
            foreach (int member in View.Members)
            {
                if (member != Self && View.Number != 0 && detector.IsAlive(member)
                    && peers[member].DiskId != View.DiskIdOf(member))
                    wiped = wiped.With(member);
            }
            return wiped;
        }
    }

    /// <summary>
    /// The present view is not what it should be: a member is dead, leaves or is another process now; somebody waits to
    /// be added; the order goes over a broken link; the other way of the exchange is due; the members' batches are clearly wrong;
    /// or members have promised a later view already.
    /// </summary>
    public bool IsChangeNeeded
    {
        get
        {
            if (View.Number == 0)
                return CanBootstrap;
            if (state.HasPromised)
                return true;
            foreach (int member in View.Members)
            {
                if (detector.HeartbeatOf(member) is { } heartbeat && heartbeat.View == View.Number
                    && heartbeat.Is(HeartbeatFlags.InViewChange))
                    return true;
            }
            if (View.IsFinal && View.Members.All(member => member == Self ? state.IsActive
                : !detector.IsAlive(member) || IsSameProcess(member)))
                return false; // all leave; nothing is to be decided any more
            if (ProposeNext() is not { } next)
                return false;
            return next.IsFinal || !SameMembers(next) || (!next.Members.SequenceEqual(View.Members) && OrderIsBroken)
                || (next.Exchange.Kind != View.Exchange.Kind && (Exchange.IsSwitchDue || MustSwitch(next))) || Batches.IsDue;
        }
    }

    /// <summary>This member agrees to a change that another one finds needed.</summary>
    public bool IsChangeAccepted =>
        IsChangeNeeded || (View.Number != 0 && (Exchange.AcceptsSwitch || Batches.AcceptsOthers));

    /// <summary>
    /// Those who asked to leave go with the next view: nobody has asked for a while, one has waited for long, or nobody would
    /// stay. Until then they stay, so that peers which are told to stop together end at one step.
    /// </summary>
    public bool AreLeavesDue => AreDue(Sort(default));

    bool CanBootstrap => Enumerable.Range(0, peers.Length).All(peer => peer == Self
        || (detector.HeartbeatOf(peer) is { View: 0 } heartbeat && heartbeat.Reachable.Contains(Self)
            && detector.Reachable.Contains(peer)));

    bool OrderIsBroken => View.Count > 1
        && Enumerable.Range(0, View.Count).Any(at =>
            !detector.AreConnected(View.Members[at], View.Members[(at + 1) % View.Count]));

    bool SameMembers(View next) => next.MemberSet == View.MemberSet && next.Members.All(member =>
        next.SessionOf(member) == View.SessionOf(member)
        && next.DiskIdOf(member) == View.DiskIdOf(member));

    /// <summary>The members that the next view should have, with sessions and order; null: none can be said.</summary>
    /// <param name="number">Its number.</param>
    /// <param name="without">Peers that are not to be members.</param>
    public View? ProposeNext(int number = 0, PeerSet without = default)
    {
        Candidates all = Sort(without);
        PeerSet staying = all.Staying;
        foreach (int peer in AreDue(all) ? default : all.Leaving)
        {
            if (IsSameProcess(peer))
                staying = staying.With(peer);
        }
        bool closed = staying.IsEmpty && all.Joining.IsEmpty;
        int[] order = closed ? Order(all.Leaving) : Order(staying, all.Joining);
        // Who leaves does not close the ring over a member that stays and is only slow to fetch what it lacks.
        if (order.Length == 0 || (closed && (View.IsFinal || all.Abandons)))
            return null;
        ExchangeChoice exchange = Exchange.Choose(order.Length);
        if (Exchange.IsAutomatic && exchange.Kind == ExchangeKind.Direct && !EveryPairIsConnected(order))
            exchange = exchange with { Kind = ExchangeKind.Ring };
        return new View(number, order, [.. order.Select(SessionOf)], 1, [.. order.Select(DiskIdOf)])
        {
            IsFinal = closed,
            Exchange = exchange,
        };
    }

    Candidates Sort(PeerSet without)
    {
        var all = default(Candidates);
        for (int peer = 0; peer < peers.Length; peer++)
        {
            bool continues = IsSameProcess(peer);
            if (!continues && !CanJoin(peer))
                continue;
            bool leaves = LeaveAskedAt(peer) is not null;
            if (without.Contains(peer))
                all.Abandons |= continues && !leaves;
            else if (leaves)
                all.Leaving = all.Leaving.With(peer);
            else if (continues)
                all.Staying = all.Staying.With(peer);
            else
                all.Joining = all.Joining.With(peer);
        }
        return all;
    }

    bool AreDue(in Candidates all)
    {
        if (View.IsFinal || (all.Staying.IsEmpty && all.Joining.IsEmpty))
            return true;
        TimeSpan newest = TimeSpan.MaxValue, oldest = TimeSpan.Zero;
        foreach (int peer in all.Leaving)
        {
            TimeSpan ago = clock.GetElapsedTime(LeaveAskedAt(peer)!.Value);
            (newest, oldest) = (ago < newest ? ago : newest, ago > oldest ? ago : oldest);
        }
        return newest >= options.Timings.LeaveGatherTime || oldest >= 2 * options.Timings.LeaveGatherTime;
    }

    long? LeaveAskedAt(int peer) => peer == Self ? state.LeaveAskedAt
        : detector.HeartbeatOf(peer) is null ? null : peers[peer].LeaveAskedAt;

    /// <summary>The way is set by hand to another one than the view's, or the members are not all connected any more.</summary>
    bool MustSwitch(View next) => !Exchange.IsAutomatic
        || (next.Exchange.Kind == ExchangeKind.Ring && !EveryPairIsConnected(next.Members));

    bool EveryPairIsConnected(IReadOnlyList<int> members) => detector.AreAllConnected(PeerSet.Of([.. members]));

    // Where every one reaches every other, which is almost always, there is nothing to search: the order is that of the ranks.
    int[] Order(PeerSet candidates) => detector.AreAllConnected(candidates) ? [.. candidates]
        : RingOrder.Of(candidates, detector.AreConnected, options.Exchange == ExchangeKind.Direct);

    /// <summary>
    /// An order of those who stay and of as many who join as it has place for: nobody is removed from the view for one who comes
    /// and does not reach all, or is not known yet to reach them.
    /// </summary>
    int[] Order(PeerSet staying, PeerSet joining)
    {
        int[] all = Order(staying.Union(joining));
        if (all.Length == staying.Count + joining.Count || staying.IsEmpty)
            return all;
        int[] order = Order(staying);
        foreach (int peer in joining)
        {
            int[] larger = Order(PeerSet.Of([.. order, peer]));
            if (larger.Length > order.Length)
                order = larger;
        }
        return order;
    }

    /// <summary>The very process that is in the view is still there.</summary>
    bool IsSameProcess(int peer)
    {
        if (View.Number == 0 || !View.MemberSet.Contains(peer))
            return false;
        if (peer == Self)
            return View.SessionOf(Self) == options.Session && state.HasVote;
        if (detector.IsAlive(peer))
            return peers[peer].Session == View.SessionOf(peer) && peers[peer].DiskId == View.DiskIdOf(peer);
        // A link that is broken for us only: others still hear it.
        foreach (int other in View.Members)
        {
            if (other != Self && other != peer && detector.HeartbeatOf(other) is { } heartbeat
                && heartbeat.Reachable.Contains(peer))
                return true;
        }
        return false;
    }

    /// <summary>A peer that is not in the view, or not with this process, is to be added.</summary>
    bool CanJoin(int peer)
    {
        if (View.Number == 0)
            return detector.IsAlive(peer);
        if (peer == Self)
            return state.IsCaughtUp && !state.IsActive;
        return detector.HeartbeatOf(peer) is { } heartbeat && heartbeat.View == View.Number
            && heartbeat.Is(HeartbeatFlags.CaughtUp) && heartbeat.Reachable.Contains(Self)
            && detector.Reachable.Contains(peer) && backoffs[peer].IsOver;
    }

    ulong SessionOf(int peer) => peer == Self ? options.Session
        : detector.IsAlive(peer) ? peers[peer].Session : View.SessionOf(peer);

    ulong DiskIdOf(int peer) => peer == Self ? state.DiskId : detector.IsAlive(peer) ? peers[peer].DiskId : View.DiskIdOf(peer);

    /// <summary>Notes who was removed from the view, so that one who comes and goes is not taken back at once again and
    /// again.</summary>
    public void OnViewInstalled(View old, View next)
    {
        Exchange.OnViewInstalled(old, next);
        Batches.OnViewInstalled(old, next);
        for (int peer = 0; peer < peers.Length; peer++)
        {
            if (peer == Self || !old.MemberSet.Contains(peer) || next.MemberSet.Contains(peer)
                || detector.HeartbeatOf(peer)?.Is(HeartbeatFlags.Leaving) == true)
                continue;
            backoffs[peer].OnRemoved(options.Timings);
        }
    }

    /// <summary>The peers that may be members of the next view, by what they want.</summary>
    struct Candidates
    {
        public PeerSet Staying, Joining, Leaving;

        /// <summary>A member that wants to stay is left out.</summary>
        public bool Abandons;
    }
}
