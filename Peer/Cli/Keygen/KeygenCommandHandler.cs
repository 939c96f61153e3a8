using DecentralizedLion.Peer.Configuration;
using DecentralizedLion.Peer.Security;
using DecentralizedLion.Topology.Security;

namespace DecentralizedLion.Peer.Cli.Keygen;

/// <summary>Makes peers' keys and prints the public halves.</summary>
sealed class KeygenCommandHandler : ICommandHandler<KeygenOptions>
{
    public Task<int> RunAsync(KeygenOptions options, CancellationToken stop)
    {
        string[] ids = options.Ids.Count > 0 ? [.. options.Ids] : [Environment.MachineName.Split('.')[0]];
        foreach (var id in ids)
        {
            if (RosterIds.Missing(options.PeersFile, id) is { } missing)
                Console.Error.WriteLine($"warning: {missing}; the key is made all the same");
            using var key = PeerKeyPair.Create();
            var file = options.Key ?? KeyFile.PathFor(options.PeersFile, id);
            KeyFile.Write(file, key, options.Replace);
            Console.WriteLine($"{file}: the secret key of {id}. It stays on that peer's host, readable by nobody else.");
            Console.WriteLine($"Into the entry of {id} in peers.json, on all hosts:");
            Console.WriteLine($"  \"key\": \"{key.Public}\"");
        }
        return Task.FromResult(ExitCode.Done);
    }
}
