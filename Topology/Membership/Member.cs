using System.Buffers.Binary;
using DecentralizedLion.Codecs;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Exchange;
using DecentralizedLion.Topology.Links;

namespace DecentralizedLion.Topology.Membership;

/// <summary>
/// One peer's part in the ring: greets the others, votes step by step, answers what it is asked, leaves in order. Everything runs
/// on one loop (the current <see cref="SynchronizationContext"/>), on the injected clock and randomness; no I/O but the mesh.
/// </summary>
public sealed class Member
{
    readonly MemberOptions options;
    readonly IMesh mesh;
    readonly IReplicaState state;
    readonly TimeProvider clock;
    readonly Outbox outbox;
    readonly Liveness liveness;
    readonly Greeting greeting;
    readonly StateTransfer transfer;
    readonly Pursuit pursuit;
    readonly Farewell farewell;
    readonly CancellationTokenSource stop = new();
    readonly SilenceWatch silences;
    readonly ulong[] refused;
    View? view;
    StepTable? table;
    RingException? failure;
    bool asked;
    bool joining;

    /// <summary>Makes a member; <see cref="JoinAsync"/> starts it.</summary>
    /// <param name="options">Who we are and what we are set to.</param>
    /// <param name="mesh">The links; this member becomes their handler.</param>
    /// <param name="state">The replicated state.</param>
    /// <param name="clock">The clock of all waiting.</param>
    /// <param name="random">For jitter.</param>
    public Member(MemberOptions options, IMesh mesh, IReplicaState state, TimeProvider clock, Random random)
    {
        options.Timings.Validate();
        ArgumentOutOfRangeException.ThrowIfZero(options.Session, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNotEqual(state.Previous.Length, BitPlanes.Words(options.Parameters), nameof(state));
        (this.options, this.mesh, this.state, this.clock) = (options, mesh, state, clock);
        int peers = options.Names.Count;
        outbox = new Outbox(mesh, options.Self, peers, options.Fingerprint.Run, options.Session);
        liveness = new Liveness(clock, peers);
        greeting = new Greeting(options, outbox, state, Tell);
        transfer = new StateTransfer(options, outbox, state, clock, random.NextDouble);
        pursuit = new Pursuit(options, outbox, liveness, clock, random.NextDouble);
        farewell = new Farewell(options.Self, peers, outbox, clock);
        silences = new SilenceWatch(options, liveness, farewell, Tell);
        refused = new ulong[peers];
        mesh.Handler = OnFrame;
    }

    /// <summary>Lines for the operator, on the loop.</summary>
    public event Action<RingEvent>? Happened;

    /// <summary>The present view; null before <see cref="JoinAsync"/> is done.</summary>
    public View? View => view;

    /// <summary>How much of the parameters this member decided agreed in the last committed step: mean |votes for − against| / voters.</summary>
    public double Agreement { get; private set; }

    /// <summary>Greets all peers, waits for the whole roster, takes the furthest peer's state if ours differs.</summary>
    /// <returns>The first view.</returns>
    /// <exception cref="RingException">A peer is set up differently.</exception>
    public async Task<View> JoinAsync()
    {
        joining = true;
        liveness.Restart();
        Keep(GreetAsync());
        if (options.Names.Count > 1)
            await greeting.Done;
        liveness.Restart();
        Keep(HeartbeatAsync()); // already while the state is fetched, which may take long

        int source;
        try
        {
            source = greeting.Source();
        }
        catch (RingException e)
        {
            throw Fail(e);
        }
        ChainDigest chain = state.Chain, wanted = state.Digest;
        long step = state.Step;
        ulong lineage = source == options.Self ? options.Session : greeting.SessionOf(source);
        if (source != options.Self)
        {
            Hello theirs = greeting.HelloOf(source);
            (step, chain, wanted) = (theirs.Step, theirs.Chain, theirs.State);
        }
        if (chain == default)
            chain = ChainDigest.Found(options.Fingerprint.Digest.Span, lineage, wanted);
        bool fetched = wanted != state.Digest || step != state.Step || (step > 0 && chain != state.Chain);
        if (fetched)
        {
            Tell(new(RingEventKind.Fetched, source, $"fetching the state after step {step} from {options.Names[source]} ({state.Length:N0} bytes)"));
            try
            {
                await transfer.FetchAsync(source, stop.Token);
            }
            catch (OperationCanceledException) when (failure is not null)
            {
                throw failure;
            }
        }
        state.Joined(step, chain, fetched);
        if (state.Digest != wanted)
            throw Fail(new RingException($"the state fetched from {options.Names[source]} has digest {state.Digest.Short}, not {wanted.Short}; start again"));
        if (fetched)
            Tell(new(RingEventKind.Fetched, source, $"the state after step {step} is here"));
        view = greeting.FirstView(step);
        outbox.View = view.Number;
        table = new StepTable(options, outbox, state, view, chain, OnStepFailed);
        Tell(new(RingEventKind.Founded, -1, $"all {view.Count} peers are here; the next step is {view.FirstStep}"));
        Keep(pursuit.WatchAsync(table, (waiting, cause) => Report(Describe(waiting, cause)), stop.Token));
        return view;
    }

    /// <summary>Gives this peer's word for a step and waits until the step is committed.</summary>
    /// <returns>The record to apply; null when the ring ends in order before this step.</returns>
    /// <exception cref="RingException">The ring cannot go on.</exception>
    public async Task<StepRecord?> VoteAsync(StepVote vote)
    {
        if (failure is not null)
            throw failure;
        StepTable table = this.table ?? throw new InvalidOperationException("the ring is not joined yet");
        if (vote.Step > farewell.LastStep)
            return null;
        StepRecord? record = await table.Vote(vote);
        if (record is not null && table.Find(record.Step) is { } step)
        {
            long votes = step.Exchange.Decided * record.Voters.Count;
            Agreement = votes == 0 ? 0 : (double)step.Exchange.Margin / votes;
        }
        return record;
    }

    /// <summary>Asks for an end in order: no step after the one voted on last is begun, here or elsewhere.</summary>
    public void RequestStop()
    {
        if (table is null)
        {
            Fail(new RingException("stopped before all peers were here"));
            return;
        }
        asked = true;
        Announce(table);
    }

    /// <summary>Stays until every member has committed the last step (or is gone), then stops.</summary>
    public async Task LeaveAsync()
    {
        if (table is not null && failure is null)
        {
            Announce(table);
            // Who was asked to stop does not wait long. At the run's own end the others may need our part of the last step.
            TimeSpan patience = asked ? options.Timings.FarewellTimeout : options.Timings.GiveUpAfter;
            long start = clock.GetTimestamp();
            while (!farewell.IsComplete && failure is null && clock.GetElapsedTime(start) < patience)
            {
                // Said again after a while only: an answer to each of the others' words would never end.
                if (!await farewell.WaitAsync(options.Timings.HelloEvery))
                    farewell.Announce(table.LastVoted, table.LastCommitted);
            }
            // Our last word may have been the one that a peer is waiting for; it must not depend on its asking again.
            farewell.Announce(table.LastVoted, table.LastCommitted);
        }
        stop.Cancel();
    }

    /// <summary>Stops at once, without a word.</summary>
    public void Abort() => Fail(new RingException("stopped"));

    void OnFrame(int from, ReadOnlyMemory<byte> envelope, ReadOnlyMemory<byte> payload)
    {
        if (Judge(from, envelope, payload) is { } reason)
            mesh.Counters.Drop(reason);
    }

    DropReason? Judge(int from, ReadOnlyMemory<byte> envelope, ReadOnlyMemory<byte> payload)
    {
        if (!joining)
            return DropReason.View; // who answers before it takes part would be taken for one who does
        if (!FrameHeader.TryRead(envelope, out FrameHeader header, out _))
            return DropReason.Envelope;
        bool exchange = header.Kind is FrameKind.Reduce or FrameKind.Gather;
        if (!exchange && header.Checksum(payload.Span) != header.Crc)
            return DropReason.Checksum; // an exchange checks its own, after the cheaper checks
        if (header.Kind == FrameKind.Hello)
            return OnHello(from, header, payload);
        if (failure is not null and not DivergenceException)
            return DropReason.View; // stopped: it must not look alive
        if (header.Run != options.Fingerprint.Run)
            return DropReason.Run;
        if (greeting.SessionOf(from) != header.Session || header.Session == 0)
            return DropReason.Session;
        liveness.Heard(from);
        switch (header.Kind)
        {
            case FrameKind.Heartbeat:
                return null;
            case FrameKind.StateAsk when view is not null && table!.LastCommitted >= view.FirstStep:
                return DropReason.Step; // all have what they need, and the state may be changing now
            case FrameKind.StateAsk:
                transfer.OnAsk(from, header.Segment);
                return null;
            case FrameKind.StatePiece:
                return transfer.OnPiece(from, header.Segment, payload.Span) ? null : DropReason.Content;
        }
        if (view is null || table is null || header.View != view.Number)
            return DropReason.View;
        switch (header.Kind)
        {
            case FrameKind.Reduce or FrameKind.Gather:
                return table.Accept(from, header, payload.Span);
            case FrameKind.Held:
                return Held.TryRead(payload.Span, out Held held) ? table.OnHeld(from, header.Step, held) : DropReason.Content;
            case FrameKind.Ask:
                return pursuit.OnAsk(from, header.Step, payload, table) ? null : DropReason.Content;
            case FrameKind.NotYet:
                return pursuit.OnNotYet(from, payload.Span) ? null : DropReason.Content;
            case FrameKind.Leave:
                return OnLeave(from, header.Step, payload.Span);
            default:
                return DropReason.Envelope;
        }
    }

    DropReason? OnHello(int from, in FrameHeader header, ReadOnlyMemory<byte> payload)
    {
        if (header.Session == 0 || Hello.TryDecode(payload) is not { } hello)
            return DropReason.Content;
        if (greeting.Done.IsCompletedSuccessfully && header.Session != greeting.SessionOf(from))
            return OnOtherProcess(from, header.Session, hello);
        liveness.Heard(from);
        if (greeting.OnHello(from, header.Session, hello) is { } refusal && failure is null)
        {
            Tell(new(RingEventKind.Refused, from, refusal.Message));
            Fail(refusal);
        }
        return null;
    }

    /// <summary>Of two live processes of one peer the later is refused; when the earlier is gone, this ring cannot go on.</summary>
    DropReason OnOtherProcess(int from, ulong session, Hello hello)
    {
        RingException refusal = greeting.Refuse(from, hello);
        bool gone = liveness.SilenceOf(from) > 4 * options.Timings.HeartbeatEvery;
        if (gone && failure is null)
        {
            Tell(new(RingEventKind.Refused, from, refusal.Message));
            Fail(refusal);
        }
        else if (refused[from] != session && failure is null)
        {
            Tell(new(RingEventKind.Refused, from, $"a second process of {options.Names[from]} was refused; the first is in the ring and goes on"));
            refused[from] = session;
        }
        return DropReason.Session;
    }

    void OnStepFailed(RingException reason)
    {
        if (failure is not null)
            return;
        if (reason is DivergenceException)
            Tell(new(RingEventKind.Diverged, -1, reason.Message));
        Fail(reason);
    }

    DropReason? OnLeave(int from, long lastStep, ReadOnlySpan<byte> payload)
    {
        if (payload.Length != sizeof(long))
            return DropReason.Content;
        bool first = farewell.OnLeave(from, lastStep, BinaryPrimitives.ReadInt64LittleEndian(payload));
        if (first && lastStep < options.LastStep)
            Tell(new(RingEventKind.Leaving, from, $"{options.Names[from]} leaves in order; this ring needs all peers, so it ends"));
        EndWhenPast();
        return null;
    }

    void Announce(StepTable table)
    {
        farewell.Announce(table.LastVoted, table.LastCommitted);
        EndWhenPast();
    }

    /// <summary>A vote on a step after the agreed last one is given back: nobody will finish it.</summary>
    void EndWhenPast()
    {
        if (table?.Open is { } open && open.Exchange.Step > farewell.LastStep)
            table.End(null);
    }

    async Task GreetAsync()
    {
        long lastReport = clock.GetTimestamp();
        while (!greeting.Done.IsCompleted && !stop.IsCancellationRequested)
        {
            greeting.GreetAll();
            await Task.Delay(options.Timings.HelloEvery, clock, stop.Token);
            if (clock.GetElapsedTime(lastReport) < options.Timings.ReportEvery)
                continue;
            lastReport = clock.GetTimestamp();
            foreach (string wait in greeting.Waits())
                Report(wait);
        }
    }

    async Task HeartbeatAsync()
    {
        while (!stop.IsCancellationRequested)
        {
            long before = clock.GetTimestamp();
            outbox.ControlToAll(FrameKind.Heartbeat, table?.LastCommitted ?? state.Step, default);
            await Task.Delay(options.Timings.HeartbeatEvery, clock, stop.Token);
            if (clock.GetElapsedTime(before) > 4 * options.Timings.HeartbeatEvery + TimeSpan.FromSeconds(1))
                liveness.Restart();
            bool stepIsOpen = table?.Open is { Done.Task.IsCompleted: false };
            if (silences.Look(table?.LastCommitted ?? state.Step, stepIsOpen, asked) is { } reason)
                Fail(reason);
        }
    }

    string Describe(StepInHand step, WaitCause cause) => $"step {step.Exchange.Step} waits for {options.Names[cause.Member]}: " + cause.Reason switch
    {
        WaitReason.Computing => "its gradient is not done",
        WaitReason.Late => "it is there, but its part has not come",
        _ => $"no sign of life for {liveness.SilenceOf(cause.Member).TotalSeconds:F0} s",
    };

    /// <summary>Nothing that runs in the background may fail unheard.</summary>
    async void Keep(Task task)
    {
        try
        {
            await task;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The member stopped.
        }
        catch (RingException e)
        {
            Fail(e);
        }
        catch (Exception e)
        {
            Fail(new RingException($"the ring stopped because of an error in itself: {e}"));
        }
    }

    RingException Fail(RingException reason)
    {
        failure ??= reason;
        greeting.Fail(reason);
        table?.End(reason);
        stop.Cancel();
        return reason;
    }

    void Report(string text) => Tell(new RingEvent(RingEventKind.Waiting, -1, text));

    void Tell(RingEvent happened) => Happened?.Invoke(happened);
}
