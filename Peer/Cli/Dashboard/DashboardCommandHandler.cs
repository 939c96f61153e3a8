using DecentralizedLion.Peer.Cli.Dashboard.History;
using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Peer.Cli.Dashboard;

/// <summary>Serves the page of a folder until it is told to stop.</summary>
sealed class DashboardCommandHandler(TimeProvider time) : ICommandHandler<DashboardOptions>
{
    public async Task<int> RunAsync(DashboardOptions options, CancellationToken stop)
    {
        MetricsFolder.RequireAny(options.Folder);
        using var signal = StopSignal.OfTerminal(time, stop);
        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(options.Folder)));
        await using var page = await DashboardPage.OpenAsync(new RunDescription(name, null, [], options.Folder), options.Listen,
            options.Token, ("--listen", "--token"), Console.Out, time);
        await Task.Delay(Timeout.InfiniteTimeSpan, time, signal.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return ExitCode.Done;
    }
}
