using DecentralizedLion.Codecs;
using DecentralizedLion.Topology.Views;

namespace DecentralizedLion.Topology.Membership;

/// <summary>What the operator hears of the views: who is suspected, who comes and goes, that the ring waits and for how many.</summary>
public sealed partial class Member
{
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
            if (suspected && !known.WasSuspected && acceptor.View.Set.Contains(peer) && acceptor.View.Number != 0 && !IsOver && !AllLeave)
            {
                interrupted = true;
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
    }

    void SayWhetherPaused()
    {
        View view = acceptor.View;
        VoterSet voters = census.Voters;
        bool isPaused = view.Number != 0 && !IsOver && !AllLeave && !view.IsQuorum(voters) && Since(started) > options.Timings.SuspectAfter;
        if (!isPaused)
        {
            if (paused is not null)
                Tell(new(RingEventKind.Resumed, -1, $"{voters.Count} of {view.Count} peers reachable again", Since(paused)));
            paused = null;
            return;
        }
        if (paused is not null && clock.GetElapsedTime(reported) < 6 * options.Timings.ReportEvery)
            return;
        if (paused is null)
            paused = clock.GetTimestamp();
        reported = clock.GetTimestamp();
        interrupted = true;
        VoterSet wiped = census.Wiped;
        Tell(new(RingEventKind.Paused, -1, $"paused: {voters.Count} of {view.Count} peers reachable, {view.QuorumSize} needed"
            + (census.Hears.Count == 1 ? "; if the run is over for the others, stop this peer" : "")
            + (wiped.IsEmpty ? "" : $"; {Names(wiped)} came back with an empty disk and cannot answer for what it knew. If the missing disks are lost, "
                + "stop this peer and start it with --refound: the others then join it")));
    }

    void SayChange(View old, View view, TimeSpan? took)
    {
        if (IsOver && old.Number != 0)
            return;
        if (old.Number == 0 || view.Generation > old.Generation)
        {
            Tell(new(RingEventKind.Founded, -1, view.Generation > old.Generation
                ? $"view {view.Name}: {Names(view.Set)} began the run again from step {view.FirstStep}"
                : $"view {view.Name}: {Ordered(view)} take part; the first step here is {view.FirstStep}"));
            return;
        }
        foreach (int peer in old.Set.Except(view.Set))
        {
            bool leaves = peer == Self ? census.IsLeaving : peers[peer].Status?.Is(StatusFlags.Leaving) == true;
            Tell(leaves ? new(RingEventKind.Leaving, peer, $"{options.Names[peer]} leaves in order")
                : new(RingEventKind.Removed, peer, $"{options.Names[peer]} was voted out"));
        }
        foreach (int peer in view.Set)
        {
            if (view.SessionOf(peer) != old.SessionOf(peer))
                Tell(new(RingEventKind.Admitted, peer, $"{options.Names[peer]} is taken in"));
        }
        Tell(new(RingEventKind.ViewChanged, -1, view.Closed ? $"view {view.Name}: all leave after step {view.FirstStep - 1}"
            : $"view {view.Name}: {Ordered(view)} from step {view.FirstStep}", took));
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
