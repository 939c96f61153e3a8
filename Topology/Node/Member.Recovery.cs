using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Membership;
using DecentralizedLion.Topology.StateTransfer;
using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Topology.Node;

/// <summary>What the member lacks, and what it does with what came.</summary>
public sealed partial class Member : IStateTransferHost
{
    (View View, int Holder, long At)? prerequisite;
    (long Step, Digest Chain)? missingStep;
    (long Step, string Text)? repair;
    long? upToDate;
    bool bootstrapped;

    FetchTarget? IStateTransferHost.Target
    {
        get
        {
            if (failure is not null || disputed)
                return null;
            // A proposer asks again and again while it waits; what it no longer asks for is not needed.
            if (prerequisite is { } wanted && clock.GetElapsedTime(wanted.At) < options.Timings.ProposeTimeout)
                return GoalBefore(wanted.View);
            View view = acceptor.View;
            // Not before the trainer waits: it may be writing a checkpoint of the damaged weights.
            if (repair is { } mend)
                return waiting is { Task.IsCompleted: false } ? new FetchTarget(mend.Step, default, false, default(Digest)) : null;
            if (view.Number == 0 || IsActive)
                return null;
            if (missingStep is { } step)
                return new FetchTarget(step.Step, step.Chain, true);
            bool ours = view.SessionOf(Self) == options.Session && view.DiskIdOf(Self) == acceptor.State.DiskId;
            if (failureDetector.IsLeaving && !ours)
                return null; // it has left
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
                : heartbeat.View >= acceptor.View.Number && (heartbeat.Is(HeartbeatFlags.Active) || heartbeat.Committed > journal.LastStep || heartbeat.Committed > commitState.CommitStep);
            if (useful)
                yield return peer;
        }
    }

    long IStateTransferHost.CommittedOf(int donor) => failureDetector.HeartbeatOf(donor)?.Committed ?? 0;

    bool IStateTransferHost.CanTruncate(int donor, long from) => !IsActive && failureDetector.HeartbeatOf(donor) is { } heartbeat && heartbeat.View >= acceptor.View.Number
        && heartbeat.Is(HeartbeatFlags.Active) && (from > journal.LastStep || Read(from).View < acceptor.View.Number);

    // A peer's own momentum is the best there is; with none on its disk, a donor's is better than none.
    bool IStateTransferHost.WantsMomentum => snapshots.Newest(SnapshotKind.Momentum) is not { Step: > 0 };

    void IStateTransferHost.OnRecordsFetched(int from, long committed, bool upToDate)
    {
        if (!IsActive && acceptor.View.Number != 0)
            commitState.SeekTo(Math.Max(commitState.CommitStep, Math.Min(journal.LastStep, committed)));
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
        if (acceptor.View.Number == 0)
        {
            // The state that the run is about to begin with; the view says where its chain begins.
            reload = new LoadTurn(snapshot.Step, null);
            AfterFetch();
            return;
        }
        if (IsActive)
            return; // what was lacking came another way meanwhile
        snapshots.DropAfter(snapshot.Step);
        journal.ResetTo(snapshot.Step, chain);
        commitState.SeekTo(snapshot.Step);
        reload = new LoadTurn(snapshot.Step, null);
        cast = null;
        AfterFetch();
    }

    void IStateTransferHost.OnSnapshotPresent(SnapshotInfo snapshot) => EndRepair(snapshot);

    void IStateTransferHost.Raise(RingEvent happened) => Raise(happened);

    FetchTarget GoalBefore(View view) => view.InitialWeights != default
        ? new FetchTarget(view.FirstStep - 1, default, true, view.InitialWeights)
        : new FetchTarget(view.FirstStep - 1, view.BaseDigest, true);

    void AfterFetch()
    {
        if (prerequisite is { } wanted && HoldsAllBefore(wanted.View))
        {
            prerequisite = null;
            change.Retry();
        }
        if (!IsActive)
            Activate();
        Tick();
    }

    void TruncateJournal(long after)
    {
        long cut = journal.LastStep - after;
        journal.TruncateAfter(after);
        if (commitState.CommitStep > after)
        {
            cast = null;
            snapshots.DropAfter(after);
            if (snapshots.Newest(SnapshotKind.Shared, after)?.Step >= journal.BaseStep)
            {
                commitState.SeekTo(after);
            }
            else
            {
                journal.ResetTo(0, default); // nothing here leads to that step: a snapshot has to come
                commitState.Reset();
            }
        }
        Raise(new(RingEventKind.JournalTruncated, -1, cut == 1 ? $"step {after + 1} was held here but decided otherwise since; it was cut off the journal"
            : $"steps {after + 1} to {after + cut} are not the ring's; they were cut off the journal"));
    }

    /// <summary>This replica's weights are damaged: it goes back to a checkpoint that others have, too, and on by the journal.</summary>
    void Repair(long step)
    {
        if (repair is not null)
            return;
        repair = (commitState.CommitStep, $"found in step {step}");
        cast = null;
        stateTransfer.Wake();
    }

    void EndRepair(SnapshotInfo snapshot)
    {
        if (repair is not { } mend)
            return;
        if (snapshot.Step < journal.BaseStep)
            throw new RingException($"this peer's weights are damaged ({mend.Text}), and its journal does not reach back to the checkpoint of step "
                + $"{snapshot.Step} to mend them. Remove this peer's folder and start it again: it takes the others' state.");
        snapshots.DropAfter(snapshot.Step);
        divergence.Forget(Self);
        reload = new LoadTurn(snapshot.Step, mend.Text);
        (repair, cast) = (null, null); // a ballot of damaged weights is cast anew
        WakeTrainer();
    }

    /// <summary>Whether this process, outside the ring, has all there is: then it asks to be taken in.</summary>
    void CheckIsCaughtUp()
    {
        if (IsActive || acceptor.View.Number == 0)
        {
            failureDetector.IsCaughtUp = false;
            return;
        }
        bool live = false, furthest = true;
        for (int peer = 0; peer < peers.Length; peer++)
        {
            if (failureDetector.HeartbeatOf(peer) is not { } heartbeat)
            {
                furthest &= peer == Self || !failureDetector.IsAlive(peer); // it has greeted, and may say any moment how far the ring is
                continue;
            }
            live |= heartbeat.Is(HeartbeatFlags.Active);
            furthest &= heartbeat.View <= acceptor.View.Number && heartbeat.JournalStep <= journal.LastStep + 2;
        }
        failureDetector.IsCaughtUp = live ? upToDate is not null && Since(upToDate) < TimeSpan.FromSeconds(1) : furthest;
    }
}
