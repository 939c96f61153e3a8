using DecentralizedLion.Topology.Transport;

namespace DecentralizedLion.Topology;

/// <summary>The present figures of a ring. Its loop writes them, at every tick, and any thread may read them: each is one number,
/// read whole.</summary>
/// <param name="peers">The number of peers in the roster.</param>
/// <param name="counters">The counters of the links.</param>
sealed class RingStatistics(int peers, LinkCounters counters)
{
    readonly long[] roundTrips = new long[peers];
    readonly bool[] isHeard = new bool[peers];
    readonly long[] rejected = new long[Enum.GetValues<RejectionReason>().Length];
    int view, members, quorum, reachable;
    long retries, bytesFetched;

    /// <summary>The counters of what was sent, received and dropped.</summary>
    public LinkCounters Counters => counters;

    /// <summary>The number of the latest decided view; 0: none is known.</summary>
    public int View => Volatile.Read(ref view);

    /// <summary>The members of that view.</summary>
    public int Members => Volatile.Read(ref members);

    /// <summary>The number of its members that make a quorum.</summary>
    public int Quorum => Volatile.Read(ref quorum);

    /// <summary>The members of that view that are heard here, this one included.</summary>
    public int Reachable => Volatile.Read(ref reachable);

    /// <summary>The number of times that something was asked for again.</summary>
    public long Retries => Volatile.Read(ref retries);

    /// <summary>Bytes of records and snapshots that were fetched from other peers.</summary>
    public long BytesFetched => Volatile.Read(ref bytesFetched);

    /// <summary>True when a peer's process is known and gives signs of life.</summary>
    public bool IsHeard(int peer) => Volatile.Read(ref isHeard[peer]);

    /// <summary>The smoothed round trip to a peer; zero: none was measured.</summary>
    public TimeSpan RoundTripTo(int peer) => TimeSpan.FromTicks(Volatile.Read(ref roundTrips[peer]));

    /// <summary>Connections to this peer's port that were closed before any frame, for a reason.</summary>
    public long Rejected(RejectionReason reason) => Volatile.Read(ref rejected[(int)reason]);

    internal void SetRejected(RejectionReason reason, long count) => Volatile.Write(ref rejected[(int)reason], count);

    internal void SetView(int number, int memberCount, int quorumSize, int reachableCount)
    {
        Volatile.Write(ref view, number);
        Volatile.Write(ref members, memberCount);
        Volatile.Write(ref quorum, quorumSize);
        Volatile.Write(ref reachable, reachableCount);
    }

    internal void SetTransfers(long retryCount, long fetched)
    {
        Volatile.Write(ref retries, retryCount);
        Volatile.Write(ref bytesFetched, fetched);
    }

    internal void SetPeer(int peer, bool heard, TimeSpan roundTrip)
    {
        Volatile.Write(ref isHeard[peer], heard);
        Volatile.Write(ref roundTrips[peer], roundTrip.Ticks);
    }
}
