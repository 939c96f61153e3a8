using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Topology.Membership;
using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Topology.Node;

/// <summary>What the operator hears of the views: who is suspected, who comes and goes, that the ring waits and for how many.</summary>
public sealed partial class Member
{
    PeerSet removed;

    /// <summary>The ring was closed by all: who is silent has most likely ended.</summary>
    bool AllLeave => acceptor.View.IsFinal && failureDetector.IsLeaving;

    void ReportSuspicions()
    {
        for (int peer = 0; peer < peers.Length; peer++)
        {
            RemotePeer known = peers[peer];
            if (peer == Self || known.Session == 0)
                continue;
            bool suspected = !failureDetector.IsAlive(peer);
            if (suspected && !known.WasSuspected && known.Heartbeat?.Is(HeartbeatFlags.Leaving) != true && acceptor.View.MemberSet.Contains(peer) && acceptor.View.Number != 0 && !IsOver && !AllLeave)
            {
                interrupted = isAfterFault = true;
                Raise(new(RingEventKind.Suspected, peer, known.ExcludedSession == known.Session ? $"{options.PeerIds[peer]} is taken for dead: it misbehaved"
                    : known.IsDisconnected ? $"{options.PeerIds[peer]} is gone: its connection closed and dialling is refused"
                    : $"{options.PeerIds[peer]} gives no sign of life for {known.Silence.TotalSeconds:F1} s"));
            }
            known.WasSuspected = suspected;
        }
    }

    void ReportForeignTraffic()
    {
        for (int peer = 0; peer < peers.Length; peer++)
        {
            if (foreignTraffic.TryTakeReport(peer) is { } text)
                Raise(new(RingEventKind.Refused, peer, text));
        }
        if (rejections.TryTakeReport() is { } report)
            Raise(new(RingEventKind.Refused, -1, report));
    }

    void ReportPause()
    {
        View view = acceptor.View;
        PeerSet voters = failureDetector.ReachableAcceptors;
        bool isPaused = view.Number != 0 && !IsOver && !AllLeave && !view.IsQuorum(voters) && Since(started) > options.Timings.SuspicionTimeout;
        if (!isPaused)
        {
            if (paused is not null && committedAt is not null)
                Raise(new(RingEventKind.Resumed, -1, $"{voters.Count} of {view.Count} peers reachable again", Since(paused)));
            paused = null;
            return;
        }
        if (paused is not null && clock.GetElapsedTime(reported) < 6 * options.Timings.ReportInterval)
            return;
        bool isNews = paused is null;
        paused ??= clock.GetTimestamp();
        reported = clock.GetTimestamp();
        // A process that made no step yet stops nothing: it waits, as after a power cut, or after all had left.
        bool waits = committedAt is null;
        interrupted = true;
        isAfterFault |= !waits;
        PeerSet wiped = failureDetector.PeersWithLostDisk;
        Raise(new(waits ? RingEventKind.Waiting : RingEventKind.Paused, -1,
            $"{(waits ? "waiting" : "paused")}: {voters.Count} of {view.Count} peers reachable, {view.QuorumSize} needed"
            + (failureDetector.Reachable.Count == 1 && !waits ? "; if the run is over for the others, stop this peer" : "")
            + (wiped.IsEmpty ? "" : $"; {Names(wiped)} came back with an empty disk and cannot answer for what it knew. If the missing disks are lost, "
                + "stop this peer and start it with --refound: the others then join it")
            + (isNews && wiped.IsEmpty ? $". {WhyUnreachable(view, voters) ?? (waits ? Handshake.UnreachableHint : "")}".TrimEnd(' ', '.') : "")));
    }

    /// <summary>The reasons why some members cannot be reached; null: none is known.</summary>
    string? WhyUnreachable(View view, PeerSet voters)
    {
        string[] reasons = [.. view.MemberSet.Except(voters).Where(peer => peer != Self).Select(handshake.Reason).OfType<string>().Take(Handshake.ReasonsMax)];
        return reasons.Length > 0 ? string.Join(". ", reasons) : null;
    }

    /// <summary>Tells what is another in a view than in the one before it.</summary>
    /// <returns>Whether steps stopped because of a fault. That one comes back who had been voted out follows from an earlier one.</returns>
    bool ReportViewChange(View old, View view, TimeSpan? took)
    {
        if (IsOver && old.Number != 0)
            return false;
        if (old.Number == 0 || view.Generation > old.Generation)
        {
            Raise(new(RingEventKind.Bootstrapped, -1, view.Generation > old.Generation
                ? $"view {view.Name}: {Names(view.MemberSet)} began the run again from step {view.FirstStep}"
                : $"view {view.Name}: {Ordered(view)} take part; the first step here is {view.FirstStep}"));
            return false;
        }
        bool wasIn = old.SessionOf(Self) == options.Session; // else it is history, and its own return: the others tell of the rest
        var (left, lost, back, joined) = (default(PeerSet), default(PeerSet), default(PeerSet), default(PeerSet));
        foreach (int peer in old.IsFinal ? default : old.MemberSet.Except(view.MemberSet)) // who left with all is not missed
        {
            bool leaves = peer == Self ? failureDetector.IsLeaving : peers[peer].Heartbeat?.Is(HeartbeatFlags.Leaving) == true;
            (left, lost) = leaves ? (left.With(peer), lost) : (left, lost.With(peer));
            if (wasIn)
                Raise(leaves ? new(RingEventKind.Leaving, peer, $"{options.PeerIds[peer]} leaves in order")
                    : new(RingEventKind.Removed, peer, $"{options.PeerIds[peer]} was voted out"));
        }
        bool restarted = false;
        foreach (int peer in view.MemberSet)
        {
            if (old.IsFinal || view.SessionOf(peer) == old.SessionOf(peer))
                continue;
            restarted |= old.MemberSet.Contains(peer);
            bool returns = old.MemberSet.Contains(peer) || removed.Contains(peer);
            (back, joined) = returns ? (back.With(peer), joined) : (back, joined.With(peer));
            if (wasIn || peer == Self)
                Raise(returns ? new(RingEventKind.Rejoined, peer, $"{options.PeerIds[peer]} is taken in") : new(RingEventKind.Joined, peer, $"{options.PeerIds[peer]} joins"));
        }
        removed = removed.Union(lost).Except(view.MemberSet);
        bool isPlanned = old.IsFinal || (lost.IsEmpty && back.IsEmpty && !(left.IsEmpty && joined.IsEmpty && !view.IsFinal));
        if (wasIn || old.IsFinal)
            Raise(new(isPlanned ? RingEventKind.Reconfigured : RingEventKind.ViewChanged, -1,
                view.IsFinal ? $"view {view.Name}: all leave after step {view.FirstStep - 1}"
                : old.IsFinal ? $"view {view.Name}: {Ordered(view)} go on from step {view.FirstStep}"
                : $"view {view.Name}: {Ordered(view)} from step {view.FirstStep}", took));
        return wasIn && !isPlanned && (restarted || !lost.IsEmpty || back.IsEmpty);
    }

    string Ordered(View view) => string.Join(" → ", view.Members.Select(member => options.PeerIds[member]));

    void RaiseThrottled(string text)
    {
        if (clock.GetElapsedTime(reported) < options.Timings.ReportInterval)
            return;
        reported = clock.GetTimestamp();
        Raise(new(RingEventKind.Waiting, -1, text));
    }
}
