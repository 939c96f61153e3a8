using System.Collections.Concurrent;
using System.Net;

namespace DecentralizedLion.Peer.Tests.Telemetry;

/// <summary>A collector that takes OTLP over HTTP and reads it by the numbers of its fields alone.</summary>
sealed class OtlpCollector : IAsyncDisposable
{
    readonly HttpListener listener = new();
    readonly ConcurrentQueue<(string Path, byte[] Body)> received = [];
    readonly Task serving;

    public OtlpCollector()
    {
        Address = new Uri($"http://127.0.0.1:{LoopbackPorts.Take()}/");
        listener.Prefixes.Add($"{Address}");
        listener.Start();
        serving = ServeAsync();
    }

    public Uri Address { get; }

    /// <summary>The metrics, as unit, kind and attributes of the data, by name.</summary>
    public IReadOnlyDictionary<string, OtlpMetric> Metrics => Scopes("/v1/metrics")
        .SelectMany(scope => scope.Messages(2)).Select(OtlpMetric.Of).GroupBy(metric => metric.Name)
        .ToDictionary(same => same.Key, same => same.Last());

    /// <summary>The names of spans with their trace ids.</summary>
    public IReadOnlyList<(string Name, string Trace)> Spans => [.. Scopes("/v1/traces").SelectMany(scope => scope.Messages(2))
        .Select(span => (span.Text(5), Convert.ToHexStringLower(span.BytesOf(1))))];

    /// <summary>The sentences of log records.</summary>
    public IReadOnlyList<string> Logs => [.. Scopes("/v1/logs").SelectMany(scope => scope.Messages(2))
        .Select(record => record.Message(5)!.Text(1))];

    /// <summary>The attributes of the process that sent the metrics.</summary>
    public IReadOnlyDictionary<string, string> Resource => Of("/v1/metrics").SelectMany(message => message.Messages(1))
        .SelectMany(part => part.Message(1)!.Messages(1)).DistinctBy(pair => pair.Text(1))
        .ToDictionary(pair => pair.Text(1), pair => pair.Message(2)!.Text(1));

    public async ValueTask DisposeAsync()
    {
        listener.Close();
        await serving;
    }

    IEnumerable<ProtobufFields> Of(string path) =>
        received.Where(request => request.Path == path).Select(request => new ProtobufFields(request.Body));

    /// <summary>Export request, resource, scope: each nests the next in field 1 or 2.</summary>
    IEnumerable<ProtobufFields> Scopes(string path) =>
        Of(path).SelectMany(request => request.Messages(1)).SelectMany(resource => resource.Messages(2))
            .Where(scope => scope.Message(1)!.Text(1) == RingTelemetry.Name);

    async Task ServeAsync()
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
            using var body = new MemoryStream();
            await context.Request.InputStream.CopyToAsync(body);
            received.Enqueue((context.Request.Url!.AbsolutePath, body.ToArray()));
            context.Response.ContentType = "application/x-protobuf";
            context.Response.Close();
        }
    }
}

/// <summary>A metric as a collector reads it.</summary>
/// <param name="Name">The name.</param>
/// <param name="Unit">The unit.</param>
/// <param name="Kind">gauge, counter, updowncounter or histogram.</param>
/// <param name="Attributes">The keys and values of all its points.</param>
sealed record OtlpMetric(string Name, string Unit, string Kind, IReadOnlySet<string> Attributes)
{
    const int Gauge = 5, Sum = 7, Histogram = 9;

    public static OtlpMetric Of(ProtobufFields metric)
    {
        var (kind, data, attributes) = metric.Has(Gauge) ? ("gauge", metric.Message(Gauge)!, 7)
            : metric.Has(Sum) ? (metric.Message(Sum)!.Number(3) == 1 ? "counter" : "updowncounter", metric.Message(Sum)!, 7)
            : ("histogram", metric.Message(Histogram)!, 9);
        return new OtlpMetric(metric.Text(1), metric.Text(3), kind, data.Messages(1)
            .SelectMany(point => point.Messages(attributes))
            .Select(pair => $"{pair.Text(1)}={pair.Message(2)!.Text(1)}").ToHashSet());
    }
}
