using DecentralizedLion.Topology.Security;
using DecentralizedLion.Topology.Transport;

namespace DecentralizedLion.Topology.Tests.Transport;

/// <summary>Free ports of this host, and the endpoints of peers on them.</summary>
static class LoopbackTransports
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Endpoints for some peers, every ordered pair with a port of its own.</summary>
    public static TransportEndpoints[] Endpoints(int peers)
    {
        int port = LoopbackPorts.Take(peers * peers);
        return [.. Enumerable.Range(0, peers).Select(self => new TransportEndpoints(
            [.. Enumerable.Range(0, peers).Select(peer => peer == self ? "" : Address(self, peer))],
            [.. Enumerable.Range(0, peers).Select(peer => peer == self ? "" : Address(peer, self))]))];

        string Address(int listener, int dialler) => $"tcp://127.0.0.1:{port + listener * peers + dialler}";
    }

    /// <summary>Endpoints for some peers with keys, every peer with one port.</summary>
    public static TransportEndpoints[] SecureEndpoints(IReadOnlyList<PeerKeyPair> keys)
    {
        int peers = keys.Count;
        string[] addresses = [.. Enumerable.Range(LoopbackPorts.Take(peers), peers).Select(port => $"tcp://127.0.0.1:{port}")];
        return [.. Enumerable.Range(0, peers).Select(self => new TransportEndpoints(
            [.. Enumerable.Range(0, peers).Select(peer => peer == self ? "" : addresses[self])],
            [.. addresses.Select((address, peer) => peer == self ? "" : address)],
            Keys(keys, self)))];
    }

    /// <summary>Endpoints for some peers with new keys.</summary>
    public static TransportEndpoints[] SecureEndpoints(int peers)
    {
        PeerKeyPair[] keys = [.. Enumerable.Range(0, peers).Select(_ => PeerKeyPair.Create())];
        TransportEndpoints[] endpoints = SecureEndpoints(keys);
        foreach (PeerKeyPair key in keys)
            key.Dispose();
        return endpoints;
    }

    /// <summary>One peer's keys, where all know each other.</summary>
    public static LinkKeys Keys(IReadOnlyList<PeerKeyPair> keys, int self) =>
        new(keys[self], [.. keys.Select((key, peer) => peer == self ? null : key.Public)]);

    /// <summary>Waits for something that another thread brings about.</summary>
    public static void Until(Func<bool> condition, string what) =>
        Assert.True(SpinWait.SpinUntil(condition, Patience), $"not within {Patience}: {what}");
}
