using System.Net;
using DecentralizedLion.Peer.Cli.Dashboard.History;
using DecentralizedLion.Peer.Cli.Dashboard.Server;
using OpenTelemetry.Metrics;

namespace DecentralizedLion.Peer.Cli.Dashboard;

/// <summary>Opens the page of a run and says where it is.</summary>
static class DashboardPage
{
    /// <summary>Starts to serve the page and prints its address.</summary>
    /// <param name="about">The run.</param>
    /// <param name="address">The address, as ADDRESS:PORT; null or empty for the usual one.</param>
    /// <param name="token">The token; null: none on loopback, a random one elsewhere.</param>
    /// <param name="options">The names of the two options that these were given by.</param>
    /// <param name="output">Receives the address.</param>
    /// <param name="time">The clock.</param>
    /// <param name="metrics">The metrics to serve beside it; null for none.</param>
    public static async Task<IAsyncDisposable> OpenAsync(RunDescription about, string? address, string? token,
        (string Address, string Token) options, TextWriter output, TimeProvider time, MeterProvider? metrics = null)
    {
        var listen = ListenAddress.Parse(address, options.Address);
        var server = await DashboardServer.StartAsync(about, listen,
            token is null ? null : AccessToken.Of(token, options.Token), time,
            e => output.WriteLine($"dashboard: the page stopped updating; training continues ({e.Message})"), metrics);
        output.WriteLine($"dashboard: {server.Address}");
        if (!listen.IsLoopback)
        {
            if (listen.EndPoint.Address.Equals(IPAddress.Any) || listen.EndPoint.Address.Equals(IPAddress.IPv6Any))
                output.WriteLine("note: on another computer, put this host's name or address in the place of "
                    + $"{server.Address.Host}");
            output.WriteLine("note: the page is not encrypted, and anybody who can read the network can read the token. On a "
                + "shared network keep it on loopback and tunnel: ssh -L 8470:127.0.0.1:8470 HOST");
        }
        output.Flush();
        return server;
    }
}
