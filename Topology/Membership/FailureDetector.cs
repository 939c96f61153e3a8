using DecentralizedLion.Codecs.Bits;

namespace DecentralizedLion.Topology.Membership;

/// <summary>
/// The peers that are alive and who reaches whom: judged afresh from the latest heartbeats whenever it is asked.
/// </summary>
sealed class FailureDetector(RingOptions options, RemotePeer[] peers, TimeProvider clock)
{
    long? seen, resumed;

    int Self => options.SelfIndex;

    /// <summary>The timeouts as the links' round trips need them.</summary>
    public MeasuredTimings Timings { get; } = new(options.Timings, peers);

    /// <summary>The peers that this one hears, itself included.</summary>
    public PeerSet Reachable
    {
        get
        {
            PeerSet hears = PeerSet.Of(Self);
            for (int peer = 0; peer < peers.Length; peer++)
            {
                if (peer != Self && IsAlive(peer) && !peers[peer].IsLinkBroken)
                    hears = hears.With(peer);
            }
            return hears;
        }
    }

    /// <summary>A peer's process is alive as far as this one hears itself.</summary>
    public bool IsAlive(int peer) => peer == Self
        || (peers[peer] is { Session: not 0, IsDisconnected: false } known && known.Silence < Timings.SuspicionTimeoutOf(known));

    /// <summary>The latest word of a peer that is heard; null: none.</summary>
    public Heartbeat? HeartbeatOf(int peer) => peer != Self && IsAlive(peer) ? peers[peer].Heartbeat : null;

    /// <summary>Two peers reach each other, both ways, as far as heartbeats tell.</summary>
    public bool AreConnected(int a, int b) => ReachableFrom(a)?.Contains(b) != false && ReachableFrom(b)?.Contains(a) != false
        && (ReachableFrom(a) is not null || ReachableFrom(b) is not null);

    /// <summary>Every two of some peers reach each other: asked in one look at each peer, not at each pair.</summary>
    public bool AreAllConnected(PeerSet candidates)
    {
        int unknown = 0;
        foreach (int peer in candidates)
        {
            PeerSet? reachable = ReachableFrom(peer);
            if (reachable is { } set ? !candidates.IsSubsetOf(set.With(peer)) : ++unknown > 1)
                return false;
        }
        return true;
    }

    /// <summary>
    /// There was a gap in our own clock a moment ago: what the others say of whom they reach may be older than its end.
    /// </summary>
    public bool IsJustResumed =>
        resumed is { } at && clock.GetElapsedTime(at) < 2 * options.Timings.HeartbeatInterval + Timings.AnswerTime;

    PeerSet? ReachableFrom(int peer) => peer == Self ? Reachable : HeartbeatOf(peer)?.Reachable;

    /// <summary>
    /// A gap in our own clock (a suspended process, a laptop's lid) is nobody else's silence: all are counted anew.
    /// </summary>
    public void ResetSilenceAfterClockGap()
    {
        if (seen is { } last && clock.GetElapsedTime(last) > options.Timings.SuspicionTimeout / 2)
        {
            resumed = clock.GetTimestamp();
            foreach (RemotePeer peer in peers)
                peer.ResetSilence();
        }
        seen = clock.GetTimestamp();
    }
}
