using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Exchange;
using DecentralizedLion.Topology.Snapshots;

namespace DecentralizedLion.Topology.Node;

/// <summary>The trainer's side of the member: it takes turns here and gives its ballots.</summary>
sealed class TrainerPort(MemberServices services, LeaveCoordinator leave)
{
    readonly RingOptions options = services.Options;
    readonly IJournal journal = services.Journal;
    readonly ISnapshotStore snapshots = services.Snapshots;
    readonly MemberState state = services.State;
    readonly LastCommit lastCommit = services.LastCommit;
    TaskCompletionSource<TrainerTurn>? waiting;
    (long Step, Ballot? Ballot, float Loss)? cast;
    ApplyTurn? newest;
    LoadTurn? reload;
    long applied = -1, computing;
    bool snapshotIsWanted, isSaving, votesNoMore;

    /// <summary>The steps; set when the member is put together.</summary>
    public StepCoordinator Steps { private get; set; } = null!;

    /// <summary>The recovery; set when the member is put together.</summary>
    public RecoveryCoordinator Recovery { private get; set; } = null!;

    /// <summary>The trainer waits for its next turn.</summary>
    public bool IsWaiting => waiting is { Task.IsCompleted: false };

    /// <summary>The last step applied.</summary>
    public long Applied => applied;

    /// <summary>The ballot that was given and not committed yet.</summary>
    public (long Step, Ballot? Ballot, float Loss)? Cast => cast;

    /// <inheritdoc cref="Member.NextAsync"/>
    public Task<TrainerTurn> NextAsync(long applied, Digest weights)
    {
        if (waiting is { Task.IsCompleted: false })
            throw new InvalidOperationException("the turn before has not come yet");
        waiting = new TaskCompletionSource<TrainerTurn>(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<TrainerTurn> turn = waiting.Task;
        if (state.Failure is null)
        {
            bool first = this.applied < 0;
            (this.applied, computing, isSaving) = (applied, 0, false);
            // What this peer applied in an earlier process was committed.
            if (first && applied > lastCommit.CommitStep && applied <= journal.LastStep)
                lastCommit.SeekTo(applied);
            Steps.SendWeightsDigest(applied + 1, weights);
            Recovery.Wake();
        }
        Wake();
        return turn;
    }

    /// <inheritdoc cref="Member.SubmitBallot"/>
    public void SubmitBallot(long step, Ballot? ballot, float loss, TimeSpan took, Digest weights)
    {
        computing = 0;
        if (state.Failure is not null)
            return;
        services.Planner.Batches.RecordGradientTime(step, took);
        if (weights != default)
        {
            applied = step - 1;
            Steps.SendWeightsDigest(step, weights);
            Recovery.Wake();
        }
        if (step <= lastCommit.CommitStep)
            return; // too late: the ring went on without it
        cast = (step, ballot, loss);
        Steps.OnBallot(took);
    }

    /// <summary>The trainer casts no more ballots and is asked for none.</summary>
    public void StopVoting()
    {
        votesNoMore = true;
        Wake();
    }

    /// <summary>Wants a newer checkpoint: of where the replica stands, or the one that is being written.</summary>
    public void RequestSnapshot()
    {
        snapshotIsWanted |= !isSaving;
        Wake();
    }

    /// <summary>The trainer is still at an earlier step and cannot make this one, or votes no more.</summary>
    public bool IsBehind(long step) =>
        votesNoMore || applied < lastCommit.CommitStep - 1 || (computing != 0 && computing < step);

    /// <summary>Notes a committed step, which the trainer is to apply.</summary>
    public void OnCommitted(InflightStep step)
    {
        newest = TurnOf(step.Record!, step.Exchange.Statistics);
        DropCommittedBallot();
    }

    /// <summary>Lets the trainer load another state before anything else.</summary>
    public void Reload(LoadTurn turn) => reload = turn;

    /// <summary>Forgets the ballot that was given.</summary>
    public void DropBallot() => cast = null;

    /// <summary>Forgets the ballot that was given if its step is committed.</summary>
    public void DropCommittedBallot()
    {
        if (cast is { } given && given.Step <= lastCommit.CommitStep)
            cast = null;
    }

    /// <summary>Wakes the trainer when there is something for it to do.</summary>
    public void Wake()
    {
        if (waiting is not { Task.IsCompleted: false } next)
            return;
        if (state.Failure is not null)
        {
            next.TrySetException(state.Failure);
        }
        else if (TakeTurn() is { } turn)
        {
            options.Profile?.Close();
            next.TrySetResult(turn);
        }
    }

    TrainerTurn? TakeTurn()
    {
        if (Recovery.IsRepairing || Steps.IsDisputed)
            return null;
        if (reload is { } turn)
        {
            reload = null;
            return Reloading(turn);
        }
        if (applied < journal.BaseStep || applied > lastCommit.CommitStep)
            return CanReload ? Reloading(new LoadTurn(lastCommit.CommitStep, null)) : null;
        if (snapshotIsWanted && snapshots.Newest(SnapshotKind.Shared)?.Step < applied)
        {
            (snapshotIsWanted, isSaving) = (false, true);
            return new SaveTurn();
        }
        if (applied < lastCommit.CommitStep)
        {
            long next = applied + 1;
            bool computes = next == lastCommit.CommitStep && !state.IsLeaving && IsWanted(next + 1);
            if (computes)
                computing = next + 1;
            ApplyTurn apply = newest is { } last && last.Record.Step == next && last.Record.Digest == journal.DigestAfter(next)
                ? last : new ApplyTurn(services.ReadRecord(next), null);
            return apply with { Computes = computes };
        }
        if (leave.TryEnd(applied) is { } end)
            return end;
        if (!IsWanted(applied + 1))
            return null;
        computing = applied + 1;
        return new ComputeTurn(computing);
    }

    /// <summary>
    /// The turn itself, once the later checkpoints are deleted: those that the trainer committed before their steps turned out
    /// not to be the ring's. The trainer, which waits now and commits none meanwhile, cannot delete them: by then a later one may
    /// have been fetched.
    /// </summary>
    LoadTurn Reloading(LoadTurn turn)
    {
        snapshots.DropAfter(turn.StepMax);
        return turn;
    }

    /// <summary>This peer's ballot for a step is wanted and not there.</summary>
    bool IsWanted(long step) => !votesNoMore && Steps.Inflight is not null
        && step <= options.LastStep && (cast is not { } given || given.Step != step);

    /// <summary>A checkpoint is here that the journal leads on from.</summary>
    bool CanReload => snapshots.Newest(SnapshotKind.Shared, lastCommit.CommitStep)?.Step >= journal.BaseStep;

    static ApplyTurn TurnOf(StepRecord record, VoteStatistics figures)
    {
        double decided = figures.Decided;
        return figures.Decided == 0 || record.Voters.IsEmpty ? new ApplyTurn(record, null)
            : new ApplyTurn(record, figures.Margin / (decided * record.Votes))
            {
                Ties = figures.Ties / decided,
                Zeros = figures.Zeros / decided,
            };
    }
}
