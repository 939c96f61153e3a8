using DecentralizedLion.Peer.Cli.Display;
using DecentralizedLion.Peer.Configuration;
using DecentralizedLion.Peer.Security;
using DecentralizedLion.Topology.Security;

namespace DecentralizedLion.Peer.Cli.Keygen;

/// <summary>Makes peers' keys and prints the public halves.</summary>
sealed class KeygenCommandHandler(TextWriter output, TextWriter error) : ICommandHandler<KeygenOptions>
{
    public Task<int> RunAsync(KeygenOptions options, CancellationToken stop)
    {
        string[] ids = options.Ids.Count > 0 ? [.. options.Ids] : [Environment.MachineName.Split('.')[0]];
        var made = new List<MadeKey>();
        try
        {
            foreach (var id in ids)
                made.Add(Make(id, options));
        }
        finally
        {
            // What was made before another one failed is there.
            var report = new KeygenReport(made);
            if (options.Json)
                JsonReport.Write(report, output);
            else
                report.Write(output);
        }
        return Task.FromResult(ExitCode.Done);
    }

    MadeKey Make(string id, KeygenOptions options)
    {
        if (RosterIds.Missing(options.PeersFile, id) is { } missing)
            error.WriteLine($"warning: {missing}; the key is made all the same");
        using var key = PeerKeyPair.Create();
        var file = options.Key ?? KeyFile.PathFor(options.PeersFile, id);
        KeyFile.Write(file, key, options.Replace);
        return new MadeKey(id, file, $"{key.Public}");
    }
}
