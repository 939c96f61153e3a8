using System.Net;
using DecentralizedLion.Topology.Configuration;
using DecentralizedLion.Topology.Security;

namespace DecentralizedLion.Topology.Transport;

/// <summary>
/// Addresses and keys of one peer's links, by roster index. With keys the peer listens at one address for all others, and every
/// entry of <paramref name="Bind"/> is the same; without, each other peer has a port of its own. The entry of the peer itself is
/// empty.
/// </summary>
/// <param name="Bind">Addresses to listen at, <c>tcp://host:port</c>; <c>*</c> stands for all interfaces.</param>
/// <param name="Connect">Addresses to dial, <c>tcp://host:port</c>.</param>
/// <param name="Keys">The keys of the links; null: they are neither encrypted nor authenticated, and anybody can speak at
/// them.</param>
/// <param name="BasePorts">The port in each peer's entry, at which it listens if its own roster has keys; null: unknown.</param>
sealed record TransportEndpoints(IReadOnlyList<string> Bind, IReadOnlyList<string> Connect, LinkKeys? Keys = null,
    IReadOnlyList<int>? BasePorts = null)
{
    /// <summary>The endpoints of one peer of a roster.</summary>
    /// <param name="roster">All peers.</param>
    /// <param name="self">Our roster index.</param>
    /// <param name="key">Our key; of no effect in an insecure roster.</param>
    /// <exception cref="ArgumentException">The roster is not insecure and the key missing.</exception>
    public static TransportEndpoints Of(Roster roster, int self, PeerKeyPair? key)
    {
        ArgumentNullException.ThrowIfNull(roster);
        if (!roster.Insecure && key is null)
            throw new ArgumentException("links that are not insecure need this peer's key", nameof(key));
        var bind = new string[roster.Count];
        var connect = new string[roster.Count];
        for (int peer = 0; peer < roster.Count; peer++)
        {
            (bind[peer], connect[peer]) = peer == self ? ("", "") : (
                new HostPort(ListenAddress(roster.Peers[self].Address), roster.PortFor(self, peer)).ToString(),
                new HostPort(DialAddress(roster.Peers[peer].Address), roster.PortFor(peer, self)).ToString());
        }
        return new TransportEndpoints(bind, connect,
            roster.Insecure ? null : new LinkKeys(key!, [.. roster.Peers.Select(peer => peer.Index == self ? null : peer.Key)]),
            [.. roster.Peers.Select(peer => peer.Port)]);
    }

    /// <summary>True when the link to a peer is made alike in both.</summary>
    /// <param name="other">The endpoints of the same peer of the same roster, at another time.</param>
    /// <param name="peer">A roster index.</param>
    public bool IsSameLink(TransportEndpoints other, int peer) =>
        Bind[peer] == other.Bind[peer] && Connect[peer] == other.Connect[peer]
        && (Keys is null ? other.Keys is null : other.Keys is not null && Keys.IsSameLink(other.Keys, peer));

    // A loopback address is listened at as it is. Any other may be a name, or an address outside a NAT: listen at all interfaces.
    static string ListenAddress(string address) =>
        IPAddress.TryParse(address, out IPAddress? ip) ? IPAddress.IsLoopback(ip) ? address : HostPort.Any
        : address == "localhost" ? "127.0.0.1" : HostPort.Any;

    static string DialAddress(string address) => address == "localhost" ? "127.0.0.1" : address;
}
