using System.Buffers.Binary;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Diagnostics;
using DecentralizedLion.Topology.Membership;
using DecentralizedLion.Topology.Protection;
using DecentralizedLion.Topology.StateTransfer;
using DecentralizedLion.Topology.Transport;
using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Topology.Node;

/// <summary>Checks each frame that arrives (version, session, run, checksum) and hands it to who handles it.</summary>
sealed class FrameDispatcher(MemberServices services, ITransport transport, ForeignTraffic foreignTraffic)
{
    readonly RingOptions options = services.Options;
    readonly TimeProvider clock = services.Clock;
    readonly FrameSender frameSender = services.FrameSender;
    readonly RemotePeer[] peers = services.Peers;
    readonly MemberState state = services.State;
    readonly MisbehaviorDetector misbehaviorDetector = new(services.Options.PeerIds.Count, services.Clock);
    bool isRefused;

    public required Handshake Handshake { private get; init; }

    public required Retransmitter Retransmitter { private get; init; }

    public required Donor Donor { private get; init; }

    public required StateTransferClient StateTransfer { private get; init; }

    public required ViewCoordinator Views { private get; init; }

    public required StepCoordinator Steps { private get; init; }

    /// <summary>Handles a frame of a peer.</summary>
    public void OnFrame(int from, ReadOnlyMemory<byte> envelope, ReadOnlyMemory<byte> payload)
    {
        try
        {
            if (Dispatch(from, envelope, payload) is not { } reason)
                return;
            transport.Counters.Drop(reason);
            foreignTraffic.OnFrameDropped(from, reason);
            if (misbehaviorDetector.IsProtocolViolation(reason, envelope, payload.Span, state.View.MemberSet,
                transport.IsAuthenticated))
                OnMisconduct(from, reason);
        }
        catch (IOException e)
        {
            services.Fail(OperatorReports.Unwritable(e));
        }
        catch (RingException e)
        {
            services.Fail(e);
        }
    }

    DropReason? Dispatch(int from, ReadOnlyMemory<byte> envelope, ReadOnlyMemory<byte> payload)
    {
        if (state.StartedAt is null || state.Failure is not null)
            return DropReason.View; // a peer that answers before it takes part, or after it stopped, would seem to take part
        if (!FrameHeader.TryRead(envelope, out FrameHeader header, out FrameError error))
        {
            if (error != FrameError.WrongVersion || FrameHeader.VersionOf(envelope) is not { } version)
                return DropReason.Envelope;
            if (peers[from].OnForeignVersion(version))
                OnIncompatiblePeer(Handshake.OnOtherVersion(from, version));
            return DropReason.Version;
        }
        if (!transport.IsSessionOf(from, header.Session))
            return DropReason.Session; // of another account of this host, at a loopback socket behind the TLS front
        peers[from].OnOwnVersion();
        services.FailureDetector.ResetSilenceAfterClockGap();
        if (peers[from].ExcludedSession is not 0 and var excluded && excluded == header.Session)
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
                Donor.OnFetchRequest(from, request, services.LastCommit.CommitStep);
                return null;
            case FrameKind.FetchResponse:
                return StateTransfer.OnFetchResponse(from, payload.Span) ? null : DropReason.Repeated;
            case FrameKind.Decided:
                return ViewMessage.TryDecode(payload, peers.Length) is { View: { } decided }
                    ? Views.OnDecided(from, decided) : DropReason.Content;
            case >= FrameKind.PreVote and <= FrameKind.Synchronized:
                return ViewMessage.TryDecode(payload, peers.Length) is not { } message ? DropReason.Content
                    : Views.OnMessage(from, header.Kind, header.View, message) ? null : DropReason.View;
        }
        if (Steps.Inflight is not { } inflight || header.View != state.View.Number
            || header.Session != state.View.SessionOf(from))
        {
            // What a member of a later view sends before that view is known here must be asked for again.
            if (header.View > state.View.Number || Steps.Inflight is null)
                Views.NoteMissedFrames();
            return DropReason.View;
        }
        // Who has promised a later view does nothing more in this one; the others' frames do not count for it either.
        return state.HasPromised ? DropReason.View : OnStepFrame(from, header, payload, inflight);
    }

    /// <summary>
    /// Reports a peer that sends what no correct one does; where the link proves that it is that peer, excludes it.
    /// </summary>
    void OnMisconduct(int from, DropReason reason)
    {
        if (!misbehaviorDetector.TryReport(from, out string since))
            return;
        string name = options.PeerIds[from];
        if (!transport.IsAuthenticated || peers[from].Session == 0)
        {
            services.Raise(new(RingEventKind.Misbehaved, from, $"invalid frames arrive under {name}'s name (the last: "
                + $"{DropReasons.Describe(reason)}) and are dropped. Check {name}'s program and memory"
                + (transport.IsAuthenticated ? "" : $"; if {name} is healthy, another process forges them: find it, or use keys "
                    + "instead of \"insecure\"") + since));
            return;
        }
        peers[from].Exclude();
        services.Raise(new(RingEventKind.Misbehaved, from, $"{name} sent {MisbehaviorDetector.ViolationsMax} invalid frames "
            + $"within {MisbehaviorDetector.Window.TotalSeconds:F0} s (the last: {DropReasons.Describe(reason)}) and is "
            + $"excluded. Check its program, memory and host, then start it again{since}"));
        services.Tick();
    }

    DropReason? OnStepFrame(int from, in FrameHeader header, ReadOnlyMemory<byte> payload, InflightSteps inflight)
    {
        switch (header.Kind)
        {
            case FrameKind.Reduce or FrameKind.Gather:
                Retransmitter.MarkResponsive(from);
                return inflight.Accept(from, header, payload.Span);
            case FrameKind.StepAck:
                if (!StepAck.TryRead(payload.Span, out StepAck ack))
                    return DropReason.Content;
                Retransmitter.MarkResponsive(from);
                Steps.OnWeights(from, header.Step, ack.Weights);
                return inflight.OnStepAck(from, header.Step, ack.Record);
            case FrameKind.WeightsDigest:
                if (payload.IsEmpty)
                {
                    Steps.OnWeightsRequest(from, header.Step);
                    return null;
                }
                if (payload.Length != Digest.Length)
                    return DropReason.Content;
                Steps.OnWeights(from, header.Step, new Digest(payload.Span));
                return null;
            case FrameKind.Ready:
                if (payload.Length != sizeof(uint))
                    return DropReason.Content;
                Steps.OnReady(from, header.Step,
                    TimeSpan.FromMicroseconds(BinaryPrimitives.ReadUInt32LittleEndian(payload.Span)));
                return null;
            case FrameKind.ResendRequest:
                return Retransmitter.OnResendRequest(from, header.Step, payload, inflight) ? null : DropReason.Content;
            case FrameKind.NotReady:
                return Retransmitter.OnNotReady(from, payload.Span) ? null : DropReason.Content;
            default:
                return DropReason.Envelope;
        }
    }

    DropReason? OnHello(int from, in FrameHeader header, ReadOnlyMemory<byte> payload)
    {
        if (header.Session == 0 || Hello.TryDecode(payload) is not { } hello)
            return DropReason.Content;
        if (Handshake.OnHello(from, header.Session, hello) is { } refusal)
            OnIncompatiblePeer(refusal);
        return null;
    }

    /// <summary>
    /// Answers a look at the links (<see cref="LinkDiagnostics"/>) and takes note of nothing: it is no process that joins.
    /// </summary>
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

    /// <summary>
    /// A peer with other settings cannot join; it must not stop those that train, nor those that agree and wait.
    /// </summary>
    void OnIncompatiblePeer(RingException refusal)
    {
        if (state.IsActive || isRefused)
            return;
        isRefused = true;
        services.RunInBackground(EndRefusedAsync(refusal));
    }

    /// <summary>
    /// Greets on for a while: the other's link to here stands, ours to it may still be dialling, and it is to hear why. Meanwhile
    /// it shows how many of the others are set up like this peer.
    /// </summary>
    async Task EndRefusedAsync(RingException refusal)
    {
        await Task.Delay(8 * options.Timings.HelloInterval, clock, services.Stopped);
        isRefused = false;
        if (!state.IsActive && Handshake.DiffersFromMajority)
            services.Fail(refusal);
    }

    DropReason? OnHeartbeat(int from, Heartbeat heartbeat)
    {
        peers[from].OnHeartbeat(heartbeat);
        if (heartbeat.View < state.View.Number)
            Views.SendDecided(from);
        return null;
    }
}
