using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Membership;
using DecentralizedLion.Topology.Snapshots;
using DecentralizedLion.Topology.Transport;
using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Topology.Node;

/// <summary>The member's part in view changes: when it proposes, and what a decided view means for it.</summary>
sealed class ViewCoordinator : IViewHost
{
    // A member that takes part has missed a few at most: otherwise it would have been removed from the view.
    const int ViewsMissedMax = 1000;

    readonly MemberServices services;
    readonly RingOptions options;
    readonly TimeProvider clock;
    readonly IJournal journal;
    readonly ISnapshotStore snapshots;
    readonly RemotePeer[] peers;
    readonly FrameSender frameSender;
    readonly MemberState state;
    readonly LastCommit lastCommit;
    readonly FailureDetector failureDetector;
    readonly ViewPlanner planner;
    readonly Acceptor acceptor;
    readonly ViewChange change;
    Digest initial;
    long? needed, proposed;
    bool missed;

    public ViewCoordinator(MemberServices services, Acceptor acceptor)
    {
        (this.services, this.acceptor) = (services, acceptor);
        (options, clock, journal, snapshots) = (services.Options, services.Clock, services.Journal, services.Snapshots);
        (peers, frameSender, state, lastCommit) = (services.Peers, services.FrameSender, services.State, services.LastCommit);
        (failureDetector, planner) = (services.FailureDetector, services.Planner);
        change = new ViewChange(Self, acceptor, this, clock, () => services.Timings.ProposeTimeout,
            () => services.Timings.ProposeInterval, services.Random.NextDouble);
    }

    public required OperatorReports Reports { private get; init; }

    public required HeartbeatSender Heartbeats { private get; init; }

    public required Bootstrapper Bootstrapper { private get; init; }

    public required TrainerPort Trainer { private get; init; }

    public required StepCoordinator Steps { private get; init; }

    public required RecoveryCoordinator Recovery { private get; init; }

    public required Retransmitter Retransmitter { private get; init; }

    int Self => options.SelfIndex;

    bool IViewHost.IsChangeNeeded => planner.IsChangeNeeded;

    bool IViewHost.IsChangeAccepted => planner.IsChangeAccepted;

    (long Step, Digest Chain) IViewHost.LastRecord => (journal.LastStep, journal.DigestAfter(journal.LastStep));

    ulong IViewHost.DiskIdOf(int peer) => peer == Self ? state.DiskId : peers[peer].DiskId;

    View? IViewHost.BuildView(int number, long firstStep, Digest chain, PeerSet without)
    {
        if (state.View.Number == 0)
            return Bootstrapper.BuildFirstView(number, without);
        if (planner.ProposeNext(number, without) is not { } next)
            return null;
        return Bootstrapper.Copy(next, firstStep, state.View.RunId, chain,
            planner.Batches.SharesOf(next.Members, state.View, firstStep), default);
    }

    bool IViewHost.HoldsAllBefore(View view) => Recovery.HoldsAllBefore(view);

    void IViewHost.RequestPrerequisites(View view, int holder) => Recovery.RequestPrerequisites(view, holder);

    void IViewHost.OnPromised()
    {
        if (!Heartbeats.SaysInViewChange)
            Heartbeats.Send(); // so that nobody waits for our word in this view
    }

    void IViewHost.Send(int to, FrameKind kind, int number, in ViewMessage message) =>
        frameSender.SendForView(to, kind, number, message.Encode());

    void IViewHost.OnDecided(View view)
    {
        Install(view);
        for (int peer = 0; peer < peers.Length; peer++)
        {
            if (peer != Self && peers[peer].Session != 0)
                SendDecided(peer);
        }
    }

    /// <summary>Notes the state that this process starts from.</summary>
    public void OnStart() => initial = snapshots.Newest(SnapshotKind.Shared)?.Sha ?? default;

    /// <summary>Proposes when it is time to, and goes on with what is proposed.</summary>
    public void Tick()
    {
        planner.Batches.Tick();
        ProposeWhenNeeded();
        change.Tick();
    }

    /// <summary>Takes a message of the decision on the next view; false when it is of no use.</summary>
    public bool OnMessage(int from, FrameKind kind, int number, in ViewMessage message) =>
        change.OnMessage(from, kind, number, message);

    /// <summary>
    /// Notes that frames of members of a later view were dropped before that view is known here: they must be asked for.
    /// </summary>
    public void NoteMissedFrames() => missed = true;

    /// <summary>Something that an acceptance lacked has come.</summary>
    public void RetryProposal() => change.Retry();

    /// <summary>Tells a peer the present view.</summary>
    public void SendDecided(int to) =>
        frameSender.SendForView(to, FrameKind.Decided, state.View.Number,
            ViewMessage.Decided(state.View).Encode());

    /// <summary>A peer claims that a view was decided.</summary>
    public DropReason? OnDecided(int from, View view)
    {
        if (view.Number <= state.View.Number)
            return DropReason.Repeated;
        if (state.IsActive && view.Generation > state.View.Generation)
        {
            string names = services.Names(view.MemberSet);
            Reports.RaiseIgnored($"{names} forced a new ring while this one is running, which ignores it. Stop {names}, and "
                + "delete the peer's folder before you start it again without --force-new-ring");
            return DropReason.View;
        }
        if (state.IsActive && FindConflict(view) is { } contradiction && !state.View.IsQuorum(MembersAtView(view.Number)))
        {
            string name = options.PeerIds[from];
            Reports.RaiseIgnored($"{name} claims that view {view.Name} was decided, but {contradiction}. That is ignored until a "
                + $"quorum confirms it. Check that {name}'s folder is its own and of this run");
            return DropReason.View;
        }
        Install(view);
        return null;
    }

    /// <summary>
    /// The reason why a view cannot have been decided, by what is known here; null: it may have been, which nobody can prove.
    /// A quorum that lost its disks with steps that were applied here may have to decide such a view, and one member alone may
    /// make one up.
    /// </summary>
    string? FindConflict(View view) => view.Generation != state.View.Generation ? null
        : view.Number - state.View.Number > ViewsMissedMax ? $"the last one known here is view {state.View.Name}"
        : view.RunId != state.View.RunId ? "it has another run id"
        : view.InitialWeights != default ? "it begins a run that has already begun"
        : view.FirstStep <= lastCommit.CommitStep
            ? $"it begins at step {view.FirstStep}, and step {lastCommit.CommitStep} is already committed"
        : view.FirstStep == lastCommit.CommitStep + 1 && view.BaseDigest != lastCommit.CommitDigest
            ? $"it continues from another step {lastCommit.CommitStep} than the committed one"
        : null;

    /// <summary>The members that say that they know a view with this number, or a later one.</summary>
    PeerSet MembersAtView(int number) =>
        PeerSet.Of([.. state.View.Members.Where(member =>
            failureDetector.HeartbeatOf(member) is { } heartbeat && heartbeat.View >= number)]);

    /// <summary>The lowest rank that is there proposes first; the others leave it a moment.</summary>
    void ProposeWhenNeeded()
    {
        // Just started: those of the last view who have not been heard, or have not said yet that they have all, may be
        // starting, too.
        bool early = !state.IsActive && services.Since(state.StartedAt) < services.Timings.SuspicionTimeout
            && (planner.ProposeNext() is not { } whole || !state.View.MemberSet.IsSubsetOf(whole.MemberSet));
        if (!state.HasVote || early || failureDetector.IsJustResumed || Steps.IsDisputed || !planner.IsChangeNeeded)
        {
            needed = null;
            return;
        }
        if (needed is null)
            (needed, proposed) = (clock.GetTimestamp(), null);
        if (change.IsProposing || change.IsOtherProposing)
            return;
        int rank = planner.ReachableAcceptors.TakeWhile(member => member != Self).Count();
        TimeSpan timeout = services.Timings.ProposeTimeout;
        TimeSpan wait = proposed is null ? rank * timeout / 2
            : timeout * (0.2 + services.Random.NextDouble()) + rank * options.Timings.TickInterval;
        if (services.Since(proposed ?? needed) < wait || !state.View.IsQuorum(planner.ReachableAcceptors))
            return;
        proposed = clock.GetTimestamp();
        change.Propose();
    }

    /// <summary>A later view was decided: whatever was under way in the present one is void.</summary>
    public void Install(View view)
    {
        View old = state.View;
        long? since = needed;
        acceptor.Install(view);
        change.Reset();
        planner.OnViewInstalled(old, view);
        (needed, proposed) = (null, null);
        if (state.IsLeaving && old.SessionOf(Self) == options.Session && view.SessionOf(Self) != options.Session)
            state.LeftBy = view;
        Recovery.DropPrerequisite();
        Reports.OnViewInstalled();
        frameSender.View = view.Number;
        Steps.Suspend();
        Steps.OnViewInstalled(old, view);
        Recovery.DropMissingStep();
        if (!Recovery.IsOnChain(view) && Recovery.HoldsAllBefore(view))
        {
            // A run begins with the state that is here.
            snapshots.DropAfter(view.FirstStep - 1);
            journal.ResetTo(view.FirstStep - 1, view.BaseDigest);
            if (view.InitialWeights != initial)
                Trainer.Reload(new LoadTurn(view.FirstStep - 1, null));
        }
        Recovery.DropSupersededRecords();
        ViewDifference difference = Reports.Compare(old, view);
        bool isOver = services.IsLastStepCommitted && old.Number != 0;
        Reports.ReportViewChange(old, view, difference, since is { } from ? clock.GetElapsedTime(from) : null);
        Reports.NoteFault(difference.IsByFault && !isOver, view.MemberSet.Contains(Self));
        Activate();
    }

    /// <summary>Takes part in the present view, if it is this process's and everything before it is here.</summary>
    public void Activate()
    {
        View view = state.View;
        if (view.SessionOf(Self) != options.Session || view.DiskIdOf(Self) != state.DiskId || view.Number == 0)
        {
            // A decided view's first step says that all before it is committed, also to those who are not in it.
            if (view.Number != 0 && lastCommit.CommitStep < view.FirstStep - 1 && Recovery.IsOnChain(view))
                lastCommit.SeekTo(view.FirstStep - 1);
            Recovery.Wake();
            return;
        }
        if (!Recovery.IsOnChain(view) || Recovery.MissingStep > journal.LastStep)
        {
            Recovery.Wake();
            return;
        }
        if (Recovery.MissingStep is { } step)
            lastCommit.SeekTo(step);
        Recovery.DropMissingStep();
        lastCommit.SeekTo(Math.Max(view.FirstStep - 1, Math.Min(lastCommit.CommitStep, journal.LastStep)));
        state.IsActive = true;
        Trainer.DropCommittedBallot();
        if (!view.IsFinal && view.Count >= options.MinPeers)
            Steps.Begin(view);
        Heartbeats.Send();
        Trainer.Wake();
        Steps.SubmitOrRelay();
        if (missed && Steps.Inflight is { } inflight)
            Retransmitter.RequestMissing(inflight.Current);
        missed = false;
    }
}
