using DecentralizedLion.Codecs;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Snapshots;
using DecentralizedLion.Topology.Views;

namespace DecentralizedLion.Topology.Membership;

/// <summary>The member's part in deciding who takes part: when to propose, what it holds, what a decided view means for it.</summary>
public sealed partial class Member : IViewHost
{
    readonly ulong[] differing = new ulong[VoterSet.Capacity];
    (VoterSet Hears, StatusFlags Flags) said;
    long? needed, proposed, paused, seen;
    long reported;
    bool missed;

    bool IViewHost.ChangeIsNeeded => census.ChangeIsNeeded;

    (long Step, ChainDigest Chain) IViewHost.Tail => (journal.Last, journal.ChainAt(journal.Last));

    ulong IViewHost.IncarnationOf(int peer) => peer == Self ? acceptor.State.Incarnation : peers[peer].Incarnation;

    View? IViewHost.Draft(int number, long firstStep, ChainDigest chain, VoterSet without)
    {
        if (acceptor.View.Number == 0)
            return Found(number, without);
        if (census.Next(number, without) is not { } next)
            return null;
        return Copy(next, firstStep, acceptor.View.Lineage, chain, default, next.Closed);
    }

    bool IViewHost.HoldsAllBefore(View view) => HoldsAllBefore(view);

    void IViewHost.FetchBefore(View view, int holder)
    {
        before = (view, holder, clock.GetTimestamp());
        catchUp.Wake();
    }

    void IViewHost.Froze()
    {
        if (!said.Flags.HasFlag(StatusFlags.Frozen))
            SendStatus(); // so that nobody waits for our word in this view
    }

    void IViewHost.Send(int to, FrameKind kind, int number, in ViewMessage message) => outbox.Deciding(to, kind, number, message.Encode());

    void IViewHost.Decided(View view)
    {
        Install(view);
        for (int peer = 0; peer < peers.Length; peer++)
        {
            if (peer != Self && peers[peer].Session != 0)
                SendDecided(peer);
        }
    }

    void SendDecided(int to) =>
        outbox.Deciding(to, FrameKind.Decided, acceptor.View.Number, new ViewMessage(0, 0, 0, default, 0, acceptor.View).Encode());

    Links.DropReason? OnDecided(View view)
    {
        if (view.Number <= acceptor.View.Number)
            return Links.DropReason.Repeated;
        if (IsActive && view.Generation > acceptor.View.Generation)
        {
            Report($"{Names(view.Set)} began the run again with --refound while this ring goes on. Stop what was started with --refound");
            return Links.DropReason.View;
        }
        Install(view);
        return null;
    }

    /// <summary>One look at who is there and what is due.</summary>
    void Look()
    {
        if (failure is not null || started is null)
            return;
        MindTheGap();
        SayWhoIsSuspected();
        CheckCaughtUp();
        if ((census.Hears, Flags) != said)
            SendStatus(); // others judge by what we hear
        try
        {
            if (options.Founding != Founding.WholeRoster && !founded)
                FoundAlone();
            ProposeWhenNeeded();
            change.Look();
        }
        catch (IOException e)
        {
            Fail(Unwritable(e));
        }
        SayWhetherPaused();
        Kick();
    }

    /// <summary>The lowest rank that is there proposes first; the others leave it a moment.</summary>
    void ProposeWhenNeeded()
    {
        // Just started: those who have not been heard yet may be starting, too.
        bool early = !IsActive && Since(started) < options.Timings.SuspectAfter && !acceptor.View.Set.IsSubsetOf(census.Hears);
        if (!acceptor.HasVote || early || disputed || !census.ChangeIsNeeded)
        {
            needed = null;
            return;
        }
        if (needed is null)
            (needed, proposed) = (clock.GetTimestamp(), null);
        if (change.IsProposing)
            return;
        int rank = census.Voters.TakeWhile(member => member != Self).Count();
        TimeSpan wait = proposed is null ? rank * options.Timings.ProposeTimeout / 2
            : options.Timings.ProposeTimeout * (0.2 + random.NextDouble()) + rank * options.Timings.LookEvery;
        if (Since(proposed ?? needed) < wait || !acceptor.View.IsQuorum(census.Voters))
            return;
        proposed = clock.GetTimestamp();
        change.Propose();
    }

    /// <summary>The view that a run begins with: all peers, and the state that the furthest of them have.</summary>
    View? Found(int number, VoterSet without)
    {
        if (!without.IsEmpty)
            return null; // founding needs all
        var states = Enumerable.Range(0, peers.Length).Select(peer =>
        {
            SnapshotInfo? own = snapshots.Newest(SnapshotPart.Shared);
            return peer == Self ? (Peer: peer, Step: own?.Step ?? 0, State: own?.Sha ?? default)
                : (Peer: peer, Step: peers[peer].Hello?.Step ?? 0, State: peers[peer].Hello?.State ?? default);
        }).ToArray();
        // The furthest; of its states the one that most have, of equally many that of the lowest rank.
        var chosen = states.Where(peer => peer.Step == states.Max(other => other.Step)).GroupBy(peer => peer.State)
            .OrderByDescending(group => group.Count()).ThenBy(group => group.Min(peer => peer.Peer)).First().First();
        ulong lineage = NewNumber();
        return census.Next(number) is { Closed: false } next
            ? Copy(next, chosen.Step + 1, lineage, ChainDigest.Found(options.Fingerprint.Digest.Span, lineage, chosen.State), chosen.State, false)
            : null;
    }

    /// <summary>A person said so: this peer goes on alone, and the others join it.</summary>
    void FoundAlone()
    {
        bool heardAll = Enumerable.Range(0, peers.Length).All(peer => peer == Self || census.StatusOf(peer) is not null);
        if (!heardAll && Since(started) < options.Timings.SuspectAfter + options.Timings.HelloEvery)
            return;
        bool again = options.Founding == Founding.Again;
        VoterSet inTheWay = VoterSet.Of([.. Enumerable.Range(0, peers.Length).Where(peer =>
            census.StatusOf(peer) is { } status && (again ? status.Is(StatusFlags.Active) : status.View > 0))]);
        if (!inTheWay.IsEmpty || (!again && acceptor.View.Number > 0))
        {
            if (again)
                throw new RingException($"--refound was refused: {Names(inTheWay)} go on with the run. Start this peer without it: it joins them.");
            founded = true;
            Tell(new(RingEventKind.Waiting, -1, "--found was not needed: the run was begun before"));
            return;
        }
        SnapshotInfo? own = snapshots.Newest(SnapshotPart.Shared);
        if (own is null || (again && acceptor.View.Number == 0 && journal.Last == 0))
            throw new RingException("--refound needs a peer with a state of the run on its disk; this one has none. Start it on the host whose disk is whole.");
        founded = true;
        ulong lineage = NewNumber();
        long first = again ? journal.Last + 1 : own.Value.Step + 1;
        var view = new View(again ? View.NextGeneration(acceptor.View.Number) : 1, [Self], [options.Session], first, [acceptor.State.Incarnation])
        {
            Lineage = lineage,
            Base = again ? journal.ChainAt(journal.Last) : ChainDigest.Found(options.Fingerprint.Digest.Span, lineage, own.Value.Sha),
            Weights = again ? default : own.Value.Sha,
        };
        Install(view);
    }

    static View Copy(View from, long firstStep, ulong lineage, ChainDigest chain, ChainDigest weights, bool closed) =>
        new(from.Number, from.Members, [.. from.Members.Select(from.SessionOf)], firstStep, [.. from.Members.Select(from.IncarnationOf)])
        {
            Lineage = lineage,
            Base = chain,
            Weights = weights,
            Closed = closed,
        };

    /// <summary>Everything before a view is on this disk: the records, or of a founding view the state that it begins with.</summary>
    bool HoldsAllBefore(View view) => IsOnChain(view) || (view.Weights != default
        && snapshots.Newest(SnapshotPart.Shared, view.FirstStep - 1) is { } state && state.Step == view.FirstStep - 1 && state.Sha == view.Weights);

    bool IsOnChain(View view) => view.FirstStep > journal.First && view.FirstStep <= journal.Last + 1
        && journal.ChainAt(view.FirstStep - 1) == view.Base;

    /// <summary>A later view was decided: whatever was under way in the present one is void.</summary>
    void Install(View view)
    {
        View old = acceptor.View;
        long? since = needed;
        acceptor.Install(view);
        change.Reset();
        census.Changed(old, view);
        (needed, proposed, before, interrupted) = (null, null, null, true);
        outbox.View = view.Number;
        Suspend();
        watch.Clear();
        lacking = null;
        if (!IsOnChain(view) && HoldsAllBefore(view))
        {
            // A run begins with the state that is here.
            snapshots.DropAfter(view.FirstStep - 1);
            journal.Restart(view.FirstStep - 1, view.Base);
            if (view.Weights != initial)
                reload = new ReloadTurn(view.FirstStep - 1, null);
        }
        // Held in an earlier view, and decided otherwise since.
        if (view.FirstStep > journal.First && view.FirstStep <= journal.Last && Read(view.FirstStep).View < view.Number)
            Cut(view.FirstStep - 1);
        SayChange(old, view, since is { } from ? clock.GetElapsedTime(from) : null);
        Activate();
    }

    /// <summary>Takes part in the present view, if it is this process's and everything before it is here.</summary>
    void Activate()
    {
        View view = acceptor.View;
        if (view.SessionOf(Self) != options.Session || view.IncarnationOf(Self) != acceptor.State.Incarnation || view.Number == 0)
        {
            // A decided view's first step says that all before it is committed, also to those who are not in it.
            if (view.Number != 0 && tip.Step < view.FirstStep - 1 && IsOnChain(view))
                tip.MoveTo(view.FirstStep - 1);
            catchUp.Wake();
            return;
        }
        if (!IsOnChain(view) || lacking?.Step > journal.Last)
        {
            catchUp.Wake();
            return;
        }
        if (lacking is { } step)
            tip.MoveTo(step.Step);
        lacking = null;
        tip.MoveTo(Math.Max(view.FirstStep - 1, Math.Min(tip.Step, journal.Last)));
        census.IsActive = true;
        if (cast is { } given && given.Step <= tip.Step)
            cast = null;
        if (!view.Closed)
        {
            table = new StepTable(options, outbox, view, tip, this, clock);
            SayReady(TimeSpan.Zero);
        }
        SendStatus();
        Kick();
        Advance();
        if (missed && table is not null)
            pursuit.AskAgain(table.Open);
        missed = false;
    }

    /// <summary>Takes no part in steps until <see cref="Activate"/>.</summary>
    void Suspend()
    {
        table?.Forget();
        table = null;
        census.IsActive = census.IsCaughtUp = false;
    }

    /// <summary>A gap in our own clock (a suspended process, a laptop's lid) is nobody else's silence: all are counted anew.</summary>
    void MindTheGap()
    {
        if (Since(seen) > options.Timings.SuspectAfter / 2)
        {
            foreach (Acquaintance peer in peers)
                peer.Restart();
        }
        seen = clock.GetTimestamp();
    }

    void SayWhoIsSuspected()
    {
        for (int peer = 0; peer < peers.Length; peer++)
        {
            Acquaintance known = peers[peer];
            if (peer == Self || known.Session == 0)
                continue;
            bool suspected = !census.IsHeard(peer);
            if (suspected && !known.WasSuspected && acceptor.View.Set.Contains(peer) && acceptor.View.Number != 0 && !IsOver)
            {
                interrupted = true;
                Tell(new(RingEventKind.Suspected, peer, known.IsGone ? $"{options.Names[peer]} is gone: its connection closed and dialling is refused"
                    : $"{options.Names[peer]} gives no sign of life for {known.Silence.TotalSeconds:F1} s"));
            }
            known.WasSuspected = suspected;
        }
    }

    void SayWhetherPaused()
    {
        View view = acceptor.View;
        VoterSet voters = census.Voters;
        bool isPaused = view.Number != 0 && !IsOver && !view.IsQuorum(voters) && Since(started) > options.Timings.SuspectAfter;
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
