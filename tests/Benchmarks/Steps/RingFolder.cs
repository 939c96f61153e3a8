using System.Text.Json.Nodes;
using DecentralizedLion.Benchmarks.Exchange;
using DecentralizedLion.Peer.Security;
using DecentralizedLion.Topology.Security;

namespace DecentralizedLion.Benchmarks.Steps;

/// <summary>The files of one ring of peers that train with the library: peers.json, keys, and the peers' folders. They are
/// deleted at the end.</summary>
sealed class RingFolder : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("step-benchmark-").FullName;

    /// <param name="run">The run's name.</param>
    /// <param name="hosts">Where.</param>
    /// <param name="port">The first host's port; each next host has the next one.</param>
    /// <param name="batch">The roster's <c>batch</c>; null: none.</param>
    /// <param name="fields">More fields of peers.json.</param>
    public RingFolder(string run, Hosts hosts, int port, string? batch = null, JsonObject? fields = null)
    {
        var peers = new JsonArray();
        for (int peer = 0; peer < hosts.Count; peer++)
        {
            using PeerKeyPair key = PeerKeyPair.Create();
            KeyFile.Write(KeyFile.PathFor(PeersFile, IdOf(peer)), key, replace: false);
            peers.Add(new JsonObject
            {
                ["id"] = IdOf(peer),
                ["address"] = hosts.AddressOf(peer),
                ["port"] = port + peer,
                ["key"] = $"{key.Public}",
            });
        }
        JsonObject roster = fields ?? [];
        (roster["run"], roster["peers"]) = (run, peers);
        if (batch is not null)
            roster["batch"] = batch;
        File.WriteAllText(PeersFile, roster.ToJsonString());
    }

    /// <summary>The roster.</summary>
    public string PeersFile => Path.Combine(folder, "peers.json");

    /// <summary>The id of a host's peer.</summary>
    public static string IdOf(int peer) => $"p{peer}";

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
