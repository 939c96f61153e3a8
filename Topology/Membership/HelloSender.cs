using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Snapshots;
using DecentralizedLion.Topology.Transport;

namespace DecentralizedLion.Topology.Membership;

/// <summary>Sends hellos, which say what this process is: its disk, its newest checkpoint and its settings.</summary>
sealed class HelloSender(RingOptions options, ulong diskId, FrameSender frameSender, ISnapshotStore snapshots)
{
    /// <summary>Sends a hello to a peer.</summary>
    /// <param name="peer">The receiver.</param>
    /// <param name="receiverSession">The session of the receiver that is known here; 0: none is.</param>
    /// <param name="wantsAnswer">True when it is to answer.</param>
    public void Send(int peer, ulong receiverSession, bool wantsAnswer)
    {
        SnapshotInfo? newest = snapshots.Newest(SnapshotKind.Shared);
        var hello = new Hello(receiverSession, wantsAnswer, diskId, newest?.Step ?? 0, newest?.Sha ?? default,
            options.Fingerprint.Fields);
        frameSender.SendControl(peer, FrameKind.Hello, 0, hello.Encode());
    }
}
