using System.Text.Json;
using DecentralizedLion.Peer.Cli.Logging;
using DecentralizedLion.Peer.Cli.Run;
using DecentralizedLion.Peer.Configuration;
using DecentralizedLion.Peer.Metrics;
using DecentralizedLion.Peer.Tests.Telemetry;
using static DecentralizedLion.Peer.Tests.Cli.Dashboard.MetricsWriter;

namespace DecentralizedLion.Peer.Tests.Cli.Run;

/// <summary>Tests of the outputs of a run.</summary>
[Collection(TelemetryCollection.Name)]
public sealed class RunReportingTests : IDisposable
{
    static readonly PeerEvent[] events =
        [Start("a"), Step(1), Ring("suspected", "b", "b is gone", 1, 0), new Ended(1, Ended.Left, DigestOf(1), 1)];

    readonly TemporaryFolder folder = new();
    readonly StringWriter console = new();

    public void Dispose() => folder.Dispose();

    string[] Printed => console.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);

    Task<RunReporting> Open(RunOptions options)
    {
        File.WriteAllText(options.PeersFile, """
            { "run": "r", "steps": 100, "learningRate": 0.1, "insecure": true, "model": { "kind": "mlp" },
              "data": { "kind": "glyphs" }, "peers": [ { "id": "a", "address": "127.0.0.1", "port": 7000 },
              { "id": "b", "address": "127.0.0.1", "port": 7010 } ] }
            """);
        return RunReporting.OpenAsync(RunConfig.Read(options.PeersFile, null), options, "a", folder.File("out"), console,
            TimeProvider.System);
    }

    RunOptions Options => new() { PeersFile = folder.File("peers.json"), Plain = true };

    [Fact]
    public async Task As_text_it_prints_what_it_always_did()
    {
        await using (var reporting = await Open(Options))
            Array.ForEach(events, reporting.Report);
        Assert.Equal(["a of r: mlp on glyphs, mavo by 2 peers, auto", "3 peers, 1000 parameters, step 0 of 100", "a: b is gone",
            "a: left at step 1, digest 9e3779b97f4a"], Printed);
    }

    [Fact]
    public async Task As_JSON_every_line_is_an_object_also_addresses_and_the_fault_report()
    {
        await using (var reporting = await Open(Options with
        {
            LogFormat = LogFormat.Json,
            Metrics = "127.0.0.1:0",
            FaultReport = true,
            TensorBoard = folder.File("board"),
        }))
            Array.ForEach(events, reporting.Report);
        JsonElement[] lines = [.. Printed.Select(line => JsonDocument.Parse(line).RootElement)];
        string[] messages = [.. lines.Select(line => line.GetProperty("Message").GetString()!)];
        Assert.Matches(@"^metrics: http://127\.0\.0\.1:\d+/metrics$", messages[0]);
        Assert.Equal(["start", "suspected", "end"], lines.Select(line => line.GetProperty("State").GetProperty("kind")
            .GetString()).Where(kind => kind != "line"));
        Assert.Contains(messages, message => message.StartsWith("Fault report of this start", StringComparison.Ordinal));
        Assert.Contains(EventFile.ReadScalars(Directory.EnumerateFiles(folder.File("board")).Single()),
            scalar => scalar == ("Loss/train", 1, (float)LossOf(1)));
    }

    [Fact]
    public async Task The_metrics_are_served_beside_the_page_by_its_rules()
    {
        const string token = "a-token-of-enough-characters";
        await using var reporting = await Open(Options with { Dashboard = "127.0.0.1:0", DashboardToken = token });
        using var telemetry = SampleTelemetry.Create();
        var address = new Uri(Printed[0]["dashboard: ".Length..]);
        using var client = new HttpClient();
        using var refused = await client.GetAsync(new Uri(address, "/metrics"));
        Assert.Equal(System.Net.HttpStatusCode.Unauthorized, refused.StatusCode);
        client.DefaultRequestHeaders.Authorization = new("Bearer", token);
        var text = new PrometheusText(await client.GetStringAsync(new Uri(address, "/metrics")));
        Assert.Equal([7], text.Values("decentralized_lion_ring_view"));
        client.DefaultRequestHeaders.Host = "evil.example";
        using var misdirected = await client.GetAsync(new Uri(address, "/metrics"));
        Assert.Equal(System.Net.HttpStatusCode.MisdirectedRequest, misdirected.StatusCode);
    }
}
