using System.Buffers.Binary;
using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Diagnostics;
using DecentralizedLion.Topology.Exchange;
using DecentralizedLion.Topology.Membership;
using DecentralizedLion.Topology.Protection;
using DecentralizedLion.Topology.StateTransfer;
using DecentralizedLion.Topology.Transport;
using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Topology.Node;

/// <summary>
/// One peer's part in the ring (section 6): greets the others, votes step by step, relays while its trainer is behind, agrees with the
/// other members on who takes part, fetches what it missed and serves who missed something. Everything runs on one loop (the current
/// <see cref="SynchronizationContext"/>), on the injected clock and randomness; no I/O but the transport and the stores.
/// </summary>
public sealed partial class Member
{
    readonly RingOptions options;
    readonly ITransport transport;
    readonly IJournal journal;
    readonly ISnapshotStore snapshots;
    readonly TimeProvider clock;
    readonly Random random;
    readonly FrameSender frameSender;
    readonly RemotePeer[] peers;
    readonly Acceptor acceptor;
    readonly ViewChange change;
    readonly FailureDetector failureDetector;
    readonly Handshake handshake;
    readonly Retransmitter retransmitter;
    readonly StateTransferClient stateTransfer;
    readonly Donor donor;
    readonly StragglerDeadline stragglerDeadline;
    readonly DivergenceDetector divergence = new();
    readonly MisbehaviorDetector misbehaviorDetector;
    readonly ForeignTraffic foreignTraffic;
    readonly RejectedConnections rejections;
    readonly VoteAudit voteAudit;
    readonly CommitState commitState;
    readonly CancellationTokenSource stop = new();
    InflightSteps? inflight;
    RingException? failure;
    Digest initial;
    bool isRefused;
    long? started;

    /// <summary>Makes a member; <see cref="Start"/> starts it.</summary>
    /// <param name="options">Who we are and what we are set to.</param>
    /// <param name="transport">The links; this member becomes their handler.</param>
    /// <param name="journal">Where each step is written before it is held.</param>
    /// <param name="snapshots">This peer's checkpoints; one of the state that it starts from must be there.</param>
    /// <param name="views">Where promises are kept.</param>
    /// <param name="clock">The clock of all waiting.</param>
    /// <param name="random">For jitter, disk ids and run ids.</param>
    /// <exception cref="IOException">The view store cannot be written.</exception>
    public Member(RingOptions options, ITransport transport, IJournal journal, ISnapshotStore snapshots, IViewStore views, TimeProvider clock,
        Random random)
    {
        options.Timings.Validate();
        ArgumentOutOfRangeException.ThrowIfZero(options.Session, nameof(options));
        (this.options, this.transport, this.journal, this.snapshots, this.clock, this.random) = (options, transport, journal, snapshots, clock, random);
        int count = options.PeerIds.Count;
        peers = [.. Enumerable.Range(0, count).Select(_ => new RemotePeer(clock))];
        frameSender = new FrameSender(transport, options.SelfIndex, count, options.Fingerprint.Run, options.Session);
        acceptor = new Acceptor(options.SelfIndex, count, views, NewNumber);
        frameSender.View = acceptor.View.Number;
        change = new ViewChange(options.SelfIndex, acceptor, this, clock, options.Timings.ProposeTimeout, random.NextDouble);
        failureDetector = new FailureDetector(options, acceptor, peers, clock);
        handshake = new Handshake(options, acceptor.State.DiskId, frameSender, peers, snapshots, transport, clock, Raise);
        retransmitter = new Retransmitter(options, frameSender, peers, clock, random.NextDouble);
        stateTransfer = new StateTransferClient(options, frameSender, journal, snapshots, this, clock, random.NextDouble);
        donor = new Donor(frameSender, journal, snapshots, () =>
        {
            snapshotIsWanted |= !isSaving; // one that is being written will do
            WakeTrainer();
        });
        stragglerDeadline = new StragglerDeadline(count, options.Timings);
        misbehaviorDetector = new MisbehaviorDetector(count, clock);
        voteAudit = new VoteAudit(options.PeerIds, clock);
        foreignTraffic = new ForeignTraffic(options.PeerIds, transport.IsAuthenticated, clock);
        rejections = new RejectedConnections(clock);
        commitState = new CommitState(journal, snapshots, options.RepeatsPreviousSigns ? BitPlanes.Words(options.ParameterCount) : 0);
        transport.Handler = OnFrame;
        transport.PeerDisconnected = OnPeerDisconnected;
        transport.ConnectionClosed = foreignTraffic.OnConnectionClosed;
        transport.Rejected = rejections.Add;
    }

    /// <summary>Lines for the operator, on the loop.</summary>
    public event Action<RingEvent>? EventRaised;

    /// <summary>The latest view that is known to be decided; null before a run is founded.</summary>
    public View? View => acceptor.View.Number == 0 ? null : acceptor.View;

    /// <summary>Whether this process takes part in <see cref="View"/>: it is in it and holds all that came before.</summary>
    public bool IsActive => failureDetector.IsActive;

    /// <summary>The last committed step that is known here.</summary>
    public long Committed => commitState.CommitStep;

    /// <summary>How often something was asked for again.</summary>
    public long Retries => retransmitter.Retries + stateTransfer.Retries;

    int Self => options.SelfIndex;

    /// <summary>Greets the others and takes part from then on.</summary>
    public void Start()
    {
        started = clock.GetTimestamp();
        initial = snapshots.Newest(SnapshotKind.Shared)?.Sha ?? default;
        foreach (RemotePeer peer in peers)
            peer.ResetSilence();
        try
        {
            DropSupersededRecords(); // the process may have died between learning of the view and this
            // The last record may be held and not committed, or not the ring's; those before it are: no step is begun before the one before
            // it is committed. All before a view's first step are, if they are what the view says.
            long known = IsOnChain(acceptor.View) ? acceptor.View.FirstStep - 1 : journal.BaseStep;
            commitState.SeekTo(Math.Max(Math.Max(journal.BaseStep, known), journal.LastStep - 1));
        }
        catch (IOException e)
        {
            Fail(Unwritable(e));
            return;
        }
        catch (RingException e)
        {
            Fail(e);
            return;
        }
        RunInBackground(RunHellosAsync());
        RunInBackground(RunTicksAsync());
        RunInBackground(retransmitter.RunAsync(() => acceptor.HasPromised ? null : inflight, (waiting, cause) => Raise(new(RingEventKind.Waiting, cause.Member, Describe(waiting, cause))), stop.Token));
        RunInBackground(stateTransfer.RunAsync(stop.Token));
    }

    /// <summary>Stops at once, without a word.</summary>
    public void Abort() => Fail(new RingException("stopped"));

    void OnFrame(int from, ReadOnlyMemory<byte> envelope, ReadOnlyMemory<byte> payload)
    {
        try
        {
            if (Dispatch(from, envelope, payload) is not { } reason)
                return;
            transport.Counters.Drop(reason);
            foreignTraffic.OnFrameDropped(from, reason);
            if (misbehaviorDetector.IsProtocolViolation(reason, envelope, payload.Span, acceptor.View.MemberSet, transport.IsAuthenticated))
                OnMisconduct(from, reason);
        }
        catch (IOException e)
        {
            Fail(Unwritable(e));
        }
        catch (RingException e)
        {
            Fail(e);
        }
    }

    DropReason? Dispatch(int from, ReadOnlyMemory<byte> envelope, ReadOnlyMemory<byte> payload)
    {
        if (started is null || failure is not null)
            return DropReason.View; // who answers before it takes part, or after it stopped, would be taken for one who does
        if (!FrameHeader.TryRead(envelope, out FrameHeader header, out FrameError error))
        {
            if (error != FrameError.WrongVersion || FrameHeader.VersionOf(envelope) is not { } version)
                return DropReason.Envelope;
            if (peers[from].OnForeignVersion(version))
                OnIncompatiblePeer(handshake.OnOtherVersion(from, version));
            return DropReason.Version;
        }
        if (!transport.IsSessionOf(from, header.Session))
            return DropReason.Session; // of another account of this host, at a loopback socket behind the TLS front
        peers[from].OnOwnVersion();
        ResetSilenceAfterClockGap();
        if (peers[from].ExcludedSession is not 0 and var shunned && shunned == header.Session)
            return DropReason.Excluded;
        bool exchange = header.Kind is FrameKind.Reduce or FrameKind.Gather;
        if (!exchange && header.Checksum(payload.Span) != header.Crc)
            return DropReason.Checksum; // an exchange checks its own, after the cheaper checks
        if (header.Kind == FrameKind.Hello)
            return OnHello(from, header, payload);
        if (header.Kind == FrameKind.Probe)
            return OnProbe(from, header, payload);
        if (header.Run != options.Fingerprint.Run)
            return DropReason.Run;
        RemotePeer peer = peers[from];
        if (peer.Session != header.Session || header.Session == 0)
            return DropReason.Session;
        peer.MarkHeard();
        switch (header.Kind)
        {
            case FrameKind.Heartbeat:
                return Heartbeat.TryRead(payload.Span) is { } heartbeat ? OnHeartbeat(from, heartbeat) : DropReason.Content;
            case FrameKind.FetchRequest:
                if (FetchRequest.TryDecode(payload) is not { } request)
                    return DropReason.Content;
                donor.OnFetchRequest(from, request, commitState.CommitStep);
                return null;
            case FrameKind.FetchResponse:
                return stateTransfer.OnFetchResponse(from, payload.Span) ? null : DropReason.Repeated;
            case FrameKind.Decided:
                return ViewMessage.TryDecode(payload, peers.Length) is { View: { } decided } ? OnDecided(from, decided) : DropReason.Content;
            case >= FrameKind.PreVote and <= FrameKind.Synchronized:
                return ViewMessage.TryDecode(payload, peers.Length) is not { } message ? DropReason.Content
                    : change.OnMessage(from, header.Kind, header.View, message) ? null : DropReason.View;
        }
        if (inflight is null || header.View != acceptor.View.Number || header.Session != acceptor.View.SessionOf(from))
        {
            // What a member of a later view sends before that view is known here must be asked for again.
            missed |= header.View > acceptor.View.Number || inflight is null;
            return DropReason.View;
        }
        // Who has promised a later view does nothing more in this one; the others' frames do not count for it either.
        return acceptor.HasPromised ? DropReason.View : OnStepFrame(from, header, payload);
    }

    /// <summary>Names who sends what no sound peer sends; where the link says that it is nobody else, takes it for dead.</summary>
    void OnMisconduct(int from, DropReason reason)
    {
        if (!misbehaviorDetector.TryReport(from, out string since))
            return;
        string name = options.PeerIds[from];
        if (!transport.IsAuthenticated || peers[from].Session == 0)
        {
            Raise(new(RingEventKind.Misbehaved, from, $"frames arrive in the name of {name} that no sound peer sends (the last: {DropReasons.Describe(reason)}); they are dropped. "
                + (transport.IsAuthenticated ? "" : "The links are insecure: anybody may have sent them. ") + $"Look at {name}, or stop who it is{since}"));
            return;
        }
        peers[from].Exclude();
        Raise(new(RingEventKind.Misbehaved, from, $"{name} sent {MisbehaviorDetector.ViolationsMax} frames within {MisbehaviorDetector.Window.TotalSeconds:F0} s that no sound peer sends (the last: "
            + $"{DropReasons.Describe(reason)}). It is taken for dead until it is started again; look at its program, memory and host{since}"));
        Tick();
    }

    DropReason? OnStepFrame(int from, in FrameHeader header, ReadOnlyMemory<byte> payload)
    {
        InflightSteps inflight = this.inflight!;
        switch (header.Kind)
        {
            case FrameKind.Reduce or FrameKind.Gather:
                retransmitter.MarkResponsive(from);
                return inflight.Accept(from, header, payload.Span);
            case FrameKind.StepAck:
                if (!StepAck.TryRead(payload.Span, out StepAck ack))
                    return DropReason.Content;
                retransmitter.MarkResponsive(from);
                OnWeights(from, header.Step, ack.Weights);
                return inflight.OnStepAck(from, header.Step, ack.Record);
            case FrameKind.WeightsDigest:
                if (payload.IsEmpty && weightsBefore.TryGetValue(header.Step, out Digest ours))
                    frameSender.SendControl(from, FrameKind.WeightsDigest, header.Step, ours.Bytes.Span);
                if (payload.IsEmpty)
                    return null;
                if (payload.Length != Digest.Length)
                    return DropReason.Content;
                OnWeights(from, header.Step, new Digest(payload.Span));
                return null;
            case FrameKind.Ready:
                if (payload.Length != sizeof(uint))
                    return DropReason.Content;
                stragglerDeadline.RecordGradientTime(from, TimeSpan.FromMicroseconds(BinaryPrimitives.ReadUInt32LittleEndian(payload.Span)));
                inflight.OnReady(from, header.Step);
                SubmitOrRelay();
                return null;
            case FrameKind.ResendRequest:
                return retransmitter.OnResendRequest(from, header.Step, payload, inflight) ? null : DropReason.Content;
            case FrameKind.NotReady:
                return retransmitter.OnNotReady(from, payload.Span) ? null : DropReason.Content;
            default:
                return DropReason.Envelope;
        }
    }

    DropReason? OnHello(int from, in FrameHeader header, ReadOnlyMemory<byte> payload)
    {
        if (header.Session == 0 || Hello.TryDecode(payload) is not { } hello)
            return DropReason.Content;
        if (handshake.OnHello(from, header.Session, hello) is { } refusal)
            OnIncompatiblePeer(refusal);
        return null;
    }

    /// <summary>Answers who looks at the links (<see cref="LinkDiagnostics"/>) and takes note of nothing: it is no process that joins.</summary>
    DropReason? OnProbe(int from, in FrameHeader header, ReadOnlyMemory<byte> payload)
    {
        if (header.Session == 0 || Probe.TryDecode(payload) is not { } probe)
            return DropReason.Content;
        if (probe.WantsAnswer)
        {
            byte[] answer = probe.Answer(header.Session, clock, options.Fingerprint.Fields).Encode();
            if (probe.Padding > 0)
                frameSender.SendBulk(from, FrameKind.Probe, 0, answer);
            else
                frameSender.SendControl(from, FrameKind.Probe, 0, answer);
        }
        return null;
    }

    /// <summary>Who is set up differently cannot join; it must not stop those who train, nor those who are alike and wait.</summary>
    void OnIncompatiblePeer(RingException refusal)
    {
        if (IsActive || isRefused)
            return;
        isRefused = true;
        RunInBackground(EndRefusedAsync(refusal));
    }

    /// <summary>
    /// Greets on for a while: the other's link to here stands, ours to it may still be dialling, and it is to hear why. Meanwhile it shows
    /// how many of the others are set up like this peer.
    /// </summary>
    async Task EndRefusedAsync(RingException refusal)
    {
        await Task.Delay(8 * options.Timings.HelloInterval, clock, stop.Token);
        isRefused = false;
        if (!IsActive && handshake.DiffersFromMajority)
            Fail(refusal);
    }

    DropReason? OnHeartbeat(int from, Heartbeat heartbeat)
    {
        peers[from].OnHeartbeat(heartbeat);
        if (heartbeat.View < acceptor.View.Number)
            SendDecided(from);
        return null;
    }

    void OnPeerDisconnected(int peer)
    {
        if (started is null || failure is not null || peers[peer].Session == 0 || peers[peer].IsDisconnected)
            return;
        ResetSilenceAfterClockGap();
        peers[peer].IsDisconnected = true;
        Tick();
    }

    async Task RunHellosAsync()
    {
        long lastReport = clock.GetTimestamp();
        while (!stop.IsCancellationRequested)
        {
            handshake.SendHellos();
            await Task.Delay(options.Timings.HelloInterval, clock, stop.Token);
            if (acceptor.View.Number != 0 || clock.GetElapsedTime(lastReport) < options.Timings.ReportInterval)
                continue;
            lastReport = clock.GetTimestamp();
            foreach (string wait in handshake.DescribeMissingPeers())
                Raise(new(RingEventKind.Waiting, -1, wait));
        }
    }

    async Task RunTicksAsync()
    {
        long? heartbeat = null;
        while (!stop.IsCancellationRequested)
        {
            if (heartbeat is null || Since(heartbeat) >= options.Timings.HeartbeatInterval)
            {
                heartbeat = clock.GetTimestamp();
                SendHeartbeat();
            }
            Tick();
            await Task.Delay(options.Timings.TickInterval, clock, stop.Token);
        }
    }

    void SendHeartbeat()
    {
        PeerSet hears = failureDetector.Reachable;
        lastHeartbeat = (hears, Flags);
        Span<byte> payload = stackalloc byte[Heartbeat.MaxLength];
        int length = new Heartbeat(acceptor.View.Number, journal.LastStep, commitState.CommitStep, lastHeartbeat.Flags, hears).Write(payload);
        frameSender.SendControlToAll(FrameKind.Heartbeat, commitState.CommitStep, payload[..length]);
    }

    HeartbeatFlags Flags => (IsActive ? HeartbeatFlags.Active : 0) | (acceptor.HasPromised ? HeartbeatFlags.InViewChange : 0)
        | (failureDetector.IsCaughtUp ? HeartbeatFlags.CaughtUp : 0) | (failureDetector.IsLeaving ? HeartbeatFlags.Leaving : 0);

    string Describe(InflightStep step, StallCause cause) => $"step {step.Exchange.Step} waits for {options.PeerIds[cause.Member]}: " + cause.Reason switch
    {
        StallReason.Computing => "its gradient is not done",
        StallReason.Late => "it is there, but its part has not come",
        _ => $"no sign of life for {peers[cause.Member].Silence.TotalSeconds:F0} s",
    };

    /// <summary>Nothing that runs in the background may fail unheard.</summary>
    async void RunInBackground(Task task)
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
        catch (IOException e)
        {
            Fail(Unwritable(e));
        }
        catch (Exception e)
        {
            Fail(new RingException($"the ring stopped because of an error in itself: {e}"));
        }
    }

    static RingException Unwritable(IOException e) => new($"this peer's folder cannot be written: {e.Message}. It stops; the others go on. "
        + "Make room or mend the disk, and start it again.");

    void Fail(RingException reason)
    {
        failure ??= reason;
        inflight = null;
        failureDetector.IsActive = false;
        stop.Cancel();
        WakeTrainer();
    }

    /// <summary>Time since a moment; zero when there was none.</summary>
    TimeSpan Since(long? moment) => moment is { } at ? clock.GetElapsedTime(at) : TimeSpan.Zero;

    ulong NewNumber() => (ulong)random.NextInt64(1, long.MaxValue);

    void Raise(RingEvent happened) => EventRaised?.Invoke(happened);
}
