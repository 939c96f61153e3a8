using DecentralizedLion.Codecs;
using DecentralizedLion.Topology.Views;

namespace DecentralizedLion.Topology.Membership;

/// <summary>What the operator hears of the views: who is suspected, who comes and goes, that the ring waits and for how many.</summary>
public sealed partial class Member
{
    VoterSet votedOut;

    /// <summary>The ring was closed by all: who is silent has most likely ended.</summary>
    bool AllLeave => acceptor.View.Closed && census.IsLeaving;

    void SayWhoIsSuspected()
    {
        for (int peer = 0; peer < peers.Length; peer++)
        {
            Acquaintance known = peers[peer];
            if (peer == Self || known.Session == 0)
                continue;
            bool suspected = !census.IsHeard(peer);
            if (suspected && !known.WasSuspected && known.Status?.Is(StatusFlags.Leaving) != true && acceptor.View.Set.Contains(peer) && acceptor.View.Number != 0 && !IsOver && !AllLeave)
            {
                interrupted = isByFault = true;
                Tell(new(RingEventKind.Suspected, peer, known.Shunned == known.Session ? $"{options.Names[peer]} is taken for dead: it misbehaved"
                    : known.IsGone ? $"{options.Names[peer]} is gone: its connection closed and dialling is refused"
                    : $"{options.Names[peer]} gives no sign of life for {known.Silence.TotalSeconds:F1} s"));
            }
            known.WasSuspected = suspected;
        }
    }

    void SayWhoKnocks()
    {
        for (int peer = 0; peer < peers.Length; peer++)
        {
            if (strangers.Due(peer) is { } text)
                Tell(new(RingEventKind.Refused, peer, text));
        }
        if (rejections.TryTakeReport() is { } report)
            Tell(new(RingEventKind.Refused, -1, report));
    }

    void SayWhetherPaused()
    {
        View view = acceptor.View;
        VoterSet voters = census.Voters;
        bool isPaused = view.Number != 0 && !IsOver && !AllLeave && !view.IsQuorum(voters) && Since(started) > options.Timings.SuspectAfter;
        if (!isPaused)
        {
            if (paused is not null && committedAt is not null)
                Tell(new(RingEventKind.Resumed, -1, $"{voters.Count} of {view.Count} peers reachable again", Since(paused)));
            paused = null;
            return;
        }
        if (paused is not null && clock.GetElapsedTime(reported) < 6 * options.Timings.ReportEvery)
            return;
        bool isNews = paused is null;
        paused ??= clock.GetTimestamp();
        reported = clock.GetTimestamp();
        // A process that made no step yet stops nothing: it waits, as after a power cut, or after all had left.
        bool waits = committedAt is null;
        interrupted = true;
        isByFault |= !waits;
        VoterSet wiped = census.Wiped;
        Tell(new(waits ? RingEventKind.Waiting : RingEventKind.Paused, -1,
            $"{(waits ? "waiting" : "paused")}: {voters.Count} of {view.Count} peers reachable, {view.QuorumSize} needed"
            + (census.Hears.Count == 1 && !waits ? "; if the run is over for the others, stop this peer" : "")
            + (wiped.IsEmpty ? "" : $"; {Names(wiped)} came back with an empty disk and cannot answer for what it knew. If the missing disks are lost, "
                + "stop this peer and start it with --refound: the others then join it")
            + (isNews && wiped.IsEmpty ? $". {WhyUnreachable(view, voters) ?? (waits ? Greeting.Silent : "")}".TrimEnd(' ', '.') : "")));
    }

    /// <summary>The reasons why some members cannot be reached; null: none is known.</summary>
    string? WhyUnreachable(View view, VoterSet voters)
    {
        string[] reasons = [.. view.Set.Except(voters).Where(peer => peer != Self).Select(greeting.Reason).OfType<string>().Take(Greeting.MostReasons)];
        return reasons.Length > 0 ? string.Join(". ", reasons) : null;
    }

    /// <summary>Tells what is another in a view than in the one before it.</summary>
    /// <returns>Whether steps stopped because of a fault. That one comes back who had been voted out follows from an earlier one.</returns>
    bool SayChange(View old, View view, TimeSpan? took)
    {
        if (IsOver && old.Number != 0)
            return false;
        if (old.Number == 0 || view.Generation > old.Generation)
        {
            Tell(new(RingEventKind.Founded, -1, view.Generation > old.Generation
                ? $"view {view.Name}: {Names(view.Set)} began the run again from step {view.FirstStep}"
                : $"view {view.Name}: {Ordered(view)} take part; the first step here is {view.FirstStep}"));
            return false;
        }
        bool wasIn = old.SessionOf(Self) == options.Session; // else it is history, and its own return: the others tell of the rest
        var (left, lost, back, joined) = (default(VoterSet), default(VoterSet), default(VoterSet), default(VoterSet));
        foreach (int peer in old.Closed ? default : old.Set.Except(view.Set)) // who left with all is not missed
        {
            bool leaves = peer == Self ? census.IsLeaving : peers[peer].Status?.Is(StatusFlags.Leaving) == true;
            (left, lost) = leaves ? (left.With(peer), lost) : (left, lost.With(peer));
            if (wasIn)
                Tell(leaves ? new(RingEventKind.Leaving, peer, $"{options.Names[peer]} leaves in order")
                    : new(RingEventKind.Removed, peer, $"{options.Names[peer]} was voted out"));
        }
        bool restarted = false;
        foreach (int peer in view.Set)
        {
            if (old.Closed || view.SessionOf(peer) == old.SessionOf(peer))
                continue;
            restarted |= old.Set.Contains(peer);
            bool returns = old.Set.Contains(peer) || votedOut.Contains(peer);
            (back, joined) = returns ? (back.With(peer), joined) : (back, joined.With(peer));
            if (wasIn || peer == Self)
                Tell(returns ? new(RingEventKind.Admitted, peer, $"{options.Names[peer]} is taken in") : new(RingEventKind.Joined, peer, $"{options.Names[peer]} joins"));
        }
        votedOut = votedOut.Union(lost).Except(view.Set);
        bool isPlanned = old.Closed || (lost.IsEmpty && back.IsEmpty && !(left.IsEmpty && joined.IsEmpty && !view.Closed));
        if (wasIn || old.Closed)
            Tell(new(isPlanned ? RingEventKind.Regrouped : RingEventKind.ViewChanged, -1,
                view.Closed ? $"view {view.Name}: all leave after step {view.FirstStep - 1}"
                : old.Closed ? $"view {view.Name}: {Ordered(view)} go on from step {view.FirstStep}"
                : $"view {view.Name}: {Ordered(view)} from step {view.FirstStep}", took));
        return wasIn && !isPlanned && (restarted || !lost.IsEmpty || back.IsEmpty);
    }

    string Ordered(View view) => string.Join(" → ", view.Members.Select(member => options.Names[member]));

    void Report(string text)
    {
        if (clock.GetElapsedTime(reported) < options.Timings.ReportEvery)
            return;
        reported = clock.GetTimestamp();
        Tell(new(RingEventKind.Waiting, -1, text));
    }
}
