using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Membership;
using DecentralizedLion.Topology.Snapshots;
using DecentralizedLion.Topology.StateTransfer;
using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Topology.Node;

/// <summary>The recovery of what the member lacks: what is fetched, and what follows when it arrives.</summary>
sealed class RecoveryCoordinator : IStateTransferHost
{
    readonly MemberServices services;
    readonly RingOptions options;
    readonly TimeProvider clock;
    readonly IJournal journal;
    readonly ISnapshotStore snapshots;
    readonly RemotePeer[] peers;
    readonly MemberState state;
    readonly LastCommit lastCommit;
    readonly FailureDetector failureDetector;
    readonly TrainerPort trainer;
    readonly StepCoordinator steps;
    (View View, int Holder, long At)? prerequisite;
    (long Step, Digest Chain)? missingStep;
    (long Step, string Text)? repair;
    long? upToDate;

    public RecoveryCoordinator(MemberServices services, TrainerPort trainer, StepCoordinator steps, OperatorReports reports)
    {
        (this.services, this.trainer, this.steps) = (services, trainer, steps);
        (options, clock, journal, snapshots) = (services.Options, services.Clock, services.Journal, services.Snapshots);
        (peers, state, lastCommit) = (services.Peers, services.State, services.LastCommit);
        failureDetector = services.FailureDetector;
        var requester = new FetchRequester(services.FrameSender, options.Timings, services.Timings, clock,
            services.Random.NextDouble)
        {
            Unanswered = reports.ReportUnanswered,
        };
        Client = new StateTransferClient(options, requester, journal, snapshots, this, clock);
    }

    /// <summary>The views; set when the member is put together.</summary>
    public ViewCoordinator Views { private get; set; } = null!;

    /// <summary>The fetching of what is lacking.</summary>
    public StateTransferClient Client { get; }

    /// <summary>This replica's weights are damaged and not repaired yet.</summary>
    public bool IsRepairing => repair is not null;

    /// <summary>A step that the view says is decided, and that is not here; null: none.</summary>
    public long? MissingStep => missingStep?.Step;

    int Self => options.SelfIndex;

    FetchTarget? IStateTransferHost.Target
    {
        get
        {
            if (state.Failure is not null || steps.IsDisputed)
                return null;
            // A proposer asks again and again while it waits; what it no longer asks for is not needed.
            if (prerequisite is { } wanted && clock.GetElapsedTime(wanted.At) < services.Timings.ProposeTimeout)
                return GoalBefore(wanted.View);
            View view = state.View;
            // Not before the trainer waits: it may be committing a checkpoint of the damaged weights.
            if (repair is { } mend)
                return trainer.IsWaiting
                    ? new FetchTarget(mend.Step, default, false, default(Digest), StateMin: journal.BaseStep) : null;
            if (view.Number == 0 || state.IsActive)
                return null;
            if (missingStep is { } step)
                return new FetchTarget(step.Step, step.Chain, true);
            bool ours = view.SessionOf(Self) == options.Session && view.DiskIdOf(Self) == state.DiskId;
            if (state.IsLeaving && !ours) // it has left, and is to end at the step at which all end who leave with it
                return state.LeftBy is { } left && !HoldsAllBefore(left) ? GoalBefore(left) : null;
            return ours ? GoalBefore(view) : new FetchTarget(long.MaxValue, default, false);
        }
    }

    IEnumerable<int> IStateTransferHost.CandidateDonors(FetchTarget target)
    {
        if (prerequisite is { } wanted && wanted.Holder != Self && failureDetector.IsAlive(wanted.Holder))
            yield return wanted.Holder;
        // Begin behind ourselves in the roster, so that not all ask the same.
        for (int distance = 1; distance < peers.Length; distance++)
        {
            int peer = (Self + distance) % peers.Length;
            if (failureDetector.HeartbeatOf(peer) is not { } heartbeat || peer == prerequisite?.Holder)
                continue;
            bool useful = target.State is not null ? prerequisite is not null || heartbeat.Is(HeartbeatFlags.Active)
                : target.Step < long.MaxValue ? heartbeat.JournalStep >= target.Step
                : heartbeat.View >= state.View.Number && (heartbeat.Is(HeartbeatFlags.Active)
                    || heartbeat.Committed > journal.LastStep || heartbeat.Committed > lastCommit.CommitStep);
            if (useful)
                yield return peer;
        }
    }

    long IStateTransferHost.CommittedOf(int donor) => failureDetector.HeartbeatOf(donor)?.Committed ?? 0;

    bool IStateTransferHost.CanTruncate(int donor, long from) => !state.IsActive
        && failureDetector.HeartbeatOf(donor) is { } heartbeat && heartbeat.View >= state.View.Number
        && heartbeat.Is(HeartbeatFlags.Active) && (from > journal.LastStep || services.ReadRecord(from).View < state.View.Number);

    // A peer's own momentum is the best there is; with none on its disk, a donor's is better than none.
    bool IStateTransferHost.WantsMomentum => snapshots.Newest(SnapshotKind.Momentum) is not { Step: > 0 };

    void IStateTransferHost.OnRecordsFetched(int from, long committed, bool upToDate)
    {
        if (!state.IsActive && state.View.Number != 0)
            lastCommit.SeekTo(Math.Max(lastCommit.CommitStep, Math.Min(journal.LastStep, committed)));
        if (upToDate && failureDetector.HeartbeatOf(from)?.Is(HeartbeatFlags.Active) == true)
            this.upToDate = clock.GetTimestamp();
        AfterFetch();
    }

    void IStateTransferHost.TruncateAfter(long after) => TruncateJournal(after);

    void IStateTransferHost.OnSnapshotInstalled(SnapshotInfo snapshot, Digest chain)
    {
        if (repair is not null)
        {
            EndRepair(snapshot);
            return;
        }
        if (state.View.Number == 0)
        {
            // The state that the run is about to begin with; the view says where its chain begins.
            trainer.Reload(new LoadTurn(snapshot.Step, null));
            AfterFetch();
            return;
        }
        if (state.IsActive)
            return; // what was lacking came another way meanwhile
        snapshots.DropAfter(snapshot.Step);
        journal.ResetTo(snapshot.Step, chain);
        lastCommit.SeekTo(snapshot.Step);
        trainer.Reload(new LoadTurn(snapshot.Step, null));
        trainer.DropBallot();
        AfterFetch();
    }

    void IStateTransferHost.OnSnapshotPresent(SnapshotInfo snapshot) => EndRepair(snapshot);

    // A later one does as well: the journal goes on here.
    void IStateTransferHost.OnSnapshotMissing()
    {
        if (repair is { } mend)
            repair = mend with { Step = Math.Max(mend.Step, lastCommit.CommitStep) };
    }

    void IStateTransferHost.Raise(RingEvent happened) => services.Raise(happened);

    /// <summary>Looks again at what is lacking.</summary>
    public void Wake() => Client.Wake();

    /// <summary>Fetches what is missing before a proposed view's first step.</summary>
    public void RequestPrerequisites(View view, int holder)
    {
        prerequisite = (view, holder, clock.GetTimestamp());
        Wake();
    }

    /// <summary>Fetches a step that a quorum holds otherwise than this peer did.</summary>
    public void RequestStep(long step, Digest chain)
    {
        missingStep = (step, chain);
        Wake();
    }

    /// <summary>Forgets what a proposal lacked.</summary>
    public void DropPrerequisite() => prerequisite = null;

    /// <summary>Forgets the step that a quorum holds otherwise: it is here, or another view was decided.</summary>
    public void DropMissingStep() => missingStep = null;

    FetchTarget GoalBefore(View view) => view.InitialWeights != default
        ? new FetchTarget(view.FirstStep - 1, default, true, view.InitialWeights)
        : new FetchTarget(view.FirstStep - 1, view.BaseDigest, true);

    void AfterFetch()
    {
        if (prerequisite is { } wanted && HoldsAllBefore(wanted.View))
        {
            prerequisite = null;
            Views.RetryProposal();
        }
        if (!state.IsActive)
            Views.Activate();
        services.Tick();
    }

    /// <summary>
    /// Everything before a view is on this disk: the records, or of a run's first view the state that it begins with.
    /// </summary>
    public bool HoldsAllBefore(View view) => IsOnChain(view) || (view.InitialWeights != default
        && snapshots.Newest(SnapshotKind.Shared, view.FirstStep - 1) is { } snapshot && snapshot.Step == view.FirstStep - 1
        && snapshot.Sha == view.InitialWeights);

    /// <summary>The journal leads to a view's first step, by the chain that the view names.</summary>
    public bool IsOnChain(View view) => view.FirstStep > journal.BaseStep && view.FirstStep <= journal.LastStep + 1
        && journal.DigestAfter(view.FirstStep - 1) == view.BaseDigest;

    /// <summary>
    /// Cuts off the records of an earlier view from the present one's first step on: those steps were decided otherwise since.
    /// </summary>
    public void DropSupersededRecords()
    {
        View view = state.View;
        if (view.FirstStep > journal.BaseStep && view.FirstStep <= journal.LastStep
            && services.ReadRecord(view.FirstStep).View < view.Number)
            TruncateJournal(view.FirstStep - 1);
    }

    void TruncateJournal(long after)
    {
        long cut = journal.LastStep - after;
        journal.TruncateAfter(after);
        if (lastCommit.CommitStep > after)
        {
            trainer.DropBallot();
            snapshots.DropAfter(after);
            if (snapshots.Newest(SnapshotKind.Shared, after)?.Step >= journal.BaseStep)
            {
                lastCommit.SeekTo(after);
            }
            else
            {
                journal.ResetTo(0, default); // nothing here leads to that step: a snapshot has to come
                lastCommit.Reset();
            }
        }
        services.Raise(new(RingEventKind.JournalTruncated, -1, cut == 1
            ? $"this peer's journal held step {after + 1}, which the ring decided otherwise; it was removed and is fetched "
                + "again. There is nothing to do"
            : $"this peer's journal held steps {after + 1} to {after + cut}, which the ring decided otherwise; they were "
                + "removed and are fetched again. There is nothing to do"));
    }

    /// <summary>
    /// This replica's weights are damaged: it goes back to a checkpoint that others have, too, and on by the journal.
    /// </summary>
    public void Repair(long step)
    {
        if (repair is not null)
            return;
        repair = (lastCommit.CommitStep, $"found in step {step}");
        trainer.DropBallot();
        Wake();
    }

    void EndRepair(SnapshotInfo snapshot)
    {
        if (repair is not { } mend)
            return;
        snapshots.DropAfter(snapshot.Step);
        steps.ForgetOwnWeights();
        trainer.Reload(new LoadTurn(snapshot.Step, mend.Text));
        repair = null;
        trainer.DropBallot(); // a ballot of damaged weights is cast anew
        trainer.Wake();
    }

    /// <summary>Notes whether this process, outside the ring, has all there is: then it asks to join.</summary>
    public void CheckIsCaughtUp()
    {
        if (state.IsActive || state.View.Number == 0)
        {
            state.IsCaughtUp = false;
            return;
        }
        bool live = false, furthest = true;
        for (int peer = 0; peer < peers.Length; peer++)
        {
            if (failureDetector.HeartbeatOf(peer) is not { } heartbeat)
            {
                // It has greeted, and may say any moment how far the ring is.
                furthest &= peer == Self || !failureDetector.IsAlive(peer);
                continue;
            }
            live |= heartbeat.Is(HeartbeatFlags.Active);
            furthest &= heartbeat.View <= state.View.Number && heartbeat.JournalStep <= journal.LastStep + 2;
        }
        state.IsCaughtUp = live ? upToDate is not null && services.Since(upToDate) < services.Timings.CaughtUpFor : furthest;
    }
}
