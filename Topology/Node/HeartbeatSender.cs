using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Membership;

namespace DecentralizedLion.Topology.Node;

/// <summary>Tells the others where this peer stands: at intervals, and at once when it changes.</summary>
sealed class HeartbeatSender(MemberServices services)
{
    readonly MemberState state = services.State;
    readonly LastCommit lastCommit = services.LastCommit;
    readonly FailureDetector failureDetector = services.FailureDetector;
    (PeerSet Reachable, HeartbeatFlags Flags) last;

    /// <summary>The last heartbeat says that a later view was promised.</summary>
    public bool SaysInViewChange => last.Flags.HasFlag(HeartbeatFlags.InViewChange);

    HeartbeatFlags Flags => (state.IsActive ? HeartbeatFlags.Active : 0) | (state.HasPromised ? HeartbeatFlags.InViewChange : 0)
        | (state.IsCaughtUp ? HeartbeatFlags.CaughtUp : 0) | (state.IsLeaving ? HeartbeatFlags.Leaving : 0);

    public void Send()
    {
        PeerSet reachable = failureDetector.Reachable;
        last = (reachable, Flags);
        Span<byte> payload = stackalloc byte[Heartbeat.MaxLength];
        long journalStep = services.Journal.LastStep;
        var heartbeat = new Heartbeat(state.View.Number, journalStep, lastCommit.CommitStep, last.Flags, reachable)
        {
            SecondsPerSample = (float)services.Planner.Batches.SecondsPerSample,
        };
        for (int peer = 0; peer < services.Peers.Length; peer++)
        {
            if (peer == services.Options.SelfIndex)
                continue;
            int length = (heartbeat with { Stamp = services.Peers[peer].NextStamp() }).Write(payload);
            services.FrameSender.SendControl(peer, FrameKind.Heartbeat, lastCommit.CommitStep, payload[..length]);
        }
    }

    /// <summary>Sends one when something in it is another than in the last: others judge by what this peer reaches.</summary>
    public void SendWhenChanged()
    {
        if ((failureDetector.Reachable, Flags) != last)
            Send();
    }
}
