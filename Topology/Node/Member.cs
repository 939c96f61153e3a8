using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Membership;
using DecentralizedLion.Topology.Protection;
using DecentralizedLion.Topology.Snapshots;
using DecentralizedLion.Topology.StateTransfer;
using DecentralizedLion.Topology.Transport;
using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Topology.Node;

/// <summary>
/// One peer's part in the ring: greets the others, votes step by step, relays while its trainer is behind, agrees with the other
/// members on who takes part, fetches what it missed and serves who missed something. Everything runs on one loop (the current
/// <see cref="SynchronizationContext"/>), on the injected clock and randomness; no I/O but the transport and the stores.
/// </summary>
sealed class Member
{
    readonly MemberServices services;
    readonly RingOptions options;
    readonly TimeProvider clock;
    readonly IJournal journal;
    readonly RemotePeer[] peers;
    readonly Acceptor acceptor;
    readonly MemberState state;
    readonly LastCommit lastCommit;
    readonly FailureDetector failureDetector;
    readonly Handshake handshake;
    readonly Retransmitter retransmitter;
    readonly HeartbeatSender heartbeats;
    readonly OperatorReports reports;
    readonly Bootstrapper bootstrapper;
    readonly LeaveCoordinator leave;
    readonly TrainerPort trainer;
    readonly StepCoordinator steps;
    readonly RecoveryCoordinator recovery;
    readonly ViewCoordinator views;
    readonly StatisticsRecorder recorder;
    readonly CancellationTokenSource stop = new();

    /// <summary>Makes a member; <see cref="Start"/> starts it.</summary>
    /// <param name="options">Who we are and what we are set to.</param>
    /// <param name="transport">The links; this member becomes their handler.</param>
    /// <param name="stores">The stores on its disk.</param>
    /// <param name="clock">The clock of all waiting.</param>
    /// <param name="random">For jitter, disk ids and run ids.</param>
    /// <exception cref="IOException">The view store cannot be written.</exception>
    public Member(RingOptions options, ITransport transport, PeerStores stores, TimeProvider clock, Random random)
    {
        options.Timings.Validate();
        ArgumentOutOfRangeException.ThrowIfZero(options.Session, nameof(options));
        (this.options, this.clock, journal) = (options, clock, stores.Journal);
        int count = options.PeerIds.Count;
        peers = [.. Enumerable.Range(0, count).Select(_ => new RemotePeer(clock))];
        var frameSender = new FrameSender(transport, options.Fingerprint.Run, options.Session);
        acceptor = new Acceptor(options.SelfIndex, count, stores.Views, () => MemberServices.NewNumber(random));
        frameSender.View = acceptor.View.Number;
        state = new MemberState(acceptor);
        failureDetector = new FailureDetector(options, peers, clock);
        lastCommit = new LastCommit(journal, stores.Snapshots,
            options.RepeatsPreviousSigns ? BitPlanes.Words(options.ParameterCount) : 0);
        services = ServicesOf(frameSender, stores.Snapshots, random);
        var foreignTraffic = new ForeignTraffic(options.PeerIds, transport.IsAuthenticated, clock);
        var rejections = new RejectedConnections(clock);
        var hellos = new HelloSender(options, acceptor.State.DiskId, frameSender, stores.Snapshots);
        handshake = new Handshake(options, hellos, peers, transport, clock, services.Raise);
        retransmitter = new Retransmitter(options, failureDetector.Timings, frameSender, peers, clock, random.NextDouble);
        reports = new OperatorReports(services, foreignTraffic, rejections) { Handshake = handshake };
        retransmitter.Unanswered = reports.ReportUnanswered;
        heartbeats = new HeartbeatSender(services);
        bootstrapper = new Bootstrapper(services);
        leave = new LeaveCoordinator(services, heartbeats);
        trainer = new TrainerPort(services, leave);
        steps = new StepCoordinator(services, reports, trainer);
        recovery = new RecoveryCoordinator(services, trainer, steps, reports);
        views = new ViewCoordinator(services, acceptor)
        {
            Reports = reports,
            Heartbeats = heartbeats,
            Bootstrapper = bootstrapper,
            Trainer = trainer,
            Steps = steps,
            Recovery = recovery,
            Retransmitter = retransmitter,
        };
        (trainer.Steps, trainer.Recovery, steps.Recovery, recovery.Views) = (steps, recovery, recovery, views);
        recorder = new StatisticsRecorder(services, transport.Counters, rejections, retransmitter, recovery.Client);
        Listen(transport, foreignTraffic, rejections);
    }

    /// <summary>Lines for the operator, on the loop.</summary>
    public event Action<RingEvent>? EventRaised;

    /// <summary>The latest view that is known to be decided; null before a run begins.</summary>
    public View? View => acceptor.View.Number == 0 ? null : acceptor.View;

    /// <summary>This process takes part in <see cref="View"/>: it is in it and holds all that came before.</summary>
    public bool IsActive => state.IsActive;

    /// <summary>The last committed step that is known here.</summary>
    public long Committed => lastCommit.CommitStep;

    /// <summary>The present figures.</summary>
    public RingStatistics Statistics => recorder.Statistics;

    /// <summary>Greets the others and takes part from then on.</summary>
    public void Start()
    {
        state.StartedAt = clock.GetTimestamp();
        views.OnStart();
        foreach (RemotePeer peer in peers)
            peer.ResetSilence();
        try
        {
            recovery.DropSupersededRecords(); // the process may have died between learning of the view and this
            // The last record may be held and not committed, or not the ring's; those before it are: no step is begun before the
            // one before it is committed. All before a view's first step are, if they are what the view says.
            long known = recovery.IsOnChain(state.View) ? state.View.FirstStep - 1 : journal.BaseStep;
            lastCommit.SeekTo(Math.Max(Math.Max(journal.BaseStep, known), journal.LastStep - 1));
        }
        catch (IOException e)
        {
            Fail(OperatorReports.Unwritable(e));
            return;
        }
        catch (RingException e)
        {
            Fail(e);
            return;
        }
        RunInBackground(RunHellosAsync());
        RunInBackground(RunTicksAsync());
        RunInBackground(retransmitter.RunAsync(() => state.HasPromised ? null : steps.Inflight, reports.ReportStall,
            services.Stopped));
        RunInBackground(recovery.Client.RunAsync(services.Stopped));
    }

    /// <summary>Stops at once, without a word.</summary>
    public void Abort() => Fail(new RingException("stopped"));

    /// <summary>Asks to leave in order.</summary>
    public void RequestStop()
    {
        leave.RequestStop();
        Tick();
    }

    /// <summary>The trainer casts no more ballots: this member relays where the others go on.</summary>
    public void StopVoting()
    {
        trainer.StopVoting();
        steps.SubmitOrRelay();
    }

    /// <summary>The trainer's next turn; waits until there is one. One call at a time.</summary>
    /// <param name="applied">The last step applied; of a <see cref="LoadTurn"/>, the step of the snapshot that was
    /// loaded.</param>
    /// <param name="weights">Digest of the slice of the weights that step <paramref name="applied"/> + 1 compares.</param>
    /// <exception cref="RingException">The ring cannot go on with this peer; the message says why.</exception>
    public Task<TrainerTurn> NextAsync(long applied, Digest weights) => trainer.NextAsync(applied, weights);

    /// <summary>Gives this peer's ballot for a step.</summary>
    /// <param name="step">The step of a <see cref="ComputeTurn"/>, or the step after the one that the trainer starts
    /// from.</param>
    /// <param name="ballot">Its signs, or null to relay; must not change until the step after it was applied here.</param>
    /// <param name="loss">The loss on the mini-batch.</param>
    /// <param name="took">How long the gradient took; zero when it is not known.</param>
    /// <param name="weights">When the turn before it was the <see cref="ApplyTurn"/> of the step before: the digest that
    /// <see cref="NextAsync"/> would have been given. Zeros otherwise.</param>
    public void SubmitBallot(long step, Ballot? ballot, float loss, TimeSpan took, Digest weights = default) =>
        trainer.SubmitBallot(step, ballot, loss, took, weights);

    /// <summary>Looks at who is there and does what is due.</summary>
    void Tick()
    {
        if (state.Failure is not null || state.StartedAt is null)
            return;
        failureDetector.ResetSilenceAfterClockGap();
        reports.ReportSuspicions();
        reports.ReportForeignTraffic();
        recovery.CheckIsCaughtUp();
        heartbeats.SendWhenChanged();
        try
        {
            if (bootstrapper.IsDue && bootstrapper.TryBuildOwnView() is { } view)
                views.Install(view);
            views.Tick();
        }
        catch (IOException e)
        {
            Fail(OperatorReports.Unwritable(e));
        }
        reports.ReportPause();
        recorder.Record();
        trainer.Wake();
    }

    void OnPeerDisconnected(int peer)
    {
        if (state.StartedAt is null || state.Failure is not null || peers[peer].Session == 0 || peers[peer].IsDisconnected)
            return;
        failureDetector.ResetSilenceAfterClockGap();
        peers[peer].IsDisconnected = true;
        recovery.Client.OnPeerGone(peer);
        Tick();
    }

    MemberServices ServicesOf(FrameSender frameSender, ISnapshotStore snapshots, Random random) => new()
    {
        Options = options,
        Journal = journal,
        Snapshots = snapshots,
        Clock = clock,
        Random = random,
        FrameSender = frameSender,
        Peers = peers,
        State = state,
        LastCommit = lastCommit,
        FailureDetector = failureDetector,
        Planner = new ViewPlanner(options, state, failureDetector, peers, clock),
        Raise = happened => EventRaised?.Invoke(happened),
        Fail = Fail,
        RunInBackground = RunInBackground,
        Tick = Tick,
        Stopped = stop.Token,
    };

    void Listen(ITransport transport, ForeignTraffic foreignTraffic, RejectedConnections rejections)
    {
        var dispatcher = new FrameDispatcher(services, transport, foreignTraffic)
        {
            Handshake = handshake,
            Retransmitter = retransmitter,
            Donor = new Donor(services.FrameSender, journal, services.Snapshots, trainer.RequestSnapshot),
            StateTransfer = recovery.Client,
            Views = views,
            Steps = steps,
        };
        transport.Handler = dispatcher.OnFrame;
        transport.PeerDisconnected = OnPeerDisconnected;
        transport.ConnectionClosed = foreignTraffic.OnConnectionClosed;
        transport.Rejected = rejections.Add;
    }

    async Task RunHellosAsync()
    {
        long lastReport = clock.GetTimestamp();
        while (!stop.IsCancellationRequested)
        {
            handshake.SendHellos();
            await Task.Delay(options.Timings.HelloInterval, clock, services.Stopped);
            if (state.View.Number != 0 || clock.GetElapsedTime(lastReport) < options.Timings.ReportInterval)
                continue;
            lastReport = clock.GetTimestamp();
            foreach (string wait in handshake.DescribeMissingPeers())
                services.Raise(new(RingEventKind.Waiting, -1, wait));
        }
    }

    async Task RunTicksAsync()
    {
        long? heartbeat = null;
        while (!stop.IsCancellationRequested)
        {
            if (heartbeat is null || services.Since(heartbeat) >= options.Timings.HeartbeatInterval)
            {
                heartbeat = clock.GetTimestamp();
                heartbeats.Send();
            }
            Tick();
            await Task.Delay(options.Timings.TickInterval, clock, services.Stopped);
        }
    }

    /// <summary>Nothing that runs in the background may fail without a report.</summary>
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
            Fail(OperatorReports.Unwritable(e));
        }
        catch (Exception e)
        {
            Fail(new RingException($"this peer stopped because of a bug in the program. Start it again, and report: {e}"));
        }
    }

    void Fail(RingException reason)
    {
        state.Failure ??= reason;
        steps.Stop();
        state.IsActive = false;
        stop.Cancel();
        trainer.Wake();
    }
}
