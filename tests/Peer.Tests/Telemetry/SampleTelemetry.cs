using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Peer.Metrics;
using DecentralizedLion.Peer.Telemetry;
using DecentralizedLion.Topology;
using DecentralizedLion.Topology.Transport;

namespace DecentralizedLion.Peer.Tests.Telemetry;

/// <summary>The telemetry of peer a of a ring of a, b and c, to which all has happened that an instrument counts.</summary>
static class SampleTelemetry
{
    public const string Digest = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

    public static Stepped Step(long step = 3) => new(step, 1.5, 0.001, 2.01, 12345, 0.02, 0.003, 2, 0.75, Digest, 7, ["a"], [],
        "late")
    {
        Flips = 0.25,
        Ties = 0.125,
    };

    public static PeerTelemetry Create()
    {
        var telemetry = new PeerTelemetry("sample", ["a", "b", "c"], 0, TimeProvider.System);
        var counters = new LinkCounters(3);
        var ring = new RingStatistics(3, counters);
        var header = new FrameHeader(FrameKind.Heartbeat, 1, 1, 1, 1, 0, 0, 0, 0, 0, default, 0);
        counters.Sent(1, header, 20, 80);
        counters.Received(2, 50);
        counters.Drop(DropReason.Checksum);
        ring.SetView(7, 3, 2, 3);
        ring.SetTransfers(4, 1000);
        ring.SetPeer(1, true, TimeSpan.FromMilliseconds(5));
        ring.SetRejected(RejectionReason.UnknownKey, 6);
        telemetry.Attach(ring);
        foreach (var happened in (PeerEvent[])[
            new Started("a", 2, 100, 3, 1000, "cpu", "f00d"), Step(), new Evaluated(3, 1.25, 0.5, 100, 0.1, Digest),
            new Saved(3, "file") { Seconds = 0.2 }, Ring("view-changed", 0.3), Ring("recovered", 0.4), Ring("fetched", 0.5),
            Ring("suspected", null)])
            telemetry.Record(happened);
        return telemetry;
    }

    static Fault Ring(string what, double? seconds) => new(what, "b", "text", seconds, 3, DateTimeOffset.UnixEpoch);
}
