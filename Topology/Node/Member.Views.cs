using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Membership;
using DecentralizedLion.Topology.StateTransfer;
using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Topology.Node;

/// <summary>The member's part in deciding who takes part: when to propose, what it holds, what a decided view means for it.</summary>
public sealed partial class Member : IViewHost
{
    // A member that takes part has missed a few at most: it would be voted out, and told why.
    const int ViewsMissedMax = 1000;

    (PeerSet Hears, HeartbeatFlags Flags) lastHeartbeat;
    long? needed, proposed, paused, seen;
    long reported;
    bool missed;

    bool IViewHost.IsChangeNeeded => failureDetector.IsChangeNeeded;

    (long Step, Digest Chain) IViewHost.LastRecord => (journal.LastStep, journal.DigestAfter(journal.LastStep));

    ulong IViewHost.DiskIdOf(int peer) => peer == Self ? acceptor.State.DiskId : peers[peer].DiskId;

    View? IViewHost.BuildView(int number, long firstStep, Digest chain, PeerSet without)
    {
        if (acceptor.View.Number == 0)
            return BuildFirstView(number, without);
        if (failureDetector.ProposeNext(number, without) is not { } next)
            return null;
        return Copy(next, firstStep, acceptor.View.RunId, chain, default, next.IsFinal);
    }

    bool IViewHost.HoldsAllBefore(View view) => HoldsAllBefore(view);

    void IViewHost.RequestPrerequisites(View view, int holder)
    {
        prerequisite = (view, holder, clock.GetTimestamp());
        stateTransfer.Wake();
    }

    void IViewHost.OnPromised()
    {
        if (!lastHeartbeat.Flags.HasFlag(HeartbeatFlags.InViewChange))
            SendHeartbeat(); // so that nobody waits for our word in this view
    }

    void IViewHost.Send(int to, FrameKind kind, int number, in ViewMessage message) => frameSender.SendForView(to, kind, number, message.Encode());

    void IViewHost.OnDecided(View view)
    {
        Install(view);
        for (int peer = 0; peer < peers.Length; peer++)
        {
            if (peer != Self && peers[peer].Session != 0)
                SendDecided(peer);
        }
    }

    void SendDecided(int to) =>
        frameSender.SendForView(to, FrameKind.Decided, acceptor.View.Number, new ViewMessage(0, 0, 0, default, 0, acceptor.View).Encode());

    DropReason? OnDecided(int from, View view)
    {
        if (view.Number <= acceptor.View.Number)
            return DropReason.Repeated;
        if (IsActive && view.Generation > acceptor.View.Generation)
        {
            RaiseThrottled($"{Names(view.MemberSet)} began the run again with --refound while this ring goes on. Stop what was started with --refound");
            return DropReason.View;
        }
        if (IsActive && FindConflict(view) is { } contradiction && !acceptor.View.IsQuorum(MembersAtView(view.Number)))
        {
            RaiseThrottled($"{options.PeerIds[from]} says that view {view.Name} was decided, and that cannot be: {contradiction}. It is believed when a quorum says so");
            return DropReason.View;
        }
        Install(view);
        return null;
    }

    /// <summary>What a decided view cannot be, by what is known here; null: it may be true, which nobody can prove. A quorum that lost its
    /// disks with steps that were applied here may have to decide such a view, and one member alone may make one up.</summary>
    string? FindConflict(View view) => view.Generation != acceptor.View.Generation ? null
        : view.Number - acceptor.View.Number > ViewsMissedMax ? $"the last one known here is view {acceptor.View.Name}"
        : view.RunId != acceptor.View.RunId ? "it is of another founding"
        : view.InitialWeights != default ? "it begins a run that was begun before"
        : view.FirstStep <= commitState.CommitStep ? $"it begins with step {view.FirstStep}, and step {commitState.CommitStep} is committed"
        : view.FirstStep == commitState.CommitStep + 1 && view.BaseDigest != commitState.CommitDigest ? $"it goes on from another step {commitState.CommitStep} than the one that is committed"
        : null;

    /// <summary>The members that say that they know a view with this number, or a later one.</summary>
    PeerSet MembersAtView(int number) =>
        PeerSet.Of([.. acceptor.View.Members.Where(member => failureDetector.HeartbeatOf(member) is { } heartbeat && heartbeat.View >= number)]);

    /// <summary>One look at who is there and what is due.</summary>
    void Tick()
    {
        if (failure is not null || started is null)
            return;
        ResetSilenceAfterClockGap();
        ReportSuspicions();
        ReportForeignTraffic();
        CheckIsCaughtUp();
        if ((failureDetector.Reachable, Flags) != lastHeartbeat)
            SendHeartbeat(); // others judge by what we hear
        try
        {
            if (options.Bootstrap != Bootstrap.AllPeers && !bootstrapped)
                BootstrapAlone();
            ProposeWhenNeeded();
            change.Tick();
        }
        catch (IOException e)
        {
            Fail(Unwritable(e));
        }
        ReportPause();
        WakeTrainer();
    }

    /// <summary>The lowest rank that is there proposes first; the others leave it a moment.</summary>
    void ProposeWhenNeeded()
    {
        // Just started: those of the last view who have not been heard, or have not said yet that they have all, may be starting, too.
        bool early = !IsActive && Since(started) < options.Timings.SuspicionTimeout
            && (failureDetector.ProposeNext() is not { } whole || !acceptor.View.MemberSet.IsSubsetOf(whole.MemberSet));
        if (!acceptor.HasVote || early || disputed || !failureDetector.IsChangeNeeded)
        {
            needed = null;
            return;
        }
        if (needed is null)
            (needed, proposed) = (clock.GetTimestamp(), null);
        if (change.IsProposing)
            return;
        int rank = failureDetector.ReachableAcceptors.TakeWhile(member => member != Self).Count();
        TimeSpan wait = proposed is null ? rank * options.Timings.ProposeTimeout / 2
            : options.Timings.ProposeTimeout * (0.2 + random.NextDouble()) + rank * options.Timings.TickInterval;
        if (Since(proposed ?? needed) < wait || !acceptor.View.IsQuorum(failureDetector.ReachableAcceptors))
            return;
        proposed = clock.GetTimestamp();
        change.Propose();
    }

    /// <summary>Everything before a view is on this disk: the records, or of a founding view the state that it begins with.</summary>
    bool HoldsAllBefore(View view) => IsOnChain(view) || (view.InitialWeights != default
        && snapshots.Newest(SnapshotKind.Shared, view.FirstStep - 1) is { } state && state.Step == view.FirstStep - 1 && state.Sha == view.InitialWeights);

    bool IsOnChain(View view) => view.FirstStep > journal.BaseStep && view.FirstStep <= journal.LastStep + 1
        && journal.DigestAfter(view.FirstStep - 1) == view.BaseDigest;

    /// <summary>A later view was decided: whatever was under way in the present one is void.</summary>
    void Install(View view)
    {
        View old = acceptor.View;
        long? since = needed;
        acceptor.Install(view);
        change.Reset();
        failureDetector.OnViewInstalled(old, view);
        (needed, proposed, prerequisite, interrupted) = (null, null, null, true);
        frameSender.View = view.Number;
        Suspend();
        divergence.Clear();
        missingStep = null;
        if (!IsOnChain(view) && HoldsAllBefore(view))
        {
            // A run begins with the state that is here.
            snapshots.DropAfter(view.FirstStep - 1);
            journal.ResetTo(view.FirstStep - 1, view.BaseDigest);
            if (view.InitialWeights != initial)
                reload = new LoadTurn(view.FirstStep - 1, null);
        }
        DropSupersededRecords();
        // What stopped a ring that goes on without this peer is over for it.
        isAfterFault = (ReportViewChange(old, view, since is { } from ? clock.GetElapsedTime(from) : null) || isAfterFault) && view.MemberSet.Contains(Self);
        Activate();
    }

    /// <summary>What was held in an earlier view from the present one's first step on was decided otherwise since.</summary>
    void DropSupersededRecords()
    {
        View view = acceptor.View;
        if (view.FirstStep > journal.BaseStep && view.FirstStep <= journal.LastStep && Read(view.FirstStep).View < view.Number)
            TruncateJournal(view.FirstStep - 1);
    }

    /// <summary>Takes part in the present view, if it is this process's and everything before it is here.</summary>
    void Activate()
    {
        View view = acceptor.View;
        if (view.SessionOf(Self) != options.Session || view.DiskIdOf(Self) != acceptor.State.DiskId || view.Number == 0)
        {
            // A decided view's first step says that all before it is committed, also to those who are not in it.
            if (view.Number != 0 && commitState.CommitStep < view.FirstStep - 1 && IsOnChain(view))
                commitState.SeekTo(view.FirstStep - 1);
            stateTransfer.Wake();
            return;
        }
        if (!IsOnChain(view) || missingStep?.Step > journal.LastStep)
        {
            stateTransfer.Wake();
            return;
        }
        if (missingStep is { } step)
            commitState.SeekTo(step.Step);
        missingStep = null;
        commitState.SeekTo(Math.Max(view.FirstStep - 1, Math.Min(commitState.CommitStep, journal.LastStep)));
        failureDetector.IsActive = true;
        if (cast is { } given && given.Step <= commitState.CommitStep)
            cast = null;
        if (!view.IsFinal)
        {
            inflight = new InflightSteps(options, frameSender, view, commitState, this, clock);
            SendReady(TimeSpan.Zero);
        }
        SendHeartbeat();
        WakeTrainer();
        SubmitOrRelay();
        if (missed && inflight is not null)
            retransmitter.RequestMissing(inflight.Current);
        missed = false;
    }

    /// <summary>Takes no part in steps until <see cref="Activate"/>.</summary>
    void Suspend()
    {
        inflight?.Release();
        inflight = null;
        failureDetector.IsActive = failureDetector.IsCaughtUp = false;
    }

    /// <summary>A gap in our own clock (a suspended process, a laptop's lid) is nobody else's silence: all are counted anew.</summary>
    void ResetSilenceAfterClockGap()
    {
        if (Since(seen) > options.Timings.SuspicionTimeout / 2)
        {
            foreach (RemotePeer peer in peers)
                peer.ResetSilence();
        }
        seen = clock.GetTimestamp();
    }
}
