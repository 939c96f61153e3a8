using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Topology.Exchange;

namespace DecentralizedLion.Peer.Cli.Plan;

/// <summary>The cost of one step for each peer.</summary>
/// <param name="Bits">Bits sent by the formula (docs/protocol.md#exchange), without frames and zero planes.</param>
/// <param name="Bytes">Bytes sent, with the frames' envelopes.</param>
/// <param name="Seconds">From the ballots to the outcome on all peers.</param>
/// <param name="Rounds">Latencies that nothing can hide.</param>
/// <remarks>
/// R is a link's bits a second, each way; L the latency; a chunk travels in S segments of their own frames, as ChunkMap cuts it.
/// <para>Ring, of H hops, hop h taking c_h = its bits / R: a segment goes on as soon as it has arrived and the link is free, so
/// that the next hop begins max(c_h, L + c_h / S) after this one, and T = Σ_{h&lt;H} max(c_h, L + c_h / S) + c_H + L. Where a
/// chunk's segments cover the latency, that is bytes / bandwidth + L; where they do not, it comes to H·L. H = 2(N−1), or N−1
/// where all is gathered and nothing decided.</para>
/// <para>Direct: each round must be whole before the next, so T = bytes / bandwidth + rounds·L, of two rounds, or one where all
/// is gathered. A peer receives as much as it sends, so that its downlink takes no longer than its uplink.</para>
/// </remarks>
readonly record struct StepCost(double Bits, double Bytes, double Seconds, int Rounds)
{
    /// <summary>Bytes of a frame beside its payload and its voters: the envelope and ZeroMQ's own.</summary>
    public const int Envelope = 62;

    /// <summary>By the ring exchange.</summary>
    /// <param name="buckets">What a step carries.</param>
    /// <param name="peers">N.</param>
    /// <param name="link">R, bits a second.</param>
    /// <param name="latency">L, seconds.</param>
    public static StepCost Ring(IReadOnlyList<Bucket> buckets, int peers, double link, double latency)
    {
        var decided = buckets.Any(bucket => !bucket.Reduction.IsGathered);
        var hops = decided ? 2 * (peers - 1) : peers - 1;
        double bytes = 0, seconds = 0;
        for (var hop = 1; hop <= hops; hop++)
        {
            var (sent, first) = (0.0, 0.0);
            foreach (var bucket in buckets)
            {
                var (chunk, segments) = Hop(bucket, hop, peers);
                (sent, first) = (sent + chunk, first + (chunk / segments));
            }
            bytes += sent;
            seconds += hop == hops ? (8 * sent / link) + latency : Math.Max(8 * sent / link, latency + (8 * first / link));
        }
        return new StepCost(WireBits.Ring(buckets, peers), bytes, seconds, hops);
    }

    /// <summary>By the direct exchange.</summary>
    /// <inheritdoc cref="Ring"/>
    public static StepCost Direct(IReadOnlyList<Bucket> buckets, int peers, double link, double latency)
    {
        double bytes = 0;
        foreach (var bucket in buckets)
        {
            var frames = (peers - 1) * SegmentsOf(bucket, peers);
            bytes += (frames * FrameOf(1, peers)) + (bucket.Reduction.IsGathered ? 0 : frames * FrameOf(peers, peers));
        }
        var bits = WireBits.Direct(buckets, peers);
        bytes += bits / 8;
        var rounds = buckets.Any(bucket => !bucket.Reduction.IsGathered) ? 2 : 1;
        return new StepCost(bits, bytes, (8 * bytes / link) + (rounds * latency), rounds);
    }

    /// <summary>The share of the links' speed that all of a peer's links at once must carry for the direct exchange to be as fast
    /// as a ring.</summary>
    /// <param name="ring">What the ring costs.</param>
    /// <param name="link">R.</param>
    /// <param name="latency">L.</param>
    public double Needs(StepCost ring, double link, double latency) =>
        8 * Bytes / link / Math.Max(0, ring.Seconds - (Rounds * latency));

    static (double Bytes, double Segments) Hop(Bucket bucket, int hop, int peers)
    {
        var segments = SegmentsOf(bucket, peers);
        if (bucket.Reduction.IsGathered)
            return hop < peers ? (8.0 * bucket.Words + (segments * FrameOf(1, peers)), segments) : (0, 1);
        var planes = hop < peers ? bucket.Reduction.SumPlanes(hop) : bucket.Reduction.AggregatePlanes(peers);
        return (planes * (double)bucket.Length / peers / 8 + (segments * FrameOf(Math.Min(hop, peers), peers)), segments);
    }

    /// <summary>Of the largest chunk, or of a ballot that is gathered.</summary>
    static double SegmentsOf(Bucket bucket, int peers) => new ChunkMap(bucket, peers).Segments(peers - 1);

    /// <summary>A frame names its voters by a byte each; beyond the peers that a ring may have, which has no such frames, by a
    /// bit each.</summary>
    static double FrameOf(int ballots, int peers) =>
        Envelope + (peers <= PeerSet.Capacity ? ballots : Math.Min(ballots, peers / 8.0));
}
