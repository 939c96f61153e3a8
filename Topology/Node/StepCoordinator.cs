using System.Buffers.Binary;
using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Exchange;
using DecentralizedLion.Topology.Protection;
using DecentralizedLion.Topology.Transport;
using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Topology.Node;

/// <summary>
/// The member's steps: its ballot or abstention in each, what is persisted and committed, and the comparison of weights.
/// </summary>
sealed class StepCoordinator(MemberServices services, OperatorReports reports, TrainerPort trainer) : IStepHost
{
    readonly RingOptions options = services.Options;
    readonly TimeProvider clock = services.Clock;
    readonly IJournal journal = services.Journal;
    readonly FrameSender frameSender = services.FrameSender;
    readonly MemberState state = services.State;
    readonly LastCommit lastCommit = services.LastCommit;
    readonly SortedList<long, Digest> weightsBefore = [];
    readonly PlanePool planePool = new();
    readonly DivergenceDetector divergence = new();
    readonly StragglerDeadline stragglerDeadline = new(services.Options.PeerIds.Count, services.Options.Timings);
    readonly VoteAudit voteAudit = new(services.Options.PeerIds, services.Clock);
    long timer, comparedFrom;

    /// <summary>The recovery; set when the member is put together.</summary>
    public RecoveryCoordinator Recovery { private get; set; } = null!;

    /// <summary>The steps of the present view; null: this process takes part in none.</summary>
    public InflightSteps? Inflight { get; private set; }

    /// <summary>Members' weights differ, and nobody can say whose are right.</summary>
    public bool IsDisputed { get; private set; }

    int Self => options.SelfIndex;

    /// <summary>Begins with the steps of a view.</summary>
    public void Begin(View view)
    {
        Inflight = new InflightSteps(options, frameSender, view, lastCommit, this, clock);
        SendReady(TimeSpan.Zero);
    }

    /// <summary>Takes no part in steps until a view is begun.</summary>
    public void Suspend()
    {
        Inflight?.Release();
        Inflight = null;
        state.IsActive = state.IsCaughtUp = false;
    }

    /// <summary>Stops with the member. What was rented is not given back: nobody rents any more.</summary>
    public void Stop() => Inflight = null;

    /// <summary>Forgets what members of another view, or of another chain, said of their weights; not where the same processes
    /// only exchange in another way or order.</summary>
    public void OnViewInstalled(View old, View view)
    {
        if (old.RunId == view.RunId && old.MemberSet == view.MemberSet
            && view.Members.All(member => old.SessionOf(member) == view.SessionOf(member)))
            return;
        divergence.Clear();
        comparedFrom = view.FirstStep;
    }

    /// <summary>Forgets what this peer said of its weights: it has others now.</summary>
    public void ForgetOwnWeights() => divergence.Forget(Self);

    /// <summary>The trainer gave its ballot.</summary>
    /// <param name="took">How long the gradient took; zero when it is not known.</param>
    public void OnBallot(TimeSpan took)
    {
        stragglerDeadline.RecordGradientTime(Self, took);
        SendReady(took);
        SubmitOrRelay();
    }

    /// <summary>A member has its word ready.</summary>
    public void OnReady(int from, long step, TimeSpan took)
    {
        stragglerDeadline.RecordGradientTime(from, took);
        Inflight!.OnReady(from, step, services.Peers[from].RoundTrip.Smoothed / 2);
        SubmitOrRelay();
    }

    /// <summary>A member asks for the digest of a slice of this peer's weights.</summary>
    public void OnWeightsRequest(int from, long step)
    {
        if (weightsBefore.TryGetValue(step, out Digest ours))
            frameSender.SendControl(from, FrameKind.WeightsDigest, step, ours.Bytes);
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
            services.Fail(OperatorReports.Unwritable(e));
            return false;
        }
    }

    void IStepHost.OnCommitted(InflightStep step)
    {
        foreach (var (peer, text) in voteAudit.Record(lastCommit.CommitStep, step.Exchange.Check()))
            services.Raise(new(RingEventKind.Suspicious, peer, text));
        services.Planner.Exchange.OnCommitted(step);
        trainer.OnCommitted(step);
        reports.OnStepCommitted(lastCommit.CommitStep);
        RequestWeightsDigests();
        trainer.Wake();
        SubmitOrRelay();
    }

    void IStepHost.OnQuorumDiffers(StepRecord ours, Digest digest, PeerSet quorum)
    {
        services.Raise(new(RingEventKind.Diverged, Self,
            $"step {ours.Step}: {options.PeerIds[Self]}'s record ({ours.Digest.Short}) differs from that of a quorum "
            + $"({services.Names(quorum)}), and is replaced by theirs. If this recurs, test {options.PeerIds[Self]}'s memory"));
        Suspend();
        journal.TruncateAfter(ours.Step - 1);
        Recovery.RequestStep(ours.Step, digest);
    }

    Digest IStepHost.WeightsBefore(long step) => weightsBefore.GetValueOrDefault(step);

    ulong[]? IStepHost.RentPlanes(int words) => planePool.Rent(words, trainer.Applied);

    void IStepHost.ReturnPlanes(long step, Aggregate[] aggregates) => planePool.Return(step, aggregates);

    /// <summary>
    /// Gives our word for the open step when it is time: the ballot when it is there; as a relay when it is late.
    /// </summary>
    public void SubmitOrRelay()
    {
        if (Inflight is not { } steps || state.HasPromised || state.Failure is not null
            || steps.Current is not { Exchange.Started: false } step || services.IsLastStepCommitted)
            return;
        if (trainer.Cast is { } given && given.Step == step.Exchange.Step)
        {
            steps.Submit(given.Ballot, given.Loss);
            return;
        }
        if (!options.Timings.UseStragglerDeadline || 2 * step.ReadyPeers.Count < state.View.Count)
            return;
        // A trainer that is still at an earlier step cannot make it; others wait until the deadline.
        TimeSpan rest = stragglerDeadline.Value - clock.GetElapsedTime(step.StartedAt);
        if (rest <= TimeSpan.Zero || trainer.IsBehind(step.Exchange.Step))
            steps.Submit(null, 0);
        else if (timer != step.Exchange.Step)
            services.RunInBackground(SubmitOrRelayAfterAsync(rest, timer = step.Exchange.Step));
    }

    async Task SubmitOrRelayAfterAsync(TimeSpan rest, long step)
    {
        // It counts whole milliseconds, rounded down.
        await Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(rest.TotalMilliseconds)), clock, services.Stopped);
        if (timer == step)
            timer = 0;
        SubmitOrRelay();
    }

    void SendReady(TimeSpan took)
    {
        if (Inflight is not { } steps || trainer.Cast is not { } given || given.Step != steps.Current.Exchange.Step)
            return;
        if (!options.Timings.UseStragglerDeadline && !services.Planner.Exchange.IsAutomatic)
            return;
        steps.OnReady(Self, given.Step);
        Span<byte> payload = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(payload, (uint)Math.Min(took.TotalMicroseconds, uint.MaxValue));
        services.SendToMembers(FrameKind.Ready, given.Step, payload);
    }

    /// <summary>Notes and sends the digest of the slice of the weights that a step compares.</summary>
    public void SendWeightsDigest(long step, Digest digest)
    {
        weightsBefore[step] = digest;
        while (weightsBefore.Count > DivergenceDetector.WindowSteps)
            weightsBefore.RemoveAt(0);
        if (Inflight is null || step < lastCommit.CommitStep - DivergenceDetector.WindowSteps)
            return;
        OnWeights(Self, step, digest);
        // Usually it travels with `held`; a trainer that is behind says it when it gets there.
        if (Inflight is { Current: var current }
            && (step <= lastCommit.CommitStep || (step == current.Exchange.Step && current.IsPersisted)))
            services.SendToMembers(FrameKind.WeightsDigest, step, digest.Bytes);
    }

    /// <summary>A word that was lost would leave a slice unseen for a whole round: it is asked for a few steps later.</summary>
    void RequestWeightsDigests()
    {
        foreach (int back in (ReadOnlySpan<int>)[8, 16, 32])
        {
            long step = lastCommit.CommitStep - back;
            foreach (int member in state.View.Members)
            {
                if (step >= comparedFrom && member != Self && divergence.IsMissing(step, member))
                    frameSender.SendControl(member, FrameKind.WeightsDigest, step, default);
            }
        }
    }

    /// <summary>Compares what a member says of a slice of its weights.</summary>
    public void OnWeights(int from, long step, Digest digest)
    {
        if (digest == default || IsDisputed
            || step < lastCommit.CommitStep - DivergenceDetector.WindowSteps || step > lastCommit.CommitStep + 2)
            return;
        if (divergence.Record(step, from, digest, state.View.Count) is not { } wrong)
        {
            if (!IsDisputed)
                services.RunInBackground(StopDisputedAsync(step));
            IsDisputed = true;
            return;
        }
        foreach (int member in wrong)
        {
            services.Raise(new(RingEventKind.Diverged, member,
                $"step {step}: {options.PeerIds[member]}'s weights differ from the majority's in slice {(step % 64) + 1} of 64 "
                + $"(damaged memory, or another CPU or build rounds differently). {options.PeerIds[member]} restores a "
                + "checkpoint and replays its journal; if this recurs, test its memory"));
            if (member == Self)
                Recovery.Repair(step);
        }
    }

    /// <summary>
    /// Nobody knows whose weights are right. Sends our digest a few times, so that all stop with the reason, and stops.
    /// </summary>
    async Task StopDisputedAsync(long step)
    {
        string text = $"step {step}: the weights of {services.Names(state.View.MemberSet)} differ, and no majority can say whose "
            + "are right. All peers stop. Keep the folder of the peer that you trust, delete the others' and start all again.";
        services.Raise(new(RingEventKind.Disputed, -1, text));
        PeerSet members = state.View.MemberSet;
        Suspend();
        for (int time = 0; time < 10; time++)
        {
            foreach (int member in members)
            {
                if (member != Self)
                {
                    Digest ours = weightsBefore.GetValueOrDefault(step);
                    frameSender.SendControl(member, FrameKind.WeightsDigest, step, ours.Bytes);
                }
            }
            await Task.Delay(options.Timings.TickInterval, clock, services.Stopped);
        }
        services.Fail(new RingException(text));
    }
}
