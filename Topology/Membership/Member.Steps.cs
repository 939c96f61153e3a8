using System.Buffers.Binary;
using DecentralizedLion.Codecs;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Exchange;

namespace DecentralizedLion.Topology.Membership;

/// <summary>The member's steps: its trainer's turns, its word in each step, what is held and committed.</summary>
public sealed partial class Member : IStepHost
{
    readonly SortedDictionary<long, ChainDigest> weightsBefore = [];
    readonly SparePlanes spare = new();
    TaskCompletionSource<Turn>? waiting;
    (long Step, Ballot? Ballot, float Loss)? cast;
    ApplyTurn? newest;
    ReloadTurn? reload;
    long applied = -1, computing, timer;
    long? committedAt;
    bool interrupted, isByFault, snapshotIsWanted, saves, disputed;

    /// <summary>What the trainer does next; waits until there is something. One call at a time.</summary>
    /// <param name="applied">The last step applied; of a <see cref="ReloadTurn"/>, the step of the snapshot that was loaded.</param>
    /// <param name="weights">Digest of the slice of the weights that step <paramref name="applied"/> + 1 compares.</param>
    /// <exception cref="RingException">The ring cannot go on with this peer; the message says why.</exception>
    public Task<Turn> NextAsync(long applied, ChainDigest weights)
    {
        if (waiting is { Task.IsCompleted: false })
            throw new InvalidOperationException("the turn before has not come yet");
        waiting = new TaskCompletionSource<Turn>(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<Turn> turn = waiting.Task;
        if (failure is null)
        {
            bool first = this.applied < 0;
            (this.applied, computing, saves) = (applied, 0, false);
            // What this peer applied in an earlier process was committed.
            if (first && applied > tip.Step && applied <= journal.Last)
                tip.MoveTo(applied);
            SayWeights(applied + 1, weights);
            catchUp.Wake();
        }
        Kick();
        return turn;
    }

    /// <summary>Gives this peer's ballot for a step.</summary>
    /// <param name="step">The step of a <see cref="ComputeTurn"/>, or the step after the one that the trainer starts from.</param>
    /// <param name="ballot">Its signs, or null to relay; must not change until the step after it was applied here.</param>
    /// <param name="loss">The loss on the mini-batch.</param>
    /// <param name="took">How long the gradient took; zero when it is not known.</param>
    /// <param name="weights">When the turn before it was the <see cref="ApplyTurn"/> of the step before: the digest that
    /// <see cref="NextAsync"/> would have been given. Zeros otherwise.</param>
    public void Cast(long step, Ballot? ballot, float loss, TimeSpan took, ChainDigest weights = default)
    {
        computing = 0;
        if (failure is not null)
            return;
        if (weights != default)
        {
            applied = step - 1;
            SayWeights(step, weights);
            catchUp.Wake();
        }
        if (step <= tip.Step)
            return; // too late: the ring went on without it
        cast = (step, ballot, loss);
        lateness.Add(Self, took);
        SayReady(took);
        Advance();
    }

    bool IStepHost.Hold(StepRecord record)
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

    void IStepHost.Committed(StepInHand step)
    {
        foreach (var (peer, text) in honesty.Add(tip.Step, step.Exchange.Check()))
            Tell(new(RingEventKind.Doubtful, peer, text));
        newest = TurnOf(step.Record!, step.Exchange.Figures);
        if (cast is { } given && given.Step <= tip.Step)
            cast = null;
        if (interrupted)
        {
            // Before its first step a process has nothing to measure from: it waited for the others.
            Tell(new(isByFault && committedAt is not null ? RingEventKind.Recovered : RingEventKind.Resumed, -1, $"steps go on with step {tip.Step}",
                committedAt is { } last ? clock.GetElapsedTime(last) : null));
        }
        interrupted = isByFault = false;
        committedAt = clock.GetTimestamp();
        AskForWeights();
        Kick();
        Advance();
    }

    void IStepHost.HoldsOtherwise(StepRecord ours, ChainDigest digest, VoterSet quorum)
    {
        Tell(new(RingEventKind.Diverged, Self, $"step {ours.Step}: {options.Names[Self]} holds another verdict ({ours.Digest.Short}) than "
            + $"{Names(quorum)}, a quorum; it takes theirs"));
        Suspend();
        journal.CutAfter(ours.Step - 1);
        lacking = (ours.Step, digest);
        catchUp.Wake();
    }

    ChainDigest IStepHost.WeightsBefore(long step) => weightsBefore.GetValueOrDefault(step);

    ulong[]? IStepHost.TakePlanes(int words) => spare.Take(words, applied);

    void IStepHost.ReturnPlanes(long step, Outcome[] outcomes) => spare.Return(step, outcomes);

    static ApplyTurn TurnOf(StepRecord record, VoteFigures figures)
    {
        double decided = figures.Decided;
        return figures.Decided == 0 || record.Voters.IsEmpty ? new ApplyTurn(record, null)
            : new ApplyTurn(record, figures.Margin / (decided * record.Voters.Count)) { Ties = figures.Ties / decided, Zeros = figures.Zeros / decided };
    }

    /// <summary>Gives our word for the open step when it is time: the ballot when it is there; as a relay when it is late.</summary>
    void Advance()
    {
        if (table is not { } steps || acceptor.Frozen || failure is not null || steps.Open is not { Exchange.Started: false } step || tip.Step >= options.LastStep)
            return;
        if (cast is { } given && given.Step == step.Exchange.Step)
        {
            steps.Give(given.Ballot, given.Loss);
            return;
        }
        if (!options.Timings.Abstain || 2 * step.Ready.Count < acceptor.View.Count)
            return;
        // A trainer that is still at an earlier step cannot make it; others wait until the deadline.
        TimeSpan rest = lateness.Deadline - clock.GetElapsedTime(step.Began);
        if (rest <= TimeSpan.Zero || applied < tip.Step - 1 || (computing != 0 && computing < step.Exchange.Step))
            steps.Give(null, 0);
        else if (timer != step.Exchange.Step)
            Keep(AdvanceAfterAsync(rest, timer = step.Exchange.Step));
    }

    async Task AdvanceAfterAsync(TimeSpan rest, long step)
    {
        await Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(rest.TotalMilliseconds)), clock, stop.Token); // it counts whole ones, rounded down
        if (timer == step)
            timer = 0;
        Advance();
    }

    void SayReady(TimeSpan took)
    {
        if (table is not { } steps || cast is not { } given || given.Step != steps.Open.Exchange.Step)
            return;
        if (!options.Timings.Abstain)
            return;
        steps.OnReady(Self, given.Step);
        Span<byte> payload = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(payload, (uint)Math.Min(took.TotalMicroseconds, uint.MaxValue));
        ToMembers(FrameKind.Ready, given.Step, payload);
    }

    void SayWeights(long step, ChainDigest digest)
    {
        weightsBefore[step] = digest;
        while (weightsBefore.Count > WeightsWatch.Kept)
            weightsBefore.Remove(weightsBefore.First().Key);
        if (table is null || step < tip.Step - WeightsWatch.Kept)
            return;
        OnWeights(Self, step, digest);
        // Usually it travels with `held`; a trainer that is behind says it when it gets there.
        if (table is not null && (step <= tip.Step || (step == table.Open.Exchange.Step && table.Open.IsHeld)))
            ToMembers(FrameKind.Weights, step, digest.Bytes.Span);
    }

    /// <summary>A word that was lost would leave a slice unseen for a whole round: it is asked for a few steps later.</summary>
    void AskForWeights()
    {
        foreach (int back in (ReadOnlySpan<int>)[8, 16, 32])
        {
            long step = tip.Step - back;
            foreach (int member in acceptor.View.Members)
            {
                if (step >= acceptor.View.FirstStep && member != Self && watch.Misses(step, member))
                    outbox.Control(member, FrameKind.Weights, step, default);
            }
        }
    }

    void OnWeights(int from, long step, ChainDigest digest)
    {
        if (digest == default || disputed || step < tip.Step - WeightsWatch.Kept || step > tip.Step + 2)
            return;
        if (watch.Add(step, from, digest, acceptor.View.Count) is not { } wrong)
        {
            if (!disputed)
                Keep(StopDisputedAsync(step));
            disputed = true;
            return;
        }
        foreach (int member in wrong)
        {
            Tell(new(RingEventKind.Diverged, member, $"step {step}: {options.Names[member]}'s weights differ from most members' in slice {step % 64} of 64 "
                + "(damaged memory, or an update that did not round alike); it mends itself from them"));
            if (member == Self)
                Mend(step);
        }
    }

    /// <summary>Nobody knows whose weights are right. Says ours a few times, so that all stop with the reason, and stops.</summary>
    async Task StopDisputedAsync(long step)
    {
        string text = $"step {step}: the members' weights differ and no state has most of them ({Names(acceptor.View.Set)}), so nobody "
            + "can say whose are right. All stop. Keep the folder of the peer whose state is right, remove the others' and start all again.";
        Tell(new(RingEventKind.Diverged, -1, text));
        VoterSet members = acceptor.View.Set;
        Suspend();
        for (int time = 0; time < 10; time++)
        {
            foreach (int member in members)
            {
                if (member != Self)
                    outbox.Control(member, FrameKind.Weights, step, weightsBefore.GetValueOrDefault(step).Bytes.Span);
            }
            await Task.Delay(options.Timings.LookEvery, clock, stop.Token);
        }
        Fail(new RingException(text));
    }

    /// <summary>Wakes the trainer when there is something for it to do.</summary>
    void Kick()
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
        if (mending is not null || disputed)
            return null;
        if (reload is { } turn)
        {
            reload = null;
            return Reloading(turn);
        }
        if (applied < journal.First || applied > tip.Step)
            return CanReload ? Reloading(new ReloadTurn(tip.Step, null)) : null;
        if (snapshotIsWanted && snapshots.Newest(Snapshots.SnapshotPart.Shared)?.Step < applied)
        {
            (snapshotIsWanted, saves) = (false, true);
            return new SaveTurn();
        }
        if (applied < tip.Step)
        {
            long next = applied + 1;
            bool computes = next == tip.Step && !census.IsLeaving && IsWanted(next + 1);
            if (computes)
                computing = next + 1;
            ApplyTurn apply = newest is { } last && last.Record.Step == next && last.Record.Digest == journal.ChainAt(next)
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
    ReloadTurn Reloading(ReloadTurn turn)
    {
        snapshots.DropAfter(turn.AtMost);
        return turn;
    }

    /// <summary>Whether this peer's ballot for a step is wanted and not there.</summary>
    bool IsWanted(long step) => table is not null && step <= options.LastStep && (cast is not { } given || given.Step != step);

    /// <summary>Whether a checkpoint is here that the journal leads on from.</summary>
    bool CanReload => snapshots.Newest(Snapshots.SnapshotPart.Shared, tip.Step)?.Step >= journal.First;

    StepRecord Read(long step) => journal.Read(step) ?? throw new RingException($"step {step} cannot be read from this peer's journal. "
        + "Remove this peer's folder and start it again: it takes the others' state.");

    void ToMembers(FrameKind kind, long step, ReadOnlySpan<byte> payload)
    {
        foreach (int member in acceptor.View.Members)
        {
            if (member != Self)
                outbox.Control(member, kind, step, payload);
        }
    }

    string Names(VoterSet members) => string.Join(", ", members.Select(member => options.Names[member]));
}
