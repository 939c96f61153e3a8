using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Membership;
using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Topology.Node;

/// <summary>The end of the run for a member: after its last step, or because it was asked to leave in order.</summary>
sealed class LeaveCoordinator(MemberServices services, HeartbeatSender heartbeats)
{
    readonly RingOptions options = services.Options;
    readonly TimeProvider clock = services.Clock;
    readonly RemotePeer[] peers = services.Peers;
    readonly MemberState state = services.State;
    readonly LastCommit lastCommit = services.LastCommit;
    readonly FailureDetector failureDetector = services.FailureDetector;
    long? due, over;
    (long At, long Sum) progress;

    int Self => options.SelfIndex;

    /// <summary>Notes that this peer is asked to leave in order.</summary>
    public void RequestStop()
    {
        state.LeaveAskedAt ??= clock.GetTimestamp();
    }

    /// <summary>The last turn, when nobody needs this peer any more; null: not yet.</summary>
    /// <param name="applied">The last step that the trainer applied.</param>
    public EndTurn? TryEnd(long applied)
    {
        if (applied != lastCommit.CommitStep || (!services.IsLastStepCommitted && !state.IsLeaving))
            return null;
        View view = state.View;
        if (over is null)
        {
            over = clock.GetTimestamp();
            progress = (over.Value, 0);
        }
        if (state.IsLeaving && (view.SessionOf(Self) != options.Session || services.Planner.AreLeavesDue))
            due ??= clock.GetTimestamp();
        bool left = !services.IsLastStepCommitted;
        string? note = null;
        if (left && (view.Number == 0 || (view.SessionOf(Self) != options.Session && !MustStay(view))))
            note = view.Number == 0 ? "stopped before the run began" : null;
        else if (services.IsLastStepCommitted)
        {
            PeerSet late = PeersBehind();
            if (!late.IsEmpty && clock.GetElapsedTime(progress.At) <= 2 * services.Timings.LeaveTimeout)
                return null;
            note = late.IsEmpty ? null : $"{services.Names(late)} made no progress for "
                + $"{2 * services.Timings.LeaveTimeout.TotalSeconds:F0} s before the last step. Start {services.Names(late)} "
                + "while this peer or another that has all steps is running, to fetch the rest";
        }
        else if (!view.IsFinal || !AllKnow(view, view.FirstStep - 1))
        {
            if (services.Since(due) < services.Timings.LeaveTimeout)
                return null;
            note = $"left after {services.Timings.LeaveTimeout.TotalSeconds:F0} s without confirmation: too few peers were "
                + "reachable. The others may see this as a crash; no data is lost";
        }
        heartbeats.Send(); // another peer may wait for our last heartbeat
        return new EndTurn(left, note);
    }

    /// <summary>
    /// A peer that was removed from the view because it leaves stays until the others know the view without it, and until it has
    /// the last step that it was a member in.
    /// </summary>
    bool MustStay(View view) => services.Since(due) < services.Timings.LeaveTimeout
        && (!AllKnow(view, 0) || lastCommit.CommitStep < state.LeftBy?.FirstStep - 1);

    bool AllKnow(View view, long step) => view.Members.All(member => member == Self
        || failureDetector.HeartbeatOf(member) is not { } heartbeat
        || (heartbeat.View >= view.Number && heartbeat.Committed >= step));

    /// <summary>
    /// The peers that are heard, or were a moment ago, and have not committed the last step. One that is fetching is waited for
    /// as long as it makes progress; one that said that it has the last step and has ended since is not waited for.
    /// </summary>
    PeerSet PeersBehind()
    {
        long sum = 0;
        PeerSet late = default;
        for (int peer = 0; peer < peers.Length; peer++)
        {
            if (peer == Self)
                continue;
            RemotePeer known = peers[peer];
            if (known.Heartbeat is { } heartbeat)
                sum += heartbeat.JournalStep + heartbeat.Committed;
            bool hasFinished = known.Heartbeat?.Committed >= options.LastStep;
            // It may be there and not have been heard yet, or be cut off for a moment.
            bool isThere = known.Session == 0
                ? services.Since(state.StartedAt) < services.Timings.SuspicionTimeout : !known.IsDisconnected;
            if (!hasFinished && isThere)
                late = late.With(peer);
        }
        if (sum > progress.Sum)
            progress = (clock.GetTimestamp(), sum);
        return late;
    }
}
