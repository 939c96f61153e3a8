using Microsoft.Extensions.Hosting;

namespace DecentralizedLion.Peer.Cli.Dashboard.Server;

/// <summary>Leaves Ctrl-C and the other signals to <see cref="StopSignal"/>: ASP.NET's own handlers would come between.</summary>
sealed class NoLifetime : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
