using System.Globalization;
using DecentralizedLion.Peer.Cli.Dashboard.Feed;
using DecentralizedLion.Peer.Cli.Dashboard.History;
using DecentralizedLion.Peer.Cli.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using OpenTelemetry.Metrics;

namespace DecentralizedLion.Peer.Cli.Dashboard.Server;

/// <summary>Serves the page of a run.</summary>
sealed class DashboardServer : IAsyncDisposable
{
    readonly LocalWebServer server;
    readonly RunFeed feed;

    DashboardServer(LocalWebServer server, RunFeed feed) => (this.server, this.feed) = (server, feed);

    /// <summary>The address to open, with the token where one is asked for.</summary>
    public Uri Address => server.AddressOf("/");

    /// <summary>Starts to serve.</summary>
    /// <param name="about">The run.</param>
    /// <param name="listen">The address.</param>
    /// <param name="token">The token; null: none is asked for on loopback, and one is made elsewhere.</param>
    /// <param name="time">The clock.</param>
    /// <param name="failed">Takes the reason when the run cannot be followed any more.</param>
    /// <param name="metrics">The metrics to serve beside the page; null for none.</param>
    /// <exception cref="UsageException">The address cannot be listened at.</exception>
    public static async Task<DashboardServer> StartAsync(RunDescription about, ListenAddress listen, AccessToken? token,
        TimeProvider time, Action<Exception> failed, MeterProvider? metrics = null)
    {
        var feed = new RunFeed(about, time, failed);
        try
        {
            return new(await LocalWebServer.StartAsync(listen, token, "the page", application =>
            {
                Map(application, feed);
                if (metrics is not null)
                    MetricsEndpoint.Map(application, metrics);
            }), feed);
        }
        catch
        {
            await feed.DisposeAsync();
            throw;
        }
    }

    /// <summary>Shows pages how it ended, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        await feed.DisposeAsync();
        await server.DisposeAsync();
    }

    static void Map(WebApplication application, RunFeed feed)
    {
        foreach (var (path, file) in PageFiles.Load())
            application.MapMethods(path == "/index.html" ? "/" : path, ["GET", "HEAD"], context =>
            {
                context.Response.ContentType = file.Type;
                context.Response.ContentLength = file.Content.Length;
                return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask
                    : context.Response.Body.WriteAsync(file.Content).AsTask();
            });
        application.MapGet("/api/state", (HttpContext context) => StateAsync(context, feed));
        application.MapGet("/api/events", (HttpContext context) => EventsAsync(context, feed));
    }

    /// <summary>The ring's state after a step: <c>/api/state?step=N</c>.</summary>
    static Task StateAsync(HttpContext context, RunFeed feed)
    {
        if (!long.TryParse(context.Request.Query["step"], NumberStyles.None, CultureInfo.InvariantCulture, out var step))
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return context.Response.WriteAsync("step: allowed is a whole number");
        }
        context.Response.ContentType = "application/json";
        return context.Response.Body.WriteAsync(feed.StateAt(step)).AsTask();
    }

    /// <summary>Snapshots as server-sent events: the whole one, then what is new as it comes.</summary>
    static async Task EventsAsync(HttpContext context, RunFeed feed)
    {
        context.Response.ContentType = "text/event-stream";
        var body = context.Response.Body;
        try
        {
            await foreach (var snapshot in feed.WatchAsync(context.RequestAborted))
            {
                await body.WriteAsync("data: "u8.ToArray());
                await body.WriteAsync(snapshot); // JSON without line ends
                await body.WriteAsync("\n\n"u8.ToArray());
                await body.FlushAsync();
            }
            await body.WriteAsync("event: end\ndata: \n\n"u8.ToArray());
        }
        catch (OperationCanceledException)
        {
            // The page was closed.
        }
    }
}
