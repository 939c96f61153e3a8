using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace DecentralizedLion.Peer.Cli.Dashboard.Server;

/// <summary>A web server that can only be read from, for this computer or for who has the token. It takes no settings but those
/// given here.</summary>
sealed class LocalWebServer : IAsyncDisposable
{
    const int ConnectionsMax = 128;

    static readonly TimeSpan shutdown = TimeSpan.FromSeconds(2);

    readonly WebApplication application;
    readonly string address;
    readonly AccessToken? token;

    LocalWebServer(WebApplication application, string address, AccessToken? token) =>
        (this.application, this.address, this.token) = (application, address, token);

    /// <summary>Starts to serve.</summary>
    /// <param name="listen">The address.</param>
    /// <param name="token">The token; null: none is asked for on loopback, and one is made elsewhere.</param>
    /// <param name="what">The thing that is served, for the operator: the page.</param>
    /// <param name="map">Maps what is served.</param>
    /// <exception cref="UsageException">The address cannot be listened at.</exception>
    public static async Task<LocalWebServer> StartAsync(ListenAddress listen, AccessToken? token, string what,
        Action<WebApplication> map)
    {
        token ??= listen.IsLoopback ? null : AccessToken.Create();
        try
        {
            return await StartAsync(listen.EndPoint, token, map);
        }
        catch (IOException) when (!listen.IsChosen && listen.EndPoint.Port != 0)
        {
            return await StartAsync(new IPEndPoint(listen.EndPoint.Address, 0), token, map);
        }
        catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException)
        {
            throw new UsageException($"{what} cannot be served at {listen.EndPoint}: {e.Message} Name another address or port.");
        }
    }

    /// <summary>The address of a path, with the token where one is asked for.</summary>
    public Uri AddressOf(string path) =>
        new(token is null ? $"{address}{path}" : $"{address}{path}?{RequestGuard.Field}={token.Text}");

    /// <summary>Ends.</summary>
    public async ValueTask DisposeAsync()
    {
        await application.StopAsync();
        await application.DisposeAsync();
    }

    static async Task<LocalWebServer> StartAsync(IPEndPoint endPoint, AccessToken? token, Action<WebApplication> map)
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
        try
        {
            var guard = new RequestGuard(IPAddress.IsLoopback(endPoint.Address), token);
            application.Use((context, next) => AdmitAsync(context, next, guard));
            application.UseRouting();
            map(application);
            await application.StartAsync();
        }
        catch
        {
            await application.DisposeAsync();
            throw;
        }
        var bound = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!;
        return new(application, bound.Addresses.First(), token);
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
}
