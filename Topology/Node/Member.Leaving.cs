using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Topology.Membership;
using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Topology.Node;

/// <summary>How the run ends for a member: its last step, or a wish to leave in order.</summary>
public sealed partial class Member
{
    long? asked, over;
    (long At, long Sum) progress;

    /// <summary>The run's last step is committed here; who is suspected from now on has most likely just ended.</summary>
    bool IsOver => commitState.CommitStep >= options.LastStep;

    /// <summary>Asks to leave in order.</summary>
    public void RequestStop()
    {
        if (asked is null)
            asked = clock.GetTimestamp();
        failureDetector.IsLeaving = true;
        Tick();
    }

    /// <summary>The last turn, when nobody needs this peer any more; null: not yet.</summary>
    EndTurn? EndingTurn()
    {
        if (applied != commitState.CommitStep || (!IsOver && !failureDetector.IsLeaving))
            return null;
        View view = acceptor.View;
        if (over is null)
        {
            over = clock.GetTimestamp();
            progress = (over.Value, 0);
        }
        bool left = !IsOver;
        string? note = null;
        if (left && (view.Number == 0 || (view.SessionOf(Self) != options.Session && !MustStay(view))))
            note = view.Number == 0 ? "stopped before the run began" : null;
        else if (IsOver)
        {
            PeerSet late = PeersBehind();
            if (!late.IsEmpty && clock.GetElapsedTime(progress.At) <= 2 * options.Timings.LeaveTimeout)
                return null;
            note = late.IsEmpty ? null : $"{Names(late)} did not finish and made no progress for {2 * options.Timings.LeaveTimeout.TotalSeconds:F0} s; "
                + "started again while this peer runs, too, it fetches the rest";
        }
        else if (!view.IsFinal || !AllKnow(view, view.FirstStep - 1))
        {
            if (Since(asked) < options.Timings.LeaveTimeout)
                return null;
            note = $"left without the others' word after {options.Timings.LeaveTimeout.TotalSeconds:F0} s: too few of them are reachable to agree on it";
        }
        SendHeartbeat(); // our last word may be the one that another waits for
        return new EndTurn(left, note);
    }

    /// <summary>Who was voted out because it leaves stays until the others know the view without it.</summary>
    bool MustStay(View view) => Since(asked) < options.Timings.LeaveTimeout && !AllKnow(view, 0);

    bool AllKnow(View view, long step) => view.Members.All(member => member == Self || failureDetector.HeartbeatOf(member) is not { } heartbeat
        || (heartbeat.View >= view.Number && heartbeat.Committed >= step));

    /// <summary>
    /// The peers that are heard, or were a moment ago, and have not committed the last step. One that is fetching is waited for as long as it
    /// makes progress; one that said that it has the last step and has ended since is not waited for.
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
            bool isThere = known.Session == 0 ? Since(started) < options.Timings.SuspicionTimeout : !known.IsDisconnected;
            if (!hasFinished && isThere)
                late = late.With(peer);
        }
        if (sum > progress.Sum)
            progress = (clock.GetTimestamp(), sum);
        return late;
    }
}
