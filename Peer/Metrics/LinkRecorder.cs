using DecentralizedLion.Topology;

namespace DecentralizedLion.Peer.Metrics;

/// <summary>The maker of <see cref="Links"/> events: what the ring's counters grew by since the one before.</summary>
/// <param name="ring">The ring's figures.</param>
/// <param name="names">The peers' ids, by roster index.</param>
/// <param name="self">This peer's roster index.</param>
/// <param name="time">The clock.</param>
sealed class LinkRecorder(RingStatistics ring, IReadOnlyList<string> names, int self, TimeProvider time)
{
    static readonly TimeSpan interval = TimeSpan.FromSeconds(5);

    readonly (long Sent, long Received)[] before = new (long, long)[names.Count];
    long since = time.GetTimestamp();

    /// <summary>True when the last event is so long ago that another one is due.</summary>
    public bool IsDue => time.GetElapsedTime(since) >= interval;

    /// <summary>Makes the event of this moment.</summary>
    public Links Take(long step)
    {
        var links = new List<LinkMetrics>(names.Count);
        for (var peer = 0; peer < names.Count; peer++)
        {
            if (peer == self)
                continue;
            var now = (Sent: ring.Counters.BytesSentTo(peer), Received: ring.Counters.BytesReceivedFrom(peer));
            links.Add(new LinkMetrics(names[peer], ring.RoundTripTo(peer) is { Ticks: > 0 } trip ? trip.TotalSeconds : null,
                now.Sent - before[peer].Sent, now.Received - before[peer].Received, ring.IsHeard(peer)));
            before[peer] = now;
        }
        var seconds = time.GetElapsedTime(since).TotalSeconds;
        since = time.GetTimestamp();
        return new Links(step, seconds, links);
    }
}
