using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Topology.Node;

/// <summary>The peers that come and go with a view, by comparison with the view before it.</summary>
/// <param name="Leaving">Members of the view before that leave in order.</param>
/// <param name="Lost">Members of the view before that were removed from the view.</param>
/// <param name="Rejoined">Members whose process was started again, or that had been removed from the view before.</param>
/// <param name="Joined">Members that were none before.</param>
readonly record struct ViewDifference(PeerSet Leaving, PeerSet Lost, PeerSet Rejoined, PeerSet Joined)
{
    /// <summary>
    /// This process was in the view before; else that view is history, and its own return: the others tell of the rest.
    /// </summary>
    public bool WasMember { get; init; }

    /// <summary>A member of the view before was started again.</summary>
    public bool HasRestarted { get; init; }

    /// <summary>The view begins a run, or begins it again.</summary>
    public bool IsBootstrap { get; init; }

    /// <summary>Nobody was lost or came back: the view follows from a wish.</summary>
    public bool IsPlanned { get; init; }

    /// <summary>
    /// Steps stopped because of a fault. That one comes back who had been removed from the view follows from an earlier one.
    /// </summary>
    public bool IsByFault => !IsBootstrap && WasMember && !IsPlanned && (HasRestarted || !Lost.IsEmpty || Rejoined.IsEmpty);

    /// <summary>Compares a view with the one before it.</summary>
    /// <param name="old">The view before.</param>
    /// <param name="view">The view.</param>
    /// <param name="wasMember">This process was in the view before.</param>
    /// <param name="isLeaving">Says of a peer that it leaves in order.</param>
    /// <param name="removed">Peers that were removed from the view before.</param>
    public static ViewDifference Between(View old, View view, bool wasMember, Func<int, bool> isLeaving, PeerSet removed)
    {
        var (left, lost, back, joined) = (default(PeerSet), default(PeerSet), default(PeerSet), default(PeerSet));
        foreach (int peer in old.IsFinal ? default : old.MemberSet.Except(view.MemberSet)) // who left with all is not missed
            (left, lost) = isLeaving(peer) ? (left.With(peer), lost) : (left, lost.With(peer));
        bool restarted = false;
        foreach (int peer in view.MemberSet)
        {
            if (old.IsFinal || view.SessionOf(peer) == old.SessionOf(peer))
                continue;
            restarted |= old.MemberSet.Contains(peer);
            bool returns = old.MemberSet.Contains(peer) || removed.Contains(peer);
            (back, joined) = returns ? (back.With(peer), joined) : (back, joined.With(peer));
        }
        return new ViewDifference(left, lost, back, joined)
        {
            WasMember = wasMember,
            HasRestarted = restarted,
            IsBootstrap = old.Number == 0 || view.Generation > old.Generation,
            IsPlanned = old.IsFinal || (lost.IsEmpty && back.IsEmpty && !(left.IsEmpty && joined.IsEmpty && !view.IsFinal
                && view.Exchange.Kind == old.Exchange.Kind && !BatchPlanner.HaveChanged(old, view))),
        };
    }
}
