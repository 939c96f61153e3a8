using DecentralizedLion.Peer.Cli.Dashboard.Server;
using DecentralizedLion.Peer.Cli.Logging;
using DecentralizedLion.Peer.Cli.Telemetry;
using DecentralizedLion.Peer.Metrics;
using DecentralizedLion.Peer.Tests.Library;
using Microsoft.Extensions.Logging;
using static TorchSharp.torch;

namespace DecentralizedLion.Peer.Tests.Telemetry;

/// <summary>Tests of what leaves the process, read by parsers that share no code with it.</summary>
[Collection(TelemetryCollection.Name)]
public sealed class ExportTests : IDisposable
{
    const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT", Protocol = "OTEL_EXPORTER_OTLP_PROTOCOL";

    public void Dispose() => SetEndpoint(null);

    static void SetEndpoint(Uri? address)
    {
        Environment.SetEnvironmentVariable(Endpoint, address?.OriginalString);
        Environment.SetEnvironmentVariable(Protocol, address is null ? null : "http/protobuf");
    }

    static TelemetryExport Export(bool servesMetrics = false) =>
        new("sample", "a", OtlpSignals.Read(Environment.GetEnvironmentVariable), servesMetrics, TimeProvider.System);

    static async Task<PrometheusText> Scrape(TelemetryExport export)
    {
        await using var server = await LocalWebServer.StartAsync(ListenAddress.Parse("127.0.0.1:0", "--metrics"), null, "it",
            application => MetricsEndpoint.Map(application, export.Metrics!));
        using var client = new HttpClient();
        return new PrometheusText(await client.GetStringAsync(server.AddressOf(MetricsEndpoint.Path)));
    }

    [Fact]
    public async Task A_collector_gets_every_documented_instrument_with_its_kind_unit_and_attributes()
    {
        await using var collector = new OtlpCollector();
        SetEndpoint(collector.Address);
        await using (var export = Export())
        {
            using var telemetry = SampleTelemetry.Create();
            using var logging = LoggerFactory.Create(export.AddTo);
            new EventLogger("a", logging.CreateLogger(RingTelemetry.Name), TimeProvider.System).Record(new Note("hello"));
            await export.FlushAsync();
        }
        var metrics = collector.Metrics;
        Assert.Equal(Document.Instruments.Select(row => (row.Name, row.Kind, row.Unit)).Order(),
            metrics.Values.Select(metric => (metric.Name, metric.Kind, metric.Unit)).Order());
        Assert.Equal(["decentralized_lion.link.peer.id=b", "decentralized_lion.link.peer.id=c", "network.io.direction=receive",
            "network.io.direction=transmit"], metrics["decentralized_lion.link.io"].Attributes.Order());
        Assert.Contains("error.type=unknown_key", metrics["decentralized_lion.connection.rejected"].Attributes);
        Assert.All(Document.Instruments, row => Assert.All(metrics[row.Name].Attributes,
            attribute => Assert.Contains($"`{attribute.Split('=')[0]}`", row.Attributes)));
        Assert.Equal(("decentralized-lion", "a", "sample"), (collector.Resource["service.name"],
            collector.Resource["service.instance.id"], collector.Resource["service.namespace"]));
        Assert.Contains(("step", SampleTelemetry.Digest[..32]), collector.Spans);
        Assert.Equal(["hello"], collector.Logs);
    }

    [Fact]
    public async Task The_Prometheus_text_has_every_documented_instrument_and_what_Grafana_s_dashboard_asks_for()
    {
        await using var export = Export(servesMetrics: true);
        using var telemetry = SampleTelemetry.Create();
        var text = await Scrape(export);
        foreach (var (name, kind, unit, _) in Document.Instruments)
        {
            var flat = name.Replace('.', '_') + (unit switch { "s" => "_seconds", "By" => "_bytes", _ => "" })
                + (kind == "counter" ? "_total" : "");
            Assert.Equal(kind == "updowncounter" ? "gauge" : kind, text.TypeOf(flat));
        }
        Assert.Equal([0.005], text.Values("decentralized_lion_link_round_trip_seconds", "peer_id=\"b\""));
        Assert.Equal([1, 0], text.Values("decentralized_lion_link_up"));
        var asked = GrafanaDashboard.MetricNames();
        Assert.NotEmpty(asked);
        Assert.Empty(asked.Except(text.Names));
    }

    /// <summary>Three peers train here, and the collector that is named is not there.</summary>
    [Fact]
    public async Task A_ring_s_figures_are_read_while_it_trains_and_a_collector_that_is_away_ends_nothing()
    {
        SetEndpoint(new Uri($"http://127.0.0.1:{LoopbackPorts.Take()}/"));
        using var ring = new LocalRing(3);
        await using var export = Export(servesMetrics: true);
        PrometheusText? text = null;
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var done = 0;
        await ring.Run(async id =>
        {
            using var network = nn.Linear(4, 2);
            await using var client = await ring.Join(id);
            using var optimizer = new DistributedLion(network.named_parameters(), client,
                LearningRate.Cosine(0.01, warmup: 2, steps: 20));
            while (optimizer.WaitForStep())
            {
                optimizer.zero_grad();
                using var loss = network.forward(ones(1, 4)).sum();
                loss.backward();
                optimizer.step(loss);
            }
            if (Interlocked.Increment(ref done) == 3)
            {
                await export.FlushAsync();
                text = await Scrape(export);
                all.SetResult();
            }
            await all.Task; // nobody leaves before
            return 0;
        });
        Assert.Equal([20, 20, 20], text!.Values("decentralized_lion_step_number"));
        Assert.Equal([20, 20, 20], text.Values("decentralized_lion_step_duration_seconds_count"));
        Assert.Equal([3, 3, 3], text.Values("decentralized_lion_ring_members"));
        Assert.Equal([2, 2, 2], text.Values("decentralized_lion_ring_quorum"));
        Assert.Equal(6, text.Values("decentralized_lion_link_io_bytes_total", "network_io_direction=\"transmit\"").Count);
        Assert.All(text.Values("decentralized_lion_link_io_bytes_total"), bytes => Assert.True(bytes > 0));
        Assert.Equal([1, 1, 1, 1, 1, 1], text.Values("decentralized_lion_link_up"));
        foreach (var id in ring.Ids)
        {
            var links = File.ReadLines(Path.Combine(ring.FolderOf(id), MetricsFolder.FileName)).Select(EventLine.TryRead)
                .OfType<Links>().ToArray();
            Assert.All(links, line => Assert.Equal(ring.Ids.Except([id]), line.Peers.Select(link => link.Peer)));
            Assert.All(Enumerable.Range(0, 2), link => Assert.True(links.Sum(line => line.Peers[link].BytesSent) > 0));
        }
    }

    [Theory]
    [InlineData("", false, false, false)]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://x:1", true, true, true)]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://x:1 OTEL_SDK_DISABLED=true", false, false, false)]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT=http://x:1 OTEL_TRACES_EXPORTER=none", true, false, true)]
    [InlineData("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT=http://x:1", true, false, false)]
    [InlineData("OTEL_LOGS_EXPORTER=console,otlp", false, false, true)]
    [InlineData("OTEL_SERVICE_NAME=mine OTEL_METRICS_EXPORTER=prometheus", false, false, false)]
    public void Only_the_standard_variables_switch_the_sending_on(string variables, bool metrics, bool traces, bool logs)
    {
        var set = variables.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(pair => pair.Split('='))
            .ToDictionary(pair => pair[0], pair => pair[1]);
        Assert.Equal(new OtlpSignals(metrics, traces, logs), OtlpSignals.Read(set.GetValueOrDefault));
    }
}
