using DecentralizedLion.Codecs;
using DecentralizedLion.Topology.Views;

namespace DecentralizedLion.Topology.Membership;

/// <summary>How the run ends for a member: its last step, or a wish to leave in order.</summary>
public sealed partial class Member
{
    long? asked, over;
    (long At, long Sum) progress;

    /// <summary>The run's last step is committed here; who is suspected from now on has most likely just ended.</summary>
    bool IsOver => tip.Step >= options.LastStep;

    /// <summary>Asks to leave in order.</summary>
    public void RequestStop()
    {
        if (asked is null)
            asked = clock.GetTimestamp();
        census.IsLeaving = true;
        Look();
    }

    /// <summary>The last turn, when nobody needs this peer any more; null: not yet.</summary>
    EndTurn? EndingTurn()
    {
        if (applied != tip.Step || (!IsOver && !census.IsLeaving))
            return null;
        View view = acceptor.View;
        if (over is null)
        {
            over = clock.GetTimestamp();
            progress = (over.Value, 0);
        }
        bool left = !IsOver;
        string? note = null;
        if (left && (view.Number == 0 || (view.SessionOf(Self) != options.Session && !Lingers(view))))
            note = view.Number == 0 ? "stopped before the run began" : null;
        else if (IsOver)
        {
            VoterSet late = Unfinished();
            if (!late.IsEmpty && clock.GetElapsedTime(progress.At) <= 2 * options.Timings.FarewellTimeout)
                return null;
            note = late.IsEmpty ? null : $"{Names(late)} did not finish and made no progress for {2 * options.Timings.FarewellTimeout.TotalSeconds:F0} s; "
                + "started again while this peer runs, too, it fetches the rest";
        }
        else if (!view.Closed || !AllKnow(view, view.FirstStep - 1))
        {
            if (Since(asked) < options.Timings.FarewellTimeout)
                return null;
            note = $"left without the others' word after {options.Timings.FarewellTimeout.TotalSeconds:F0} s: too few of them are reachable to agree on it";
        }
        SendStatus(); // our last word may be the one that another waits for
        return new EndTurn(left, note);
    }

    /// <summary>Who was voted out because it leaves stays until the others know the view without it.</summary>
    bool Lingers(View view) => Since(asked) < options.Timings.FarewellTimeout && !AllKnow(view, 0);

    bool AllKnow(View view, long step) => view.Members.All(member => member == Self || census.StatusOf(member) is not { } status
        || (status.View >= view.Number && status.Committed >= step));

    /// <summary>
    /// The peers that are heard, or were a moment ago, and have not committed the last step. One that is fetching is waited for as long as it
    /// makes progress; one that said that it has the last step and has ended since is not waited for.
    /// </summary>
    VoterSet Unfinished()
    {
        long sum = 0;
        VoterSet late = default;
        for (int peer = 0; peer < peers.Length; peer++)
        {
            if (peer == Self)
                continue;
            Acquaintance known = peers[peer];
            if (known.Status is { } status)
                sum += status.Held + status.Committed;
            bool hasFinished = known.Status?.Committed >= options.LastStep;
            // It may be there and not have been heard yet, or be cut off for a moment.
            bool isThere = known.Session == 0 ? Since(started) < options.Timings.SuspectAfter : !known.IsGone;
            if (!hasFinished && isThere)
                late = late.With(peer);
        }
        if (sum > progress.Sum)
            progress = (clock.GetTimestamp(), sum);
        return late;
    }
}
