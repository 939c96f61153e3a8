using DecentralizedLion.Peer.Cli.Display;
using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Peer.Cli.Faults;

/// <summary>Reports the faults of an earlier run from its metrics files.</summary>
sealed class FaultsCommandHandler(TextWriter output) : ICommandHandler<FaultsOptions>
{
    public Task<int> RunAsync(FaultsOptions options, CancellationToken stop)
    {
        var report = new FaultReport();
        foreach (var (peer, happened) in MetricsFolder.Read(options.Folder))
            report.Add(peer, happened);
        if (options.Json)
            JsonReport.Write(report.Summary, output);
        else
            report.Write(output);
        return Task.FromResult(ExitCode.Done);
    }
}
