using System.Diagnostics;
using System.Diagnostics.Metrics;
using DecentralizedLion.Peer.Metrics;
using DecentralizedLion.Topology;

namespace DecentralizedLion.Peer.Telemetry;

/// <summary>The telemetry of one peer: its meter and its activity source, which live as long as its ring client.</summary>
sealed class PeerTelemetry : IDisposable
{
    static readonly string? version = typeof(PeerTelemetry).Assembly.GetName().Version?.ToString(3);

    readonly Meter meter;
    readonly ActivitySource source;
    readonly RunInstruments run;
    readonly RingInstruments ring;
    readonly RunSpans spans;

    /// <summary>Registers all instruments.</summary>
    /// <param name="runName">The run.</param>
    /// <param name="names">The peers' ids, by roster index.</param>
    /// <param name="self">This peer's roster index.</param>
    /// <param name="time">The clock.</param>
    public PeerTelemetry(string runName, IReadOnlyList<string> names, int self, TimeProvider time)
    {
        KeyValuePair<string, object?>[] tags = [new(AttributeNames.Run, runName), new(AttributeNames.Peer, names[self])];
        meter = new Meter(new MeterOptions(RingTelemetry.Name) { Version = version, Tags = tags });
        source = new ActivitySource(RingTelemetry.Name, version, tags);
        run = new RunInstruments(meter);
        ring = new RingInstruments(meter, names, self);
        spans = new RunSpans(source, names[self], time);
    }

    /// <summary>Records what an event says.</summary>
    public void Record(PeerEvent happened)
    {
        run.Record(happened);
        spans.Record(happened);
    }

    /// <inheritdoc cref="RingInstruments.Attach"/>
    public void Attach(RingStatistics statistics) => ring.Attach(statistics);

    /// <summary>Takes the instruments away from whoever collects them.</summary>
    public void Dispose()
    {
        meter.Dispose();
        source.Dispose();
    }
}
