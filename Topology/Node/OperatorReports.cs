using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Membership;
using DecentralizedLion.Topology.Protection;
using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Topology.Node;

/// <summary>The reports to the operator: which peers are suspected, come or go, and which peer a step waits for.</summary>
sealed class OperatorReports(MemberServices services, ForeignTraffic foreignTraffic, RejectedConnections rejections)
{
    const int LostFramesEvery = 6;

    readonly RingOptions options = services.Options;
    readonly TimeProvider clock = services.Clock;
    readonly RemotePeer[] peers = services.Peers;
    readonly MemberState state = services.State;
    readonly FailureDetector failureDetector = services.FailureDetector;
    readonly ViewPlanner planner = services.Planner;
    readonly ReportLimiter lostFrames = new(services.Clock, LostFramesEvery * services.Options.Timings.ReportInterval,
        atOnce: 1);
    PeerSet removed;
    long? paused, committedAt;
    long reported;
    bool interrupted, isAfterFault;

    /// <summary>The settings of the others and the reasons why they cannot be reached.</summary>
    public required Handshake Handshake { get; init; }

    int Self => options.SelfIndex;

    /// <summary>The ring was closed by all: a silent peer has most likely ended.</summary>
    bool AllLeave => state.View.IsFinal && state.IsLeaving;

    /// <summary>Reports each member that has fallen silent.</summary>
    public void ReportSuspicions()
    {
        for (int peer = 0; peer < peers.Length; peer++)
        {
            RemotePeer known = peers[peer];
            if (peer == Self || known.Session == 0)
                continue;
            bool suspected = !failureDetector.IsAlive(peer);
            if (suspected && !known.WasSuspected && known.Heartbeat?.Is(HeartbeatFlags.Leaving) != true
                && state.View.MemberSet.Contains(peer) && state.View.Number != 0 && !services.IsLastStepCommitted && !AllLeave)
            {
                interrupted = isAfterFault = true;
                services.Raise(new(RingEventKind.Suspected, peer,
                    known.ExcludedSession == known.Session
                        ? $"{options.PeerIds[peer]} is excluded: it sent invalid frames. Check its host and start it again"
                    : known.IsDisconnected
                        ? $"{options.PeerIds[peer]} has stopped: its connection closed and its port refuses new ones. Start it "
                            + "again"
                    : $"{options.PeerIds[peer]} has sent nothing for {known.Silence.TotalSeconds:F1} s. If it stays silent, a "
                        + "quorum removes it from the view"));
            }
            known.WasSuspected = suspected;
        }
    }

    /// <summary>
    /// Reports a peer whose heartbeats arrive, but not what was requested of it again and again: short frames pass, long ones
    /// do not.
    /// </summary>
    public void ReportUnanswered(int peer)
    {
        bool isHeard = peers[peer].Silence < 4 * options.Timings.HeartbeatInterval;
        // A peer in a view change answers for no step.
        bool isAlike = failureDetector.HeartbeatOf(peer) is { } heartbeat && !heartbeat.Is(HeartbeatFlags.InViewChange)
            && (heartbeat.View == state.View.Number || !state.IsActive);
        if (isHeard && isAlike && lostFrames.TryAcquire(out string since))
            services.Raise(new(RingEventKind.Waiting, peer,
                $"{options.PeerIds[peer]}'s short frames arrive, but the long ones that were requested do not; "
                + $"{Handshake.LargePacketsHint}{since}"));
    }

    /// <summary>Reports connections and frames that come from nobody in the roster.</summary>
    public void ReportForeignTraffic()
    {
        for (int peer = 0; peer < peers.Length; peer++)
        {
            if (foreignTraffic.TryTakeReport(peer) is { } text)
                services.Raise(new(RingEventKind.Rejected, peer, text));
        }
        if (rejections.TryTakeReport() is { } report)
            services.Raise(new(RingEventKind.Rejected, -1, report));
    }

    /// <summary>Reports that too few peers are reachable for a step, and that enough are again.</summary>
    public void ReportPause()
    {
        View view = state.View;
        PeerSet voters = planner.ReachableAcceptors;
        bool hasQuorum = view.IsQuorum(voters);
        bool isSmall = hasQuorum && state.IsActive && !view.IsFinal && view.Count < options.MinPeers;
        bool isPaused = view.Number != 0 && !services.IsLastStepCommitted && !AllLeave && (!hasQuorum || isSmall)
            && services.Since(state.StartedAt) > services.Timings.SuspicionTimeout;
        if (!isPaused)
        {
            if (paused is not null && committedAt is not null)
            {
                string text = $"{voters.Count} of {view.Count} peers reachable again; training continues";
                services.Raise(new(RingEventKind.Resumed, -1, text, services.Since(paused)));
            }
            paused = null;
            return;
        }
        if (paused is not null && clock.GetElapsedTime(reported) < 6 * options.Timings.ReportInterval)
            return;
        bool isNews = paused is null;
        paused ??= clock.GetTimestamp();
        reported = clock.GetTimestamp();
        // A process that made no step yet stops nothing: it waits, as after a power cut, or after all had left.
        bool waits = committedAt is null;
        interrupted = true;
        if (isSmall)
        {
            services.Raise(new(waits ? RingEventKind.Waiting : RingEventKind.Paused, -1,
                $"{(waits ? "waiting" : "paused")}: {view.Count} of {peers.Length} peers are in the ring, and minPeers in "
                + $"peers.json is {options.MinPeers}. Start the missing peers: training continues when enough are back. Nothing "
                + "is lost if this peer is stopped"));
            return;
        }
        isAfterFault |= !waits;
        PeerSet wiped = planner.PeersWithLostDisk;
        services.Raise(new(waits ? RingEventKind.Waiting : RingEventKind.Paused, -1,
            $"{(waits ? "waiting" : "paused")}: {voters.Count} of {view.Count} peers reachable, {view.QuorumSize} needed"
            + (failureDetector.Reachable.Count == 1 && !waits ? "; if the run is over for the others, stop this peer" : "")
            + (wiped.IsEmpty ? "" : $"; {services.Names(wiped)} came back with an empty disk and cannot confirm earlier steps. "
                + "If those disks are lost for good, stop this peer and start it with --force-new-ring: the others then join it")
            + (isNews && wiped.IsEmpty
                ? $". {WhyUnreachable(view, voters) ?? (waits ? Handshake.UnreachableHint : "")}".TrimEnd(' ', '.') : "")));
    }

    /// <summary>The reasons why some members cannot be reached; null: none is known.</summary>
    string? WhyUnreachable(View view, PeerSet voters)
    {
        string[] reasons = [.. view.MemberSet.Except(voters).Where(peer => peer != Self).Select(Handshake.Reason).OfType<string>()
            .Take(Handshake.ReasonsMax)];
        return reasons.Length > 0 ? string.Join(". ", reasons) : null;
    }

    /// <summary>Compares a view with the one before it.</summary>
    public ViewDifference Compare(View old, View view) => ViewDifference.Between(old, view,
        old.SessionOf(Self) == options.Session,
        peer => peer == Self ? state.IsLeaving : peers[peer].Heartbeat?.Is(HeartbeatFlags.Leaving) == true, removed);

    /// <summary>Notes that a view is installed, which stops the steps of the one before.</summary>
    public void OnViewInstalled() => interrupted = true;

    /// <summary>
    /// Notes whether a fault stopped the steps. What stopped a ring that continues without this peer is over for it.
    /// </summary>
    public void NoteFault(bool isByFault, bool isMember) => isAfterFault = (isByFault || isAfterFault) && isMember;

    /// <summary>Reports how a view differs from the one before it. The dashboard reads the members from the text.</summary>
    public void ReportViewChange(View old, View view, in ViewDifference difference, TimeSpan? took)
    {
        if (services.IsLastStepCommitted && old.Number != 0)
            return;
        if (difference.IsBootstrap)
        {
            services.Raise(new(RingEventKind.Bootstrapped, -1, view.Generation > old.Generation
                ? $"view {view.Name}: members are {Ordered(view)}; a new ring was forced and continues at step {view.FirstStep}"
                : $"view {view.Name}: members are {Ordered(view)}; the run begins at step {view.FirstStep}"));
            return;
        }
        foreach (int peer in difference.WasMember ? difference.Leaving.Union(difference.Lost) : default)
        {
            services.Raise(difference.Leaving.Contains(peer)
                ? new(RingEventKind.Leaving, peer, $"{options.PeerIds[peer]} leaves in order")
                : new(RingEventKind.Removed, peer, $"{options.PeerIds[peer]} was removed from the view. If its process has "
                    + "ended, start it again; it catches up and rejoins by itself"));
        }
        foreach (int peer in difference.Rejoined.Union(difference.Joined))
        {
            if (difference.WasMember || peer == Self)
                services.Raise(difference.Rejoined.Contains(peer)
                    ? new(RingEventKind.Rejoined, peer, $"{options.PeerIds[peer]} is a member again")
                    : new(RingEventKind.Joined, peer, $"{options.PeerIds[peer]} joins the ring"));
        }
        // What happened while this process was in no view is not known: they may have left in order.
        removed = (difference.WasMember ? removed.Union(difference.Lost) : removed).Except(view.MemberSet);
        if (difference.WasMember || old.IsFinal)
            services.Raise(new(difference.IsPlanned ? RingEventKind.Reconfigured : RingEventKind.ViewChanged, -1,
                view.IsFinal ? $"view {view.Name}: {(view.Count == 1 ? $"{Ordered(view)} leaves" : "all leave")} after step "
                    + $"{view.FirstStep - 1}"
                : $"view {view.Name}: members are now {Ordered(view)}; training continues at step {view.FirstStep}"
                    + (BatchPlanner.HaveChanged(old, view) ? $"; samples per step: {Batches(view)}" : ""), took));
        if (difference.WasMember && !view.IsFinal && view.Exchange.Kind != old.Exchange.Kind)
            services.Raise(new(RingEventKind.ExchangeChanged, -1, Describe(view)));
    }

    /// <summary>Notes a committed step, and reports that training continues when it had stopped.</summary>
    public void OnStepCommitted(long step)
    {
        if (interrupted)
        {
            // Before its first step a process has nothing to measure from: it waited for the others.
            RingEventKind kind = isAfterFault && committedAt is not null ? RingEventKind.Recovered : RingEventKind.Resumed;
            TimeSpan? pause = committedAt is { } last ? clock.GetElapsedTime(last) : null;
            services.Raise(new(kind, -1, $"training {(step == 1 ? "starts" : "continues")} at step {step}", pause));
        }
        interrupted = isAfterFault = false;
        committedAt = clock.GetTimestamp();
    }

    /// <summary>Reports what a step waits for.</summary>
    public void ReportStall(InflightStep step, StallCause cause) =>
        services.Raise(new(RingEventKind.Waiting, cause.Member, Describe(step, cause)));

    /// <summary>Reports what was ignored, and would otherwise be reported again and again.</summary>
    public void RaiseIgnored(string text)
    {
        if (clock.GetElapsedTime(reported) < options.Timings.ReportInterval)
            return;
        reported = clock.GetTimestamp();
        services.Raise(new(RingEventKind.Ignored, -1, text));
    }

    /// <summary>The reason to stop when the disk fails.</summary>
    public static RingException Unwritable(IOException e) =>
        new($"this peer's folder cannot be written: {e.Message}. This peer stops; the others continue. "
            + "Make room on the disk or repair it, then start the peer again.");

    string Describe(InflightStep step, StallCause cause)
    {
        string reason = cause.Reason switch
        {
            StallReason.Computing => "its gradient is not finished (a slow device, or \"deadline\": \"off\" in peers.json)",
            StallReason.Late => "it is running, but its data have not arrived. If this persists, check the link between the two "
                + "hosts",
            _ => $"it has sent nothing for {peers[cause.Member].Silence.TotalSeconds:F0} s. Check its process and host",
        };
        return $"step {step.Exchange.Step} waits for {options.PeerIds[cause.Member]}: {reason}";
    }

    static string Describe(View view)
    {
        ExchangeChoice choice = view.Exchange;
        bool isDirect = choice.Kind == ExchangeKind.Direct;
        string way = isDirect ? "the members exchange directly" : "the members exchange around the ring";
        return $"{way} from step {view.FirstStep} on" + (!choice.IsPredicted ? ""
            : (choice.DirectTime < choice.RingTime) == isDirect ? FormattableString.Invariant(
                $": a step's exchange takes {choice.DirectTime.TotalMilliseconds:G3} ms directly, ")
                + FormattableString.Invariant($"{choice.RingTime.TotalMilliseconds:G3} ms around the ring, by the measured links")
            : ": not every member reaches every other one");
    }

    string Batches(View view) =>
        string.Join(", ", view.MemberSet.Select(member => $"{options.PeerIds[member]} {view.BatchOf(member)}"));

    string Ordered(View view) => string.Join(" → ", view.Members.Select(member => options.PeerIds[member]));
}
