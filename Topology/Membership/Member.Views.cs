using DecentralizedLion.Codecs;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Snapshots;
using DecentralizedLion.Topology.Views;

namespace DecentralizedLion.Topology.Membership;

/// <summary>The member's part in deciding who takes part: when to propose, what it holds, what a decided view means for it.</summary>
public sealed partial class Member : IViewHost
{
    // A member that takes part has missed a few at most: it would be voted out, and told why.
    const int MostViewsMissed = 1000;

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

    Transport.DropReason? OnDecided(int from, View view)
    {
        if (view.Number <= acceptor.View.Number)
            return Transport.DropReason.Repeated;
        if (IsActive && view.Generation > acceptor.View.Generation)
        {
            Report($"{Names(view.Set)} began the run again with --refound while this ring goes on. Stop what was started with --refound");
            return Transport.DropReason.View;
        }
        if (IsActive && Contradiction(view) is { } contradiction && !acceptor.View.IsQuorum(Knowing(view.Number)))
        {
            Report($"{options.Names[from]} says that view {view.Name} was decided, and that cannot be: {contradiction}. It is believed when a quorum says so");
            return Transport.DropReason.View;
        }
        Install(view);
        return null;
    }

    /// <summary>What a decided view cannot be, by what is known here; null: it may be true, which nobody can prove. A quorum that lost its
    /// disks with steps that were applied here may have to decide such a view, and one member alone may make one up.</summary>
    string? Contradiction(View view) => view.Generation != acceptor.View.Generation ? null
        : view.Number - acceptor.View.Number > MostViewsMissed ? $"the last one known here is view {acceptor.View.Name}"
        : view.Lineage != acceptor.View.Lineage ? "it is of another founding"
        : view.Weights != default ? "it begins a run that was begun before"
        : view.FirstStep <= tip.Step ? $"it begins with step {view.FirstStep}, and step {tip.Step} is committed"
        : view.FirstStep == tip.Step + 1 && view.Base != tip.Chain ? $"it goes on from another step {tip.Step} than the one that is committed"
        : null;

    /// <summary>The members that say that they know a view with this number, or a later one.</summary>
    VoterSet Knowing(int number) =>
        VoterSet.Of([.. acceptor.View.Members.Where(member => census.StatusOf(member) is { } status && status.View >= number)]);

    /// <summary>One look at who is there and what is due.</summary>
    void Look()
    {
        if (failure is not null || started is null)
            return;
        MindTheGap();
        SayWhoIsSuspected();
        SayWhoKnocks();
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
        // Just started: those of the last view who have not been heard, or have not said yet that they have all, may be starting, too.
        bool early = !IsActive && Since(started) < options.Timings.SuspectAfter
            && (census.Next() is not { } whole || !acceptor.View.Set.IsSubsetOf(whole.Set));
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
        CutWhatWasDecidedOtherwise();
        // What stopped a ring that goes on without this peer is over for it.
        isByFault = (SayChange(old, view, since is { } from ? clock.GetElapsedTime(from) : null) || isByFault) && view.Set.Contains(Self);
        Activate();
    }

    /// <summary>What was held in an earlier view from the present one's first step on was decided otherwise since.</summary>
    void CutWhatWasDecidedOtherwise()
    {
        View view = acceptor.View;
        if (view.FirstStep > journal.First && view.FirstStep <= journal.Last && Read(view.FirstStep).View < view.Number)
            Cut(view.FirstStep - 1);
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
}
