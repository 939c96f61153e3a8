using System.Buffers.Binary;
using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Exchange;
using DecentralizedLion.Topology.StateTransfer;

namespace DecentralizedLion.Topology.Node;

/// <summary>The member's steps: its trainer's turns, its word in each step, what is held and committed.</summary>
public sealed partial class Member : IStepHost
{
    readonly SortedDictionary<long, Digest> weightsBefore = [];
    readonly PlanePool planePool = new();
    TaskCompletionSource<Turn>? waiting;
    (long Step, Ballot? Ballot, float Loss)? cast;
    ApplyTurn? newest;
    LoadTurn? reload;
    long applied = -1, computing, timer;
    long? committedAt;
    bool interrupted, isAfterFault, snapshotIsWanted, isSaving, disputed;

    /// <summary>What the trainer does next; waits until there is something. One call at a time.</summary>
    /// <param name="applied">The last step applied; of a <see cref="LoadTurn"/>, the step of the snapshot that was loaded.</param>
    /// <param name="weights">Digest of the slice of the weights that step <paramref name="applied"/> + 1 compares.</param>
    /// <exception cref="RingException">The ring cannot go on with this peer; the message says why.</exception>
    public Task<Turn> NextAsync(long applied, Digest weights)
    {
        if (waiting is { Task.IsCompleted: false })
            throw new InvalidOperationException("the turn before has not come yet");
        waiting = new TaskCompletionSource<Turn>(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<Turn> turn = waiting.Task;
        if (failure is null)
        {
            bool first = this.applied < 0;
            (this.applied, computing, isSaving) = (applied, 0, false);
            // What this peer applied in an earlier process was committed.
            if (first && applied > commitState.CommitStep && applied <= journal.LastStep)
                commitState.SeekTo(applied);
            SendWeightsDigest(applied + 1, weights);
            stateTransfer.Wake();
        }
        WakeTrainer();
        return turn;
    }

    /// <summary>Gives this peer's ballot for a step.</summary>
    /// <param name="step">The step of a <see cref="ComputeTurn"/>, or the step after the one that the trainer starts from.</param>
    /// <param name="ballot">Its signs, or null to relay; must not change until the step after it was applied here.</param>
    /// <param name="loss">The loss on the mini-batch.</param>
    /// <param name="took">How long the gradient took; zero when it is not known.</param>
    /// <param name="weights">When the turn before it was the <see cref="ApplyTurn"/> of the step before: the digest that
    /// <see cref="NextAsync"/> would have been given. Zeros otherwise.</param>
    public void SubmitBallot(long step, Ballot? ballot, float loss, TimeSpan took, Digest weights = default)
    {
        computing = 0;
        if (failure is not null)
            return;
        if (weights != default)
        {
            applied = step - 1;
            SendWeightsDigest(step, weights);
            stateTransfer.Wake();
        }
        if (step <= commitState.CommitStep)
            return; // too late: the ring went on without it
        cast = (step, ballot, loss);
        stragglerDeadline.RecordGradientTime(Self, took);
        SendReady(took);
        SubmitOrRelay();
    }

    bool IStepHost.TryPersist(StepRecord record)
    {
        try
        {
            journal.Append(record);
            return true;
        }
        catch (IOException e)
        {
            Fail(Unwritable(e));
            return false;
        }
    }

    void IStepHost.OnCommitted(InflightStep step)
    {
        foreach (var (peer, text) in voteAudit.Record(commitState.CommitStep, step.Exchange.Check()))
            Raise(new(RingEventKind.Suspicious, peer, text));
        newest = TurnOf(step.Record!, step.Exchange.Statistics);
        if (cast is { } given && given.Step <= commitState.CommitStep)
            cast = null;
        if (interrupted)
        {
            // Before its first step a process has nothing to measure from: it waited for the others.
            Raise(new(isAfterFault && committedAt is not null ? RingEventKind.Recovered : RingEventKind.Resumed, -1, $"steps go on with step {commitState.CommitStep}",
                committedAt is { } last ? clock.GetElapsedTime(last) : null));
        }
        interrupted = isAfterFault = false;
        committedAt = clock.GetTimestamp();
        RequestWeightsDigests();
        WakeTrainer();
        SubmitOrRelay();
    }

    void IStepHost.OnQuorumDiffers(StepRecord ours, Digest digest, PeerSet quorum)
    {
        Raise(new(RingEventKind.Diverged, Self, $"step {ours.Step}: {options.PeerIds[Self]} holds another verdict ({ours.Digest.Short}) than "
            + $"{Names(quorum)}, a quorum; it takes theirs"));
        Suspend();
        journal.TruncateAfter(ours.Step - 1);
        missingStep = (ours.Step, digest);
        stateTransfer.Wake();
    }

    Digest IStepHost.WeightsBefore(long step) => weightsBefore.GetValueOrDefault(step);

    ulong[]? IStepHost.RentPlanes(int words) => planePool.Rent(words, applied);

    void IStepHost.ReturnPlanes(long step, Aggregate[] aggregates) => planePool.Return(step, aggregates);

    static ApplyTurn TurnOf(StepRecord record, VoteStatistics figures)
    {
        double decided = figures.Decided;
        return figures.Decided == 0 || record.Voters.IsEmpty ? new ApplyTurn(record, null)
            : new ApplyTurn(record, figures.Margin / (decided * record.Voters.Count)) { Ties = figures.Ties / decided, Zeros = figures.Zeros / decided };
    }

    /// <summary>Gives our word for the open step when it is time: the ballot when it is there; as a relay when it is late.</summary>
    void SubmitOrRelay()
    {
        if (inflight is not { } steps || acceptor.HasPromised || failure is not null || steps.Current is not { Exchange.Started: false } step || commitState.CommitStep >= options.LastStep)
            return;
        if (cast is { } given && given.Step == step.Exchange.Step)
        {
            steps.Submit(given.Ballot, given.Loss);
            return;
        }
        if (!options.Timings.UseStragglerDeadline || 2 * step.ReadyPeers.Count < acceptor.View.Count)
            return;
        // A trainer that is still at an earlier step cannot make it; others wait until the deadline.
        TimeSpan rest = stragglerDeadline.Value - clock.GetElapsedTime(step.StartedAt);
        if (rest <= TimeSpan.Zero || applied < commitState.CommitStep - 1 || (computing != 0 && computing < step.Exchange.Step))
            steps.Submit(null, 0);
        else if (timer != step.Exchange.Step)
            RunInBackground(SubmitOrRelayAfterAsync(rest, timer = step.Exchange.Step));
    }

    async Task SubmitOrRelayAfterAsync(TimeSpan rest, long step)
    {
        await Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(rest.TotalMilliseconds)), clock, stop.Token); // it counts whole ones, rounded down
        if (timer == step)
            timer = 0;
        SubmitOrRelay();
    }

    void SendReady(TimeSpan took)
    {
        if (inflight is not { } steps || cast is not { } given || given.Step != steps.Current.Exchange.Step)
            return;
        if (!options.Timings.UseStragglerDeadline)
            return;
        steps.OnReady(Self, given.Step);
        Span<byte> payload = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(payload, (uint)Math.Min(took.TotalMicroseconds, uint.MaxValue));
        ToMembers(FrameKind.Ready, given.Step, payload);
    }

    void SendWeightsDigest(long step, Digest digest)
    {
        weightsBefore[step] = digest;
        while (weightsBefore.Count > DivergenceDetector.WindowSteps)
            weightsBefore.Remove(weightsBefore.First().Key);
        if (inflight is null || step < commitState.CommitStep - DivergenceDetector.WindowSteps)
            return;
        OnWeights(Self, step, digest);
        // Usually it travels with `held`; a trainer that is behind says it when it gets there.
        if (inflight is not null && (step <= commitState.CommitStep || (step == inflight.Current.Exchange.Step && inflight.Current.IsPersisted)))
            ToMembers(FrameKind.WeightsDigest, step, digest.Bytes.Span);
    }

    /// <summary>A word that was lost would leave a slice unseen for a whole round: it is asked for a few steps later.</summary>
    void RequestWeightsDigests()
    {
        foreach (int back in (ReadOnlySpan<int>)[8, 16, 32])
        {
            long step = commitState.CommitStep - back;
            foreach (int member in acceptor.View.Members)
            {
                if (step >= acceptor.View.FirstStep && member != Self && divergence.IsMissing(step, member))
                    frameSender.SendControl(member, FrameKind.WeightsDigest, step, default);
            }
        }
    }

    void OnWeights(int from, long step, Digest digest)
    {
        if (digest == default || disputed || step < commitState.CommitStep - DivergenceDetector.WindowSteps || step > commitState.CommitStep + 2)
            return;
        if (divergence.Record(step, from, digest, acceptor.View.Count) is not { } wrong)
        {
            if (!disputed)
                RunInBackground(StopDisputedAsync(step));
            disputed = true;
            return;
        }
        foreach (int member in wrong)
        {
            Raise(new(RingEventKind.Diverged, member, $"step {step}: {options.PeerIds[member]}'s weights differ from most members' in slice {step % 64} of 64 "
                + "(damaged memory, or an update that did not round alike); it mends itself from them"));
            if (member == Self)
                Repair(step);
        }
    }

    /// <summary>Nobody knows whose weights are right. Says ours a few times, so that all stop with the reason, and stops.</summary>
    async Task StopDisputedAsync(long step)
    {
        string text = $"step {step}: the members' weights differ and no state has most of them ({Names(acceptor.View.MemberSet)}), so nobody "
            + "can say whose are right. All stop. Keep the folder of the peer whose state is right, remove the others' and start all again.";
        Raise(new(RingEventKind.Diverged, -1, text));
        PeerSet members = acceptor.View.MemberSet;
        Suspend();
        for (int time = 0; time < 10; time++)
        {
            foreach (int member in members)
            {
                if (member != Self)
                    frameSender.SendControl(member, FrameKind.WeightsDigest, step, weightsBefore.GetValueOrDefault(step).Bytes.Span);
            }
            await Task.Delay(options.Timings.TickInterval, clock, stop.Token);
        }
        Fail(new RingException(text));
    }

    /// <summary>Wakes the trainer when there is something for it to do.</summary>
    void WakeTrainer()
    {
        if (waiting is not { Task.IsCompleted: false } next)
            return;
        if (failure is not null)
            next.TrySetException(failure);
        else if (TakeTurn() is { } turn)
            next.TrySetResult(turn);
    }

    Turn? TakeTurn()
    {
        if (repair is not null || disputed)
            return null;
        if (reload is { } turn)
        {
            reload = null;
            return Reloading(turn);
        }
        if (applied < journal.BaseStep || applied > commitState.CommitStep)
            return CanReload ? Reloading(new LoadTurn(commitState.CommitStep, null)) : null;
        if (snapshotIsWanted && snapshots.Newest(SnapshotKind.Shared)?.Step < applied)
        {
            (snapshotIsWanted, isSaving) = (false, true);
            return new SaveTurn();
        }
        if (applied < commitState.CommitStep)
        {
            long next = applied + 1;
            bool computes = next == commitState.CommitStep && !failureDetector.IsLeaving && IsWanted(next + 1);
            if (computes)
                computing = next + 1;
            ApplyTurn apply = newest is { } last && last.Record.Step == next && last.Record.Digest == journal.DigestAfter(next)
                ? last : new ApplyTurn(Read(next), null);
            return apply with { Computes = computes };
        }
        if (EndingTurn() is { } end)
            return end;
        if (!IsWanted(applied + 1))
            return null;
        computing = applied + 1;
        return new ComputeTurn(computing);
    }

    /// <summary>
    /// The turn itself, once the later checkpoints are deleted: those that the trainer was still writing when their steps turned out not to be
    /// the ring's. The trainer, which waits now, cannot delete them: by then a later one may have been fetched.
    /// </summary>
    LoadTurn Reloading(LoadTurn turn)
    {
        snapshots.DropAfter(turn.StepMax);
        return turn;
    }

    /// <summary>Whether this peer's ballot for a step is wanted and not there.</summary>
    bool IsWanted(long step) => inflight is not null && step <= options.LastStep && (cast is not { } given || given.Step != step);

    /// <summary>Whether a checkpoint is here that the journal leads on from.</summary>
    bool CanReload => snapshots.Newest(SnapshotKind.Shared, commitState.CommitStep)?.Step >= journal.BaseStep;

    StepRecord Read(long step) => journal.Read(step) ?? throw new RingException($"step {step} cannot be read from this peer's journal. "
        + "Remove this peer's folder and start it again: it takes the others' state.");

    void ToMembers(FrameKind kind, long step, ReadOnlySpan<byte> payload)
    {
        foreach (int member in acceptor.View.Members)
        {
            if (member != Self)
                frameSender.SendControl(member, kind, step, payload);
        }
    }

    string Names(PeerSet members) => string.Join(", ", members.Select(member => options.PeerIds[member]));
}
