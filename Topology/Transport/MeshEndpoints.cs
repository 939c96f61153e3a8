using System.Net;
using DecentralizedLion.Topology.Security;

namespace DecentralizedLion.Topology.Transport;

/// <summary>Where a peer listens for each other peer, where each listens for it, and with which keys. The entry of the peer itself is empty.</summary>
/// <param name="Bind">ZeroMQ endpoints to listen at, by roster index.</param>
/// <param name="Connect">ZeroMQ endpoints to dial, by roster index.</param>
/// <param name="Keys">What the links are encrypted with, by roster index; null: they are not, and anybody can speak at them.</param>
public sealed record MeshEndpoints(IReadOnlyList<string> Bind, IReadOnlyList<string> Connect, IReadOnlyList<LinkKeys?>? Keys = null)
{
    /// <summary>The endpoints of one peer of a roster.</summary>
    /// <param name="roster">All peers.</param>
    /// <param name="self">Our roster index.</param>
    /// <param name="run">The run's name.</param>
    /// <param name="key">Our key; of no effect in an insecure roster.</param>
    /// <exception cref="ArgumentException">The roster is not insecure and the key missing, or not that of our entry.</exception>
    public static MeshEndpoints Of(Roster roster, int self, string run, PeerKey? key)
    {
        LinkKeys?[]? keys = roster.Insecure ? null : new LinkKeys?[roster.Count];
        if (keys is not null && key is null)
            throw new ArgumentException("links that are not insecure need this peer's key", nameof(key));
        var bind = new string[roster.Count];
        var connect = new string[roster.Count];
        for (int peer = 0; peer < roster.Count; peer++)
        {
            if (peer == self)
            {
                (bind[peer], connect[peer]) = ("", "");
                continue;
            }
            bind[peer] = $"tcp://{ListenAddress(roster.Peers[self].Address)}:{roster.PortFor(self, peer)}";
            connect[peer] = $"tcp://{DialAddress(roster.Peers[peer].Address)}:{roster.PortFor(peer, self)}";
            if (keys is not null)
                keys[peer] = LinkKeys.Derive(key!, run, EndOf(roster.Peers[self]), EndOf(roster.Peers[peer]));
        }
        return new MeshEndpoints(bind, connect, keys);
    }

    /// <summary>Whether the link to a peer is made alike in both.</summary>
    /// <param name="other">The endpoints of the same peer of the same roster, at another time.</param>
    /// <param name="peer">A roster index.</param>
    public bool IsSameLink(MeshEndpoints other, int peer) =>
        Bind[peer] == other.Bind[peer] && Connect[peer] == other.Connect[peer] && Equals(Keys?[peer], other.Keys?[peer]);

    static LinkEnd EndOf(RosterEntry entry) => new(entry.Id, entry.Key!);

    // A loopback address is listened at as it is. Any other may be a name, or an address outside a NAT: listen at all interfaces.
    static string ListenAddress(string address) =>
        IPAddress.TryParse(address, out IPAddress? ip) && IPAddress.IsLoopback(ip) ? DialAddress(address)
        : address == "localhost" ? "127.0.0.1" : "*";

    static string DialAddress(string address) =>
        IPAddress.TryParse(address, out IPAddress? ip) && ip.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6
            ? $"[{address}]" : address == "localhost" ? "127.0.0.1" : address;
}
