using System.Text.Json.Nodes;
using DecentralizedLion.Benchmarks.Exchange;
using DecentralizedLion.Benchmarks.Model;
using DecentralizedLion.Peer.Security;
using DecentralizedLion.Topology.Security;

namespace DecentralizedLion.Benchmarks.Steps;

/// <summary>The files of one ring of peers that train with the library: peers.json, keys, and the peers' folders. They are
/// deleted at the end.</summary>
sealed class StepRing : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("step-benchmark-").FullName;
    readonly StepSetup setup;
    readonly ModelCase network;
    readonly Hosts hosts;

    /// <param name="setup">How the peers make their steps.</param>
    /// <param name="network">What they train.</param>
    /// <param name="hosts">Where.</param>
    /// <param name="port">The first host's port; each next host has the next one.</param>
    public StepRing(StepSetup setup, ModelCase network, Hosts hosts, int port)
    {
        (this.setup, this.network, this.hosts) = (setup, network, hosts);
        var peers = new JsonArray();
        for (int peer = 0; peer < hosts.Count; peer++)
        {
            using PeerKeyPair key = PeerKeyPair.Create();
            KeyFile.Write(KeyFile.PathFor(PeersFile, Id(peer)), key, replace: false);
            peers.Add(new JsonObject
            {
                ["id"] = Id(peer),
                ["address"] = hosts.AddressOf(peer),
                ["port"] = port + peer,
                ["key"] = $"{key.Public}",
            });
        }
        File.WriteAllText(PeersFile, new JsonObject { ["run"] = "steps", ["peers"] = peers }.ToJsonString());
    }

    string PeersFile => Path.Combine(folder, "peers.json");

    /// <summary>The words that start a host's peer.</summary>
    public string[] Command(int host) => [.. Machine.OwnProgram, StepPeer.Command, PeersFile, Id(host), network.Kind,
        $"{network.Batch}", setup.Name, hosts.Device];

    public void Dispose() => Directory.Delete(folder, recursive: true);

    static string Id(int peer) => $"p{peer}";
}
