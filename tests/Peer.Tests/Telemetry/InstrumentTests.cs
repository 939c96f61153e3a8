using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;

namespace DecentralizedLion.Peer.Tests.Telemetry;

[Collection(TelemetryCollection.Name)]
public sealed class InstrumentTests
{
    static readonly string[] namespaces = ["step", "run", "model", "train", "vote", "evaluation", "checkpoint", "ring", "link",
        "frame", "connection", "state_transfer"];

    static string KindOf(Instrument instrument) => Regex.Replace(instrument.GetType().Name, "^Observable|`1$", "") switch
    {
        "UpDownCounter" => "updowncounter",
        var name => name.ToLowerInvariant(),
    };

    static List<Instrument> Registered()
    {
        var found = new List<Instrument>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter.Name == RingTelemetry.Name)
                found.Add(instrument);
        };
        listener.Start();
        using var telemetry = SampleTelemetry.Create();
        return found;
    }

    [Fact]
    public void The_document_lists_the_instruments_that_are_there_and_no_others() =>
        Assert.Equal(Registered().Select(i => (i.Name, KindOf(i), i.Unit!)).Order(),
            Document.Instruments.Select(row => (row.Name, row.Kind, row.Unit)).Order());

    [Fact]
    public void Names_and_units_follow_the_conventions() =>
        Assert.All(Registered(), instrument =>
        {
            Assert.Matches("^decentralized_lion(\\.[a-z][a-z_]*)+$", instrument.Name);
            Assert.Contains(instrument.Name.Split('.')[1], namespaces);
            Assert.Matches(@"^(s|By|1|\{[a-z_]+\})$", instrument.Unit);
            Assert.Equal(instrument.Name.EndsWith(".duration", StringComparison.Ordinal), instrument is Histogram<double>);
            Assert.NotEmpty(instrument.Description!);
        });

    [Fact]
    public void Whoever_measures_is_in_the_meter_s_tags()
    {
        using var telemetry = SampleTelemetry.Create();
        Assert.Equal(["decentralized_lion.peer.id=a", "decentralized_lion.run=sample"],
            Registered()[0].Meter.Tags!.Select(tag => $"{tag.Key}={tag.Value}").Order());
    }

    [Fact]
    public void A_step_that_nobody_listens_to_costs_no_memory()
    {
        using var telemetry = SampleTelemetry.Create();
        var step = SampleTelemetry.Step();
        for (var i = 0; i < 100; i++)
            telemetry.Record(step);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            telemetry.Record(step);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void A_step_s_spans_have_the_trace_id_of_its_digest_on_every_peer()
    {
        var ended = new List<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == RingTelemetry.Name,
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = ended.Add,
        };
        ActivitySource.AddActivityListener(listener);
        using var telemetry = SampleTelemetry.Create();
        var step = Assert.Single(ended, span => span.OperationName == "step");
        Assert.Equal((SampleTelemetry.Digest[..32], default), ($"{step.TraceId}", step.ParentSpanId));
        Assert.Equal(0.023, step.Duration.TotalSeconds, 6);
        Assert.Equal([("step.compute", 0.02), ("step.exchange", 0.003)], ended.Where(span => span.ParentSpanId == step.SpanId)
            .Select(span => (span.OperationName, Math.Round(span.Duration.TotalSeconds, 6))));
        Assert.Equal(["checkpoint", "evaluation", "recovery", "state_transfer", "view_change"],
            ended.Where(span => !span.OperationName.StartsWith("step", StringComparison.Ordinal))
                .Select(span => span.OperationName).Order());
        Assert.All(ended, span => Assert.Equal("a", span.GetTagItem("decentralized_lion.peer.id")));
        Assert.Equal("late", step.GetTagItem("decentralized_lion.abstention.reason"));
    }
}
