using System.Buffers.Binary;
using DecentralizedLion.Codecs;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Snapshots;
using DecentralizedLion.Topology.Transport;
using DecentralizedLion.Topology.Views;

namespace DecentralizedLion.Topology.Membership;

/// <summary>
/// One peer's part in the ring (section 6): greets the others, votes step by step, relays while its trainer is behind, agrees with the
/// other members on who takes part, fetches what it missed and serves who missed something. Everything runs on one loop (the current
/// <see cref="SynchronizationContext"/>), on the injected clock and randomness; no I/O but the mesh and the stores.
/// </summary>
public sealed partial class Member
{
    readonly MemberOptions options;
    readonly IMesh mesh;
    readonly IJournal journal;
    readonly ISnapshotStore snapshots;
    readonly TimeProvider clock;
    readonly Random random;
    readonly Outbox outbox;
    readonly Acquaintance[] peers;
    readonly Acceptor acceptor;
    readonly ViewChange change;
    readonly Census census;
    readonly Greeting greeting;
    readonly Pursuit pursuit;
    readonly CatchUp catchUp;
    readonly Donor donor;
    readonly Lateness lateness;
    readonly WeightsWatch watch = new();
    readonly Conduct conduct;
    readonly Strangers strangers;
    readonly RejectedConnections rejections;
    readonly Honesty honesty;
    readonly Tip tip;
    readonly CancellationTokenSource stop = new();
    StepTable? table;
    RingException? failure;
    ChainDigest initial;
    bool isRefused;
    long? started;

    /// <summary>Makes a member; <see cref="Start"/> starts it.</summary>
    /// <param name="options">Who we are and what we are set to.</param>
    /// <param name="mesh">The links; this member becomes their handler.</param>
    /// <param name="journal">Where each step is written before it is held.</param>
    /// <param name="snapshots">This peer's checkpoints; one of the state that it starts from must be there.</param>
    /// <param name="views">Where promises are kept.</param>
    /// <param name="clock">The clock of all waiting.</param>
    /// <param name="random">For jitter, incarnations and lineages.</param>
    /// <exception cref="IOException">The view store cannot be written.</exception>
    public Member(MemberOptions options, IMesh mesh, IJournal journal, ISnapshotStore snapshots, IViewStore views, TimeProvider clock,
        Random random)
    {
        options.Timings.Validate();
        ArgumentOutOfRangeException.ThrowIfZero(options.Session, nameof(options));
        (this.options, this.mesh, this.journal, this.snapshots, this.clock, this.random) = (options, mesh, journal, snapshots, clock, random);
        int count = options.Names.Count;
        peers = [.. Enumerable.Range(0, count).Select(_ => new Acquaintance(clock))];
        outbox = new Outbox(mesh, options.Self, count, options.Fingerprint.Run, options.Session);
        acceptor = new Acceptor(options.Self, count, views, NewNumber);
        outbox.View = acceptor.View.Number;
        change = new ViewChange(options.Self, acceptor, this, clock, options.Timings.ProposeTimeout, random.NextDouble);
        census = new Census(options, acceptor, peers, clock);
        greeting = new Greeting(options, acceptor.State.Incarnation, outbox, peers, snapshots, mesh, clock, Tell);
        pursuit = new Pursuit(options, outbox, peers, clock, random.NextDouble);
        catchUp = new CatchUp(options, outbox, journal, snapshots, this, clock, random.NextDouble);
        donor = new Donor(outbox, journal, snapshots, () =>
        {
            snapshotIsWanted |= !saves; // one that is being written will do
            Kick();
        });
        lateness = new Lateness(count, options.Timings);
        conduct = new Conduct(count, clock);
        honesty = new Honesty(options.Names, clock);
        strangers = new Strangers(options.Names, mesh.Authenticates, clock);
        rejections = new RejectedConnections(clock);
        tip = new Tip(journal, snapshots, options.RepeatsVerdicts ? BitPlanes.Words(options.Parameters) : 0);
        mesh.Handler = OnFrame;
        mesh.Refused = OnRefused;
        mesh.Ended = strangers.AddEnded;
        mesh.Rejected = rejections.Add;
    }

    /// <summary>Lines for the operator, on the loop.</summary>
    public event Action<RingEvent>? Happened;

    /// <summary>The latest view that is known to be decided; null before a run is founded.</summary>
    public View? View => acceptor.View.Number == 0 ? null : acceptor.View;

    /// <summary>Whether this process takes part in <see cref="View"/>: it is in it and holds all that came before.</summary>
    public bool IsActive => census.IsActive;

    /// <summary>The last committed step that is known here.</summary>
    public long Committed => tip.Step;

    /// <summary>How often something was asked for again.</summary>
    public long Retries => pursuit.Retries + catchUp.Retries;

    int Self => options.Self;

    /// <summary>Greets the others and takes part from then on.</summary>
    public void Start()
    {
        started = clock.GetTimestamp();
        initial = snapshots.Newest(SnapshotPart.Shared)?.Sha ?? default;
        foreach (Acquaintance peer in peers)
            peer.Restart();
        try
        {
            CutWhatWasDecidedOtherwise(); // the process may have died between learning of the view and this
            // The last record may be held and not committed, or not the ring's; those before it are: no step is begun before the one before
            // it is committed. All before a view's first step are, if they are what the view says.
            long known = IsOnChain(acceptor.View) ? acceptor.View.FirstStep - 1 : journal.First;
            tip.MoveTo(Math.Max(Math.Max(journal.First, known), journal.Last - 1));
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
        Keep(GreetAsync());
        Keep(LookAsync());
        Keep(pursuit.WatchAsync(() => acceptor.Frozen ? null : table, (waiting, cause) => Tell(new(RingEventKind.Waiting, cause.Member, Describe(waiting, cause))), stop.Token));
        Keep(catchUp.RunAsync(stop.Token));
    }

    /// <summary>Stops at once, without a word.</summary>
    public void Abort() => Fail(new RingException("stopped"));

    void OnFrame(int from, ReadOnlyMemory<byte> envelope, ReadOnlyMemory<byte> payload)
    {
        try
        {
            if (Judge(from, envelope, payload) is not { } reason)
                return;
            mesh.Counters.Drop(reason);
            strangers.Add(from, reason);
            if (conduct.IsAmiss(reason, envelope, payload.Span, acceptor.View.Set, mesh.Authenticates))
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

    DropReason? Judge(int from, ReadOnlyMemory<byte> envelope, ReadOnlyMemory<byte> payload)
    {
        if (started is null || failure is not null)
            return DropReason.View; // who answers before it takes part, or after it stopped, would be taken for one who does
        if (!FrameHeader.TryRead(envelope, out FrameHeader header, out FrameError error))
        {
            if (error != FrameError.WrongVersion || FrameHeader.VersionOf(envelope) is not { } version)
                return DropReason.Envelope;
            if (peers[from].IsOfVersion(version))
                Refuse(greeting.OnOtherVersion(from, version));
            return DropReason.Version;
        }
        if (!mesh.IsSessionOf(from, header.Session))
            return DropReason.Session; // of another account of this host, at a loopback socket behind the TLS front
        peers[from].SpeaksOurs();
        MindTheGap();
        if (peers[from].Shunned is not 0 and var shunned && shunned == header.Session)
            return DropReason.Shunned;
        bool exchange = header.Kind is FrameKind.Reduce or FrameKind.Gather;
        if (!exchange && header.Checksum(payload.Span) != header.Crc)
            return DropReason.Checksum; // an exchange checks its own, after the cheaper checks
        if (header.Kind == FrameKind.Hello)
            return OnHello(from, header, payload);
        if (header.Kind == FrameKind.Probe)
            return OnProbe(from, header, payload);
        if (header.Run != options.Fingerprint.Run)
            return DropReason.Run;
        Acquaintance peer = peers[from];
        if (peer.Session != header.Session || header.Session == 0)
            return DropReason.Session;
        peer.Hear();
        switch (header.Kind)
        {
            case FrameKind.Status:
                return PeerStatus.TryRead(payload.Span) is { } status ? OnStatus(from, status) : DropReason.Content;
            case FrameKind.Fetch:
                if (FetchAsk.TryDecode(payload) is not { } ask)
                    return DropReason.Content;
                donor.Answer(from, ask, tip.Step);
                return null;
            case FrameKind.Piece:
                return catchUp.OnPiece(from, payload.Span) ? null : DropReason.Repeated;
            case FrameKind.Decided:
                return ViewMessage.TryDecode(payload, peers.Length) is { View: { } decided } ? OnDecided(from, decided) : DropReason.Content;
            case >= FrameKind.PreVote and <= FrameKind.CaughtUp:
                return ViewMessage.TryDecode(payload, peers.Length) is not { } message ? DropReason.Content
                    : change.OnMessage(from, header.Kind, header.View, message) ? null : DropReason.View;
        }
        if (table is null || header.View != acceptor.View.Number || header.Session != acceptor.View.SessionOf(from))
        {
            // What a member of a later view sends before that view is known here must be asked for again.
            missed |= header.View > acceptor.View.Number || table is null;
            return DropReason.View;
        }
        // Who has promised a later view does nothing more in this one; the others' frames do not count for it either.
        return acceptor.Frozen ? DropReason.View : OnStepFrame(from, header, payload);
    }

    /// <summary>Names who sends what no sound peer sends; where the link says that it is nobody else, takes it for dead.</summary>
    void OnMisconduct(int from, DropReason reason)
    {
        if (!conduct.IsTooMuch(from, out string since))
            return;
        string name = options.Names[from];
        if (!mesh.Authenticates || peers[from].Session == 0)
        {
            Tell(new(RingEventKind.Misbehaved, from, $"frames arrive in the name of {name} that no sound peer sends (the last: {DropReasons.Text(reason)}); they are dropped. "
                + (mesh.Authenticates ? "" : "The links are insecure: anybody may have sent them. ") + $"Look at {name}, or stop who it is{since}"));
            return;
        }
        peers[from].Shun();
        Tell(new(RingEventKind.Misbehaved, from, $"{name} sent {Conduct.Most} frames within {Conduct.Window.TotalSeconds:F0} s that no sound peer sends (the last: "
            + $"{DropReasons.Text(reason)}). It is taken for dead until it is started again; look at its program, memory and host{since}"));
        Look();
    }

    DropReason? OnStepFrame(int from, in FrameHeader header, ReadOnlyMemory<byte> payload)
    {
        StepTable table = this.table!;
        switch (header.Kind)
        {
            case FrameKind.Reduce or FrameKind.Gather:
                pursuit.Answered(from);
                return table.Accept(from, header, payload.Span);
            case FrameKind.Held:
                if (!Held.TryRead(payload.Span, out Held held))
                    return DropReason.Content;
                pursuit.Answered(from);
                OnWeights(from, header.Step, held.Weights);
                return table.OnHeld(from, header.Step, held.Record);
            case FrameKind.Weights:
                if (payload.IsEmpty && weightsBefore.TryGetValue(header.Step, out ChainDigest ours))
                    outbox.Control(from, FrameKind.Weights, header.Step, ours.Bytes.Span);
                if (payload.IsEmpty)
                    return null;
                if (payload.Length != ChainDigest.Length)
                    return DropReason.Content;
                OnWeights(from, header.Step, new ChainDigest(payload.Span));
                return null;
            case FrameKind.Ready:
                if (payload.Length != sizeof(uint))
                    return DropReason.Content;
                lateness.Add(from, TimeSpan.FromMicroseconds(BinaryPrimitives.ReadUInt32LittleEndian(payload.Span)));
                table.OnReady(from, header.Step);
                Advance();
                return null;
            case FrameKind.Ask:
                return pursuit.OnAsk(from, header.Step, payload, table) ? null : DropReason.Content;
            case FrameKind.NotYet:
                return pursuit.OnNotYet(from, payload.Span) ? null : DropReason.Content;
            default:
                return DropReason.Envelope;
        }
    }

    DropReason? OnHello(int from, in FrameHeader header, ReadOnlyMemory<byte> payload)
    {
        if (header.Session == 0 || Hello.TryDecode(payload) is not { } hello)
            return DropReason.Content;
        if (greeting.OnHello(from, header.Session, hello) is { } refusal)
            Refuse(refusal);
        return null;
    }

    /// <summary>Answers who looks at the links (<see cref="Diagnostics.LinkCheckup"/>) and takes note of nothing: it is no process that joins.</summary>
    DropReason? OnProbe(int from, in FrameHeader header, ReadOnlyMemory<byte> payload)
    {
        if (header.Session == 0 || Diagnostics.Probe.TryDecode(payload) is not { } probe)
            return DropReason.Content;
        if (probe.WantsAnswer)
        {
            byte[] answer = probe.Answer(header.Session, clock, options.Fingerprint.Parts).Encode();
            if (probe.Padding > 0)
                outbox.Bulk(from, FrameKind.Probe, 0, answer);
            else
                outbox.Control(from, FrameKind.Probe, 0, answer);
        }
        return null;
    }

    /// <summary>Who is set up differently cannot join; it must not stop those who train, nor those who are alike and wait.</summary>
    void Refuse(RingException refusal)
    {
        if (IsActive || isRefused)
            return;
        isRefused = true;
        Keep(EndRefusedAsync(refusal));
    }

    /// <summary>
    /// Greets on for a while: the other's link to here stands, ours to it may still be dialling, and it is to hear why. Meanwhile it shows
    /// how many of the others are set up like this peer.
    /// </summary>
    async Task EndRefusedAsync(RingException refusal)
    {
        await Task.Delay(8 * options.Timings.HelloEvery, clock, stop.Token);
        isRefused = false;
        if (!IsActive && greeting.IsOddOneOut)
            Fail(refusal);
    }

    DropReason? OnStatus(int from, PeerStatus status)
    {
        peers[from].Say(status);
        if (status.View < acceptor.View.Number)
            SendDecided(from);
        return null;
    }

    void OnRefused(int peer)
    {
        if (started is null || failure is not null || peers[peer].Session == 0 || peers[peer].IsGone)
            return;
        MindTheGap();
        peers[peer].IsGone = true;
        Look();
    }

    async Task GreetAsync()
    {
        long lastReport = clock.GetTimestamp();
        while (!stop.IsCancellationRequested)
        {
            greeting.GreetAll();
            await Task.Delay(options.Timings.HelloEvery, clock, stop.Token);
            if (acceptor.View.Number != 0 || clock.GetElapsedTime(lastReport) < options.Timings.ReportEvery)
                continue;
            lastReport = clock.GetTimestamp();
            foreach (string wait in greeting.Waits())
                Tell(new(RingEventKind.Waiting, -1, wait));
        }
    }

    async Task LookAsync()
    {
        long? heartbeat = null;
        while (!stop.IsCancellationRequested)
        {
            if (heartbeat is null || Since(heartbeat) >= options.Timings.HeartbeatEvery)
            {
                heartbeat = clock.GetTimestamp();
                SendStatus();
            }
            Look();
            await Task.Delay(options.Timings.LookEvery, clock, stop.Token);
        }
    }

    void SendStatus()
    {
        VoterSet hears = census.Hears;
        said = (hears, Flags);
        Span<byte> payload = stackalloc byte[PeerStatus.MaxLength];
        int length = new PeerStatus(acceptor.View.Number, journal.Last, tip.Step, said.Flags, hears).Write(payload);
        outbox.ControlToAll(FrameKind.Status, tip.Step, payload[..length]);
    }

    StatusFlags Flags => (IsActive ? StatusFlags.Active : 0) | (acceptor.Frozen ? StatusFlags.Frozen : 0)
        | (census.IsCaughtUp ? StatusFlags.CaughtUp : 0) | (census.IsLeaving ? StatusFlags.Leaving : 0);

    string Describe(StepInHand step, WaitCause cause) => $"step {step.Exchange.Step} waits for {options.Names[cause.Member]}: " + cause.Reason switch
    {
        WaitReason.Computing => "its gradient is not done",
        WaitReason.Late => "it is there, but its part has not come",
        _ => $"no sign of life for {peers[cause.Member].Silence.TotalSeconds:F0} s",
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
        table = null;
        census.IsActive = false;
        stop.Cancel();
        Kick();
    }

    /// <summary>Time since a moment; zero when there was none.</summary>
    TimeSpan Since(long? moment) => moment is { } at ? clock.GetElapsedTime(at) : TimeSpan.Zero;

    ulong NewNumber() => (ulong)random.NextInt64(1, long.MaxValue);

    void Tell(RingEvent happened) => Happened?.Invoke(happened);
}
