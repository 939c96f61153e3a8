using System.Globalization;
using System.Net;
using DecentralizedLion.Peer.Cli.Dashboard.Feed;
using DecentralizedLion.Peer.Cli.Dashboard.History;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace DecentralizedLion.Peer.Cli.Dashboard.Server;

/// <summary>Serves the page of a run. It only reads, and takes no settings but those given here.</summary>
sealed class DashboardServer : IAsyncDisposable
{
    const int ConnectionsMax = 128;

    static readonly TimeSpan shutdown = TimeSpan.FromSeconds(2);

    readonly WebApplication application;
    readonly RunFeed feed;

    DashboardServer(WebApplication application, RunFeed feed, Uri address) =>
        (this.application, this.feed, Address) = (application, feed, address);

    /// <summary>The address to open, with the token where one is asked for.</summary>
    public Uri Address { get; }

    /// <summary>Starts to serve.</summary>
    /// <param name="about">The run.</param>
    /// <param name="listen">The address.</param>
    /// <param name="token">The token; null: none is asked for on loopback, and one is made elsewhere.</param>
    /// <param name="time">The clock.</param>
    /// <param name="failed">Takes the reason when the run cannot be followed any more.</param>
    /// <exception cref="UsageException">The address cannot be listened at.</exception>
    public static async Task<DashboardServer> StartAsync(RunDescription about, ListenAddress listen, AccessToken? token,
        TimeProvider time, Action<Exception> failed)
    {
        token ??= listen.IsLoopback ? null : AccessToken.Create();
        try
        {
            return await StartAsync(about, listen.EndPoint, token, time, failed);
        }
        catch (IOException) when (!listen.IsChosen && listen.EndPoint.Port != 0)
        {
            return await StartAsync(about, new IPEndPoint(listen.EndPoint.Address, 0), token, time, failed);
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException)
        {
            throw new UsageException(
                $"the page cannot be served at {listen.EndPoint}: {e.Message} Name another address or port.");
        }
    }

    /// <summary>Shows pages how it ended, and ends.</summary>
    public async ValueTask DisposeAsync()
    {
        await feed.DisposeAsync();
        await application.StopAsync();
        await application.DisposeAsync();
    }

    static async Task<DashboardServer> StartAsync(RunDescription about, IPEndPoint endPoint, AccessToken? token,
        TimeProvider time, Action<Exception> failed)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = ConnectionsMax;
            kestrel.Limits.MaxRequestBodySize = 0;
            kestrel.Listen(endPoint);
        });
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = shutdown);
        var application = builder.Build();
        var feed = new RunFeed(about, time, failed);
        try
        {
            var guard = new RequestGuard(IPAddress.IsLoopback(endPoint.Address), token);
            application.Use((context, next) => AdmitAsync(context, next, guard));
            application.UseRouting();
            Map(application, feed);
            await application.StartAsync();
        }
        catch
        {
            await feed.DisposeAsync();
            await application.DisposeAsync();
            throw;
        }
        var bound = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!;
        var address = bound.Addresses.First();
        return new(application, feed, new Uri(token is null ? $"{address}/" : $"{address}/?{RequestGuard.Field}={token.Text}"));
    }

    static Task AdmitAsync(HttpContext context, RequestDelegate next, RequestGuard guard)
    {
        var headers = context.Response.Headers;
        headers.CacheControl = "no-store";
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers.ContentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
            + "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        if (guard.Refusal(context.Request) is var (code, text))
        {
            context.Response.StatusCode = code;
            context.Response.ContentType = "text/plain; charset=utf-8";
            return context.Response.WriteAsync(text);
        }
        if (context.Request.Path != "/" || !guard.HasTokenInAddress(context.Request))
            return next(context);
        // The token leaves the address bar, the history and what is copied from there.
        context.Response.Cookies.Append(RequestGuard.CookieOf(context.Request), $"{context.Request.Query[RequestGuard.Field]}",
            new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Strict, Path = "/" });
        context.Response.Redirect("/");
        return Task.CompletedTask;
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
