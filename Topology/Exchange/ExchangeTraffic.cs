using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Reductions;

namespace DecentralizedLion.Topology.Exchange;

/// <summary>The traffic of one step by one way of the exchange, for each peer, and the time that links need for it.</summary>
/// <remarks>
/// R is a link's bits a second, each way; L the latency; a chunk travels in S segments of their own frames, as ChunkMap cuts it.
/// <para>Ring, of H hops, hop h taking c_h = its bits / R: a segment goes on as soon as it has arrived and the link is free, so
/// that the next hop begins max(c_h, L + c_h / S) after this one, and T = Σ_{h&lt;H} max(c_h, L + c_h / S) + c_H + L. Where a
/// chunk's segments cover the latency, that is bytes / bandwidth + L; where they do not, it comes to H·L. H = 2(N−1), or N−1
/// where all is gathered and nothing decided.</para>
/// <para>Direct: a chunk's owner decides a segment when it has come from all. The last sender to it sends N−2 chunks before, so
/// that the first segment is there L + T₁·(N−2+1/S)/(N−1) after the beginning, T₁ being the time of the first round's bytes; the
/// second round begins then, or when the first is sent, and T = max(T₁, that) + T₂ + L. Where all is gathered there is one round:
/// T = T₁ + L. A peer receives as much as it sends, so that its downlink takes no longer than its uplink.</para>
/// </remarks>
sealed class ExchangeTraffic
{
    /// <summary>Bytes of a frame beside its payload and its voters: the envelope and ZeroMQ's own.</summary>
    public const int Envelope = 62;

    /// <summary>Bytes on an Ethernet link for each byte of a TCP connection: 1,448 of them travel with 66 of headers, and each
    /// second packet of the opposite direction, which carries as much, is acknowledged by 66.</summary>
    public const double PacketOverhead = (1448 + 66 + 33) / 1448.0;

    /// <summary>No link is taken to be slower or faster, in bits a second.</summary>
    public const double SpeedMin = 1e3, SpeedMax = 1e13;

    const int Halvings = 50;

    // Of the ring, by hop: the bytes of a chunk, and of its first segment. Of the direct exchange, by round: all bytes, and those
    // after which a first segment has come from all.
    readonly (double All, double First)[] hops;
    readonly bool isDirect;

    ExchangeTraffic(double bits, bool isDirect, int rounds, (double All, double First)[] hops) =>
        (Bits, Bytes, Rounds, this.isDirect, this.hops) = (bits, hops.Sum(hop => hop.All), rounds, isDirect, hops);

    /// <summary>Bits sent by the formula (docs/protocol.md#exchange), without frames and zero planes.</summary>
    public double Bits { get; }

    /// <summary>Bytes sent, with the frames' envelopes.</summary>
    public double Bytes { get; }

    /// <summary>Latencies that nothing can hide.</summary>
    public int Rounds { get; }

    /// <summary>The traffic by one way.</summary>
    /// <param name="kind">Ring or direct.</param>
    /// <param name="buckets">What a step carries.</param>
    /// <param name="peers">N.</param>
    /// <param name="segmentWords">Words of a segment, 0 for the default.</param>
    public static ExchangeTraffic Of(ExchangeKind kind, IReadOnlyList<Bucket> buckets, int peers, int segmentWords = 0) =>
        kind == ExchangeKind.Ring ? Ring(buckets, peers, segmentWords) : Direct(buckets, peers, segmentWords);

    /// <summary>The traffic by the ring.</summary>
    /// <inheritdoc cref="Of"/>
    public static ExchangeTraffic Ring(IReadOnlyList<Bucket> buckets, int peers, int segmentWords = 0)
    {
        bool decided = buckets.Any(bucket => !bucket.Reduction.IsGathered);
        var hops = new (double All, double First)[decided ? 2 * (peers - 1) : peers - 1];
        foreach (Bucket bucket in buckets)
        {
            double segments = SegmentsOf(bucket, peers, segmentWords);
            for (int hop = 1; hop <= hops.Length; hop++)
            {
                double chunk = ChunkBytes(bucket, hop, peers, segments);
                hops[hop - 1] = (hops[hop - 1].All + chunk, hops[hop - 1].First + chunk / Math.Max(1, segments));
            }
        }
        return new ExchangeTraffic(WireBits.Ring(buckets, peers), isDirect: false, hops.Length, hops);
    }

    /// <summary>The traffic by the direct exchange.</summary>
    /// <inheritdoc cref="Of"/>
    public static ExchangeTraffic Direct(IReadOnlyList<Bucket> buckets, int peers, int segmentWords = 0)
    {
        var (first, second, early) = (0.0, 0.0, 0.0);
        foreach (Bucket bucket in buckets)
        {
            double segments = SegmentsOf(bucket, peers, segmentWords);
            bool isGathered = bucket.Reduction.IsGathered;
            double others = peers - 1, share = bucket.Length * others / peers / 8;
            double round = segments * others * FrameOf(1, peers)
                + (isGathered ? 8.0 * bucket.Words * others : share * bucket.Reduction.SumPlanes(1));
            first += round;
            early += others == 0 ? 0 : round * (others - 1 + 1 / Math.Max(1, segments)) / others;
            second += isGathered ? 0
                : segments * others * FrameOf(peers, peers) + share * bucket.Reduction.AggregatePlanes(peers);
        }
        int rounds = peers == 1 ? 0 : buckets.Any(bucket => !bucket.Reduction.IsGathered) ? 2 : 1;
        return new ExchangeTraffic(WireBits.Direct(buckets, peers), isDirect: true, rounds, [(first, early), (second, 0)]);
    }

    /// <summary>The same with other bits, such as ballots that count several votes take; each transfer grows alike.</summary>
    public ExchangeTraffic WithBits(double bits)
    {
        if (bits == Bits || Bytes == 0)
            return this;
        double growth = 1 + (bits - Bits) / 8 / Bytes;
        return new ExchangeTraffic(bits, isDirect, Rounds, [.. hops.Select(hop => (hop.All * growth, hop.First * growth))]);
    }

    /// <summary>The time from the ballots to the outcome on all peers, in seconds.</summary>
    /// <param name="speed">R, bits a second.</param>
    /// <param name="latency">L, seconds.</param>
    public double Seconds(double speed, double latency)
    {
        if (hops.Length == 0 || Bytes == 0)
            return 0;
        double seconds = 8 * hops[^1].All / speed + latency;
        foreach ((double all, double first) in hops.AsSpan(0, hops.Length - 1))
            seconds += Rounds == 1 && isDirect ? 8 * all / speed : Math.Max(8 * all / speed, latency + 8 * first / speed);
        return seconds;
    }

    /// <summary>The speed of links that need a given time; <see cref="SpeedMax"/> where latency alone takes it.</summary>
    /// <param name="seconds">The time of a step's exchange.</param>
    /// <param name="latency">L, seconds.</param>
    public double SpeedOf(double seconds, double latency)
    {
        double slow = Math.Log(SpeedMin), fast = Math.Log(SpeedMax);
        for (int halving = 0; halving < Halvings; halving++)
        {
            double middle = (slow + fast) / 2;
            (slow, fast) = Seconds(Math.Exp(middle), latency) > seconds ? (middle, fast) : (slow, middle);
        }
        return Math.Exp(fast);
    }

    /// <summary>The share of the links' speed that all of a peer's links at once must carry for this traffic to take no longer
    /// than another's.</summary>
    /// <param name="other">Seconds of the other.</param>
    /// <param name="speed">R.</param>
    /// <param name="latency">L.</param>
    public double ShareNeeded(double other, double speed, double latency) =>
        8 * Bytes / speed / Math.Max(0, other - Rounds * latency);

    static double ChunkBytes(Bucket bucket, int hop, int peers, double segments)
    {
        if (bucket.Reduction.IsGathered)
            return hop < peers ? 8.0 * bucket.Words + segments * FrameOf(1, peers) : 0;
        int planes = hop < peers ? bucket.Reduction.SumPlanes(hop) : bucket.Reduction.AggregatePlanes(peers);
        return planes * (double)bucket.Length / peers / 8 + segments * FrameOf(Math.Min(hop, peers), peers);
    }

    /// <summary>The segments of the largest chunk, or of a ballot that is gathered.</summary>
    static double SegmentsOf(Bucket bucket, int peers, int segmentWords) =>
        new ChunkMap(bucket, peers, segmentWords, isFirst: bucket.Length > 0).Segments(peers - 1);

    /// <summary>The bytes of a frame beside its payload. It names its voters by a byte each, or by a bit for every peer that a
    /// ring may have; beyond them, which no ring has, by a bit each.</summary>
    static double FrameOf(int ballots, int peers) => Envelope + Math.Min(ballots, Math.Max(PeerSet.MapLength, peers / 8.0));
}
