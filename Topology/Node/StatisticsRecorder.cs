using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Membership;
using DecentralizedLion.Topology.Protection;
using DecentralizedLion.Topology.StateTransfer;
using DecentralizedLion.Topology.Transport;
using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Topology.Node;

/// <summary>The writer of the figures that other threads read of a member, on its loop.</summary>
sealed class StatisticsRecorder(MemberServices services, LinkCounters counters, RejectedConnections rejections,
    Retransmitter retransmitter, StateTransferClient stateTransfer)
{
    static readonly RejectionReason[] reasons = Enum.GetValues<RejectionReason>();

    /// <summary>The figures.</summary>
    public RingStatistics Statistics { get; } = new(services.Peers.Length, counters);

    /// <summary>Writes the figures of this moment.</summary>
    public void Record()
    {
        View view = services.State.View;
        if (view.Number != 0)
            Statistics.SetView(view.Number, view.Count, view.QuorumSize, services.Planner.ReachableAcceptors.Count);
        Statistics.SetTransfers(retransmitter.Retries + stateTransfer.Retries, stateTransfer.BytesFetched);
        foreach (RejectionReason reason in reasons)
            Statistics.SetRejected(reason, rejections.TotalOf(reason));
        for (int peer = 0; peer < services.Peers.Length; peer++)
        {
            if (peer != services.Options.SelfIndex)
                Statistics.SetPeer(peer, IsHeard(peer), services.Peers[peer].RoundTrip.Smoothed);
        }
    }

    /// <summary>A peer that has left in order, or after the last step, is not missed.</summary>
    bool IsHeard(int peer) => services.Peers[peer].Session != 0 && (services.FailureDetector.IsAlive(peer)
        || services.State.View.IsFinal || services.IsLastStepCommitted
        || services.Peers[peer].Heartbeat?.Is(HeartbeatFlags.Leaving) == true);
}
