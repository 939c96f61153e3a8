using System.Diagnostics.Metrics;
using System.Text.Json;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology;
using DecentralizedLion.Topology.Transport;

namespace DecentralizedLion.Peer.Telemetry;

/// <summary>The instruments of the ring and its links, which are read only when somebody collects them. Before the ring is
/// started they have no values.</summary>
sealed class RingInstruments
{
    static readonly KeyValuePair<string, object?> transmit = new(AttributeNames.Direction, "transmit"),
        receive = new(AttributeNames.Direction, "receive");

    readonly KeyValuePair<string, object?>[] peers;
    readonly int self;
    volatile RingStatistics? ring;

    /// <summary>Makes the instruments.</summary>
    /// <param name="meter">The meter.</param>
    /// <param name="names">The peers' ids, by roster index.</param>
    /// <param name="self">This peer's roster index.</param>
    public RingInstruments(Meter meter, IReadOnlyList<string> names, int self)
    {
        peers = [.. names.Select(name => new KeyValuePair<string, object?>(AttributeNames.LinkPeer, name))];
        this.self = self;
        meter.CreateObservableGauge(Name("ring.view"), () => One(now => now.View), "{view}",
            "Number of the present view; it grows with every change");
        meter.CreateObservableUpDownCounter(Name("ring.members"), () => One(now => now.Members), "{peer}",
            "Members of the present view");
        meter.CreateObservableUpDownCounter(Name("ring.quorum"), () => One(now => now.Quorum), "{peer}",
            "Members of the present view that it takes to decide");
        meter.CreateObservableUpDownCounter(Name("ring.reachable"), () => One(now => now.Reachable), "{peer}",
            "Members of the present view that this peer hears, itself included");
        meter.CreateObservableCounter(Name("ring.retransmissions"), () => One(now => now.Retries), "{request}",
            "Requests for frames, records or snapshots that had not come");
        meter.CreateObservableCounter(Name("state_transfer.io"), () => One(now => now.BytesFetched), "By",
            "Bytes of records and snapshots that this peer fetched");
        meter.CreateObservableCounter(Name("link.io"), LinkBytes, "By",
            "Bytes to and from each other peer, before TLS adds its own");
        meter.CreateObservableGauge(Name("link.round_trip"), RoundTrips, "s",
            "Smoothed round trip to each other peer, its process's delay included");
        meter.CreateObservableUpDownCounter(Name("link.up"), Links, "{link}",
            "1 where signs of life come from the other peer, else 0");
        meter.CreateObservableCounter(Name("frame.dropped"), Dropped, "{frame}",
            "Frames that arrived and were not believed, by reason");
        meter.CreateObservableCounter(Name("connection.rejected"), Rejected, "{connection}",
            "Connections to this peer's port that were closed before any frame, by reason");
    }

    /// <summary>Reads the figures of a ring from now on.</summary>
    public void Attach(RingStatistics statistics) => ring = statistics;

    static string Name(string name) => RunInstruments.Name(name);

    static KeyValuePair<string, object?> Error<TReason>(TReason reason) where TReason : struct, Enum =>
        new(AttributeNames.ErrorType, JsonNamingPolicy.SnakeCaseLower.ConvertName($"{reason}"));

    IEnumerable<Measurement<long>> One(Func<RingStatistics, long> value) =>
        ring is { } now ? [new Measurement<long>(value(now))] : [];

    IEnumerable<Measurement<T>> Each<T>(Func<RingStatistics, int, IEnumerable<Measurement<T>>> values) where T : struct =>
        ring is not { } now ? []
            : Enumerable.Range(0, peers.Length).Where(peer => peer != self).SelectMany(peer => values(now, peer));

    IEnumerable<Measurement<long>> LinkBytes() => Each<long>((now, peer) =>
    [
        new(now.Counters.BytesSentTo(peer), peers[peer], transmit),
        new(now.Counters.BytesReceivedFrom(peer), peers[peer], receive),
    ]);

    IEnumerable<Measurement<double>> RoundTrips() => Each<double>((now, peer) =>
        now.RoundTripTo(peer) is { Ticks: > 0 } trip ? [new(trip.TotalSeconds, peers[peer])] : []);

    IEnumerable<Measurement<long>> Links() => Each<long>((now, peer) => [new(now.IsHeard(peer) ? 1 : 0, peers[peer])]);

    IEnumerable<Measurement<long>> Dropped() => ring is not { } now ? []
        : Enum.GetValues<DropReason>().Select(reason => new Measurement<long>(now.Counters.Dropped(reason), Error(reason)));

    IEnumerable<Measurement<long>> Rejected() => ring is not { } now ? []
        : Enum.GetValues<RejectionReason>().Select(reason => new Measurement<long>(now.Rejected(reason), Error(reason)));
}
