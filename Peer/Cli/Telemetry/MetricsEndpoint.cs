using DecentralizedLion.Peer.Cli.Dashboard.Server;
using Microsoft.AspNetCore.Builder;
using OpenTelemetry.Metrics;

namespace DecentralizedLion.Peer.Cli.Telemetry;

/// <summary>The address at which Prometheus reads a run's metrics.</summary>
static class MetricsEndpoint
{
    /// <summary>The path.</summary>
    public const string Path = "/metrics";

    /// <summary>Serves the metrics beside what else is served.</summary>
    public static void Map(WebApplication application, MeterProvider metrics) =>
        application.UseOpenTelemetryPrometheusScrapingEndpoint(metrics, predicate: null, Path,
            configureBranchedPipeline: null, optionsName: null);

    /// <summary>Serves the metrics alone and prints their address.</summary>
    /// <param name="metrics">The metrics.</param>
    /// <param name="address">The address, as ADDRESS:PORT or PORT.</param>
    /// <param name="token">The token; null: none on loopback, a random one elsewhere.</param>
    /// <param name="options">The names of the two options that these were given by.</param>
    /// <param name="output">Receives the address.</param>
    /// <exception cref="UsageException">The address cannot be listened at.</exception>
    public static async Task<IAsyncDisposable> OpenAsync(MeterProvider metrics, string address, string? token,
        (string Address, string Token) options, TextWriter output)
    {
        var listen = ListenAddress.Parse(address, options.Address);
        var server = await LocalWebServer.StartAsync(listen, token is null ? null : AccessToken.Of(token, options.Token),
            "the metrics", application => Map(application, metrics));
        output.WriteLine($"metrics: {server.AddressOf(Path)}");
        if (!listen.IsLoopback)
            output.WriteLine("note: the metrics are not encrypted, and anybody who can read the network can read the token. On a "
                + "shared network, serve them on loopback");
        output.Flush();
        return server;
    }
}
