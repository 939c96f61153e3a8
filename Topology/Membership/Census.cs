using DecentralizedLion.Codecs;
using DecentralizedLion.Topology.Views;

namespace DecentralizedLion.Topology.Membership;

/// <summary>
/// Who is there, who reaches whom, and what the next view should be: judged afresh from the latest heartbeats whenever it is asked.
/// Nothing here has an effect; members of a view whose judgements agree decide together.
/// </summary>
sealed class Census(MemberOptions options, Acceptor acceptor, Acquaintance[] peers, TimeProvider clock)
{
    readonly Removal[] removals = [.. peers.Select(_ => new Removal())];

    /// <summary>This peer wants to leave in order.</summary>
    public bool IsLeaving { get; set; }

    /// <summary>This process takes part in the present view.</summary>
    public bool IsActive { get; set; }

    /// <summary>This process is outside the ring and has all there is.</summary>
    public bool IsCaughtUp { get; set; }

    int Self => options.Self;

    View View => acceptor.View;

    /// <summary>The peers that this one hears, itself included.</summary>
    public VoterSet Hears
    {
        get
        {
            VoterSet hears = VoterSet.Of(Self);
            for (int peer = 0; peer < peers.Length; peer++)
            {
                if (peer != Self && IsHeard(peer) && !peers[peer].IsBroken)
                    hears = hears.With(peer);
            }
            return hears;
        }
    }

    /// <summary>Whether a peer's process is alive as far as this one hears itself.</summary>
    public bool IsHeard(int peer) => peer == Self
        || (peers[peer] is { Session: not 0, IsGone: false } known && known.Silence < options.Timings.SuspectAfter);

    /// <summary>The latest word of a peer that is heard; null: none.</summary>
    public PeerStatus? StatusOf(int peer) => peer != Self && IsHeard(peer) ? peers[peer].Status : null;

    /// <summary>The members with a vote on the next view that this peer reaches, itself included.</summary>
    public VoterSet Voters
    {
        get
        {
            var voters = default(VoterSet);
            foreach (int member in View.Members)
            {
                if (member == Self ? acceptor.HasVote
                    : IsHeard(member) && (View.Number == 0 || peers[member].Incarnation == View.IncarnationOf(member)))
                    voters = voters.With(member);
            }
            return voters;
        }
    }

    /// <summary>Members that are here again, but with an empty disk.</summary>
    public VoterSet Wiped
    {
        get
        {
            var wiped = default(VoterSet);
            foreach (int member in View.Members)
            {
                if (member != Self && View.Number != 0 && IsHeard(member) && peers[member].Incarnation != View.IncarnationOf(member))
                    wiped = wiped.With(member);
            }
            return wiped;
        }
    }

    /// <summary>Whether two peers reach each other, both ways, as far as heartbeats tell.</summary>
    public bool Linked(int a, int b) => HearsOf(a)?.Contains(b) != false && HearsOf(b)?.Contains(a) != false
        && (HearsOf(a) is not null || HearsOf(b) is not null);

    VoterSet? HearsOf(int peer) => peer == Self ? Hears : StatusOf(peer)?.Hears;

    /// <summary>
    /// Whether the present view is not what it should be: a member is dead, leaves or is another process now; somebody waits to be taken in; the
    /// order goes over a broken link; or members have promised a later view already.
    /// </summary>
    public bool ChangeIsNeeded
    {
        get
        {
            if (View.Number == 0)
                return CanFound;
            if (acceptor.Frozen)
                return true;
            foreach (int member in View.Members)
            {
                if (StatusOf(member) is { } status && status.View == View.Number && status.Is(StatusFlags.Frozen))
                    return true;
            }
            if (View.Closed && View.Members.All(member => member == Self ? IsActive : !IsHeard(member) || Continues(member)))
                return false; // all leave; nothing is to be decided any more
            if (Next() is not { } next)
                return false;
            return next.Closed || !SameMembers(next) || (!next.Members.SequenceEqual(View.Members) && OrderIsBroken);
        }
    }

    bool CanFound => Enumerable.Range(0, peers.Length).All(peer => peer == Self
        || (StatusOf(peer) is { View: 0 } status && status.Hears.Contains(Self) && Hears.Contains(peer)));

    bool OrderIsBroken => View.Count > 1
        && Enumerable.Range(0, View.Count).Any(at => !Linked(View.Members[at], View.Members[(at + 1) % View.Count]));

    bool SameMembers(View next) => next.Set == View.Set && next.Members.All(member => next.SessionOf(member) == View.SessionOf(member)
        && next.IncarnationOf(member) == View.IncarnationOf(member));

    /// <summary>The members that the next view should have, with sessions and order; null: none can be said.</summary>
    /// <param name="number">Its number.</param>
    /// <param name="without">Peers that are not to be members.</param>
    public View? Next(int number = 0, VoterSet without = default)
    {
        var (staying, joining, leaving) = (default(VoterSet), default(VoterSet), default(VoterSet));
        bool abandons = false;
        for (int peer = 0; peer < peers.Length; peer++)
        {
            bool continues = Continues(peer);
            if (!continues && !MayJoin(peer))
                continue;
            bool leaves = peer == Self ? IsLeaving : StatusOf(peer)?.Is(StatusFlags.Leaving) == true;
            if (without.Contains(peer))
                abandons |= continues && !leaves;
            else if (leaves)
                leaving = leaving.With(peer);
            else if (continues)
                staying = staying.With(peer);
            else
                joining = joining.With(peer);
        }
        bool closed = staying.IsEmpty && joining.IsEmpty;
        int[] order = closed ? Order(leaving) : Order(staying, joining);
        // Who leaves does not close the ring over a member that stays and is only slow to fetch what it lacks.
        if (order.Length == 0 || (closed && (View.Closed || abandons)))
            return null;
        return new View(number, order, [.. order.Select(SessionOf)], 1, [.. order.Select(IncarnationOf)]) { Closed = closed };
    }

    int[] Order(VoterSet candidates) => RingOrder.Of(candidates, Linked, options.Exchange == ExchangeKind.Direct);

    /// <summary>An order of those who stay and of as many who join as it has place for: nobody is voted out for one who comes and does
    /// not reach all, or is not known yet to reach them.</summary>
    int[] Order(VoterSet staying, VoterSet joining)
    {
        int[] all = Order(staying.Union(joining));
        if (all.Length == staying.Count + joining.Count || staying.IsEmpty)
            return all;
        int[] order = Order(staying);
        foreach (int peer in joining)
        {
            int[] larger = Order(VoterSet.Of([.. order, peer]));
            if (larger.Length > order.Length)
                order = larger;
        }
        return order;
    }

    /// <summary>Whether the very process that is in the view is still there.</summary>
    bool Continues(int peer)
    {
        if (View.Number == 0 || !View.Set.Contains(peer))
            return false;
        if (peer == Self)
            return View.SessionOf(Self) == options.Session && acceptor.HasVote;
        if (IsHeard(peer))
            return peers[peer].Session == View.SessionOf(peer) && peers[peer].Incarnation == View.IncarnationOf(peer);
        // A link that is broken for us only: others still hear it.
        foreach (int other in View.Members)
        {
            if (other != Self && other != peer && StatusOf(other) is { } status && status.Hears.Contains(peer))
                return true;
        }
        return false;
    }

    /// <summary>Whether a peer that is not in the view, or not with this process, is to be taken in.</summary>
    bool MayJoin(int peer)
    {
        if (View.Number == 0)
            return IsHeard(peer);
        if (peer == Self)
            return IsCaughtUp && !IsActive;
        return StatusOf(peer) is { } status && status.View == View.Number && status.Is(StatusFlags.CaughtUp) && status.Hears.Contains(Self)
            && Hears.Contains(peer) && clock.GetElapsedTime(removals[peer].At) >= removals[peer].Wait;
    }

    ulong SessionOf(int peer) => peer == Self ? options.Session : IsHeard(peer) ? peers[peer].Session : View.SessionOf(peer);

    ulong IncarnationOf(int peer) => peer == Self ? acceptor.State.Incarnation : IsHeard(peer) ? peers[peer].Incarnation : View.IncarnationOf(peer);

    /// <summary>Notes who was voted out, so that one who comes and goes is not taken back at once again and again.</summary>
    public void Changed(View old, View next)
    {
        for (int peer = 0; peer < peers.Length; peer++)
        {
            if (peer == Self || !old.Set.Contains(peer) || next.Set.Contains(peer) || StatusOf(peer)?.Is(StatusFlags.Leaving) == true)
                continue;
            Removal removal = removals[peer];
            if (removal.Wait > TimeSpan.Zero && clock.GetElapsedTime(removal.At) > 2 * options.Timings.ReadmitAtMostAfter)
                removal.Wait = TimeSpan.Zero; // it held out for long
            TimeSpan wait = removal.Count++ == 0 ? TimeSpan.Zero : removal.Wait == TimeSpan.Zero ? options.Timings.HelloEvery : 2 * removal.Wait;
            removal.Wait = wait < options.Timings.ReadmitAtMostAfter ? wait : options.Timings.ReadmitAtMostAfter;
            removal.At = clock.GetTimestamp();
        }
    }

    sealed class Removal
    {
        public int Count { get; set; }

        public long At { get; set; }

        public TimeSpan Wait { get; set; }
    }
}
