using DecentralizedLion.Topology.Snapshots;
using DecentralizedLion.Topology.Views;

namespace DecentralizedLion.Topology.Membership;

/// <summary>What the member lacks, and what it does with what came.</summary>
public sealed partial class Member : IFetchHost
{
    (View View, int Holder, long At)? before;
    (long Step, Commit.ChainDigest Chain)? lacking;
    (long Step, string Text)? mending;
    long? upToDate;
    bool founded;

    FetchGoal? IFetchHost.Goal
    {
        get
        {
            if (failure is not null || disputed)
                return null;
            // A proposer asks again and again while it waits; what it no longer asks for is not needed.
            if (before is { } wanted && clock.GetElapsedTime(wanted.At) < options.Timings.ProposeTimeout)
                return GoalBefore(wanted.View);
            View view = acceptor.View;
            // Not before the trainer waits: it may be writing a checkpoint of the damaged weights.
            if (mending is { } mend)
                return waiting is { Task.IsCompleted: false } ? new FetchGoal(mend.Step, default, false, default(Commit.ChainDigest)) : null;
            if (view.Number == 0 || IsActive)
                return null;
            if (lacking is { } step)
                return new FetchGoal(step.Step, step.Chain, true);
            bool ours = view.SessionOf(Self) == options.Session && view.IncarnationOf(Self) == acceptor.State.Incarnation;
            if (census.IsLeaving && !ours)
                return null; // it has left
            return ours ? GoalBefore(view) : new FetchGoal(long.MaxValue, default, false);
        }
    }

    IEnumerable<int> IFetchHost.Donors(FetchGoal goal)
    {
        if (before is { } wanted && wanted.Holder != Self && census.IsHeard(wanted.Holder))
            yield return wanted.Holder;
        // Begin behind ourselves in the roster, so that not all ask the same.
        for (int distance = 1; distance < peers.Length; distance++)
        {
            int peer = (Self + distance) % peers.Length;
            if (census.StatusOf(peer) is not { } status || peer == before?.Holder)
                continue;
            bool useful = goal.State is not null ? before is not null || status.Is(StatusFlags.Active)
                : goal.Step < long.MaxValue ? status.Held >= goal.Step
                : status.View >= acceptor.View.Number && (status.Is(StatusFlags.Active) || status.Committed > journal.Last || status.Committed > tip.Step);
            if (useful)
                yield return peer;
        }
    }

    long IFetchHost.CommittedOf(int donor) => census.StatusOf(donor)?.Committed ?? 0;

    bool IFetchHost.MayCut(int donor, long from) => !IsActive && census.StatusOf(donor) is { } status && status.View >= acceptor.View.Number
        && status.Is(StatusFlags.Active) && (from > journal.Last || Read(from).View < acceptor.View.Number);

    // A peer's own momentum is the best there is; with none on its disk, a donor's is better than none.
    bool IFetchHost.WantsMomentum => snapshots.Newest(SnapshotPart.Momentum) is not { Step: > 0 };

    void IFetchHost.Fetched(int from, long committed, bool upToDate)
    {
        if (!IsActive && acceptor.View.Number != 0)
            tip.MoveTo(Math.Max(tip.Step, Math.Min(journal.Last, committed)));
        if (upToDate && census.StatusOf(from)?.Is(StatusFlags.Active) == true)
            this.upToDate = clock.GetTimestamp();
        AfterFetch();
    }

    void IFetchHost.Cut(long after) => Cut(after);

    void IFetchHost.TookSnapshot(SnapshotInfo snapshot, Commit.ChainDigest chain)
    {
        if (mending is not null)
        {
            EndMending(snapshot);
            return;
        }
        if (acceptor.View.Number == 0)
        {
            // The state that the run is about to begin with; the view says where its chain begins.
            reload = new ReloadTurn(snapshot.Step, null);
            AfterFetch();
            return;
        }
        if (IsActive)
            return; // what was lacking came another way meanwhile
        snapshots.DropAfter(snapshot.Step);
        journal.Restart(snapshot.Step, chain);
        tip.MoveTo(snapshot.Step);
        reload = new ReloadTurn(snapshot.Step, null);
        cast = null;
        AfterFetch();
    }

    void IFetchHost.HasSnapshot(SnapshotInfo snapshot) => EndMending(snapshot);

    void IFetchHost.Tell(RingEvent happened) => Tell(happened);

    FetchGoal GoalBefore(View view) => view.Weights != default
        ? new FetchGoal(view.FirstStep - 1, default, true, view.Weights)
        : new FetchGoal(view.FirstStep - 1, view.Base, true);

    void AfterFetch()
    {
        if (before is { } wanted && HoldsAllBefore(wanted.View))
        {
            before = null;
            change.Retry();
        }
        if (!IsActive)
            Activate();
        Look();
    }

    void Cut(long after)
    {
        long cut = journal.Last - after;
        journal.CutAfter(after);
        if (tip.Step > after)
        {
            cast = null;
            snapshots.DropAfter(after);
            if (snapshots.Newest(SnapshotPart.Shared, after)?.Step >= journal.First)
            {
                tip.MoveTo(after);
            }
            else
            {
                journal.Restart(0, default); // nothing here leads to that step: a snapshot has to come
                tip.Reset();
            }
        }
        Tell(new(RingEventKind.Cut, -1, cut == 1 ? $"step {after + 1} was held here but decided otherwise since; it was cut off the journal"
            : $"steps {after + 1} to {after + cut} are not the ring's; they were cut off the journal"));
    }

    /// <summary>This replica's weights are damaged: it goes back to a checkpoint that others have, too, and on by the journal.</summary>
    void Mend(long step)
    {
        if (mending is not null)
            return;
        mending = (tip.Step, $"found in step {step}");
        cast = null;
        catchUp.Wake();
    }

    void EndMending(SnapshotInfo snapshot)
    {
        if (mending is not { } mend)
            return;
        if (snapshot.Step < journal.First)
            throw new RingException($"this peer's weights are damaged ({mend.Text}), and its journal does not reach back to the checkpoint of step "
                + $"{snapshot.Step} to mend them. Remove this peer's folder and start it again: it takes the others' state.");
        snapshots.DropAfter(snapshot.Step);
        watch.Forget(Self);
        reload = new ReloadTurn(snapshot.Step, mend.Text);
        (mending, cast) = (null, null); // a ballot of damaged weights is cast anew
        Kick();
    }

    /// <summary>Whether this process, outside the ring, has all there is: then it asks to be taken in.</summary>
    void CheckCaughtUp()
    {
        if (IsActive || acceptor.View.Number == 0)
        {
            census.IsCaughtUp = false;
            return;
        }
        bool live = false, furthest = true;
        for (int peer = 0; peer < peers.Length; peer++)
        {
            if (census.StatusOf(peer) is not { } status)
            {
                furthest &= peer == Self || !census.IsHeard(peer); // it has greeted, and may say any moment how far the ring is
                continue;
            }
            live |= status.Is(StatusFlags.Active);
            furthest &= status.View <= acceptor.View.Number && status.Held <= journal.Last + 2;
        }
        census.IsCaughtUp = live ? upToDate is not null && Since(upToDate) < TimeSpan.FromSeconds(1) : furthest;
    }
}
