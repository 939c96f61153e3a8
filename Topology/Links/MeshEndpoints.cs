using System.Net;

namespace DecentralizedLion.Topology.Links;

/// <summary>Where a peer listens for each other peer, and where each listens for it. The entry of the peer itself is empty.</summary>
/// <param name="Bind">ZeroMQ endpoints to listen at, by roster index.</param>
/// <param name="Connect">ZeroMQ endpoints to dial, by roster index.</param>
public sealed record MeshEndpoints(IReadOnlyList<string> Bind, IReadOnlyList<string> Connect)
{
    /// <summary>The endpoints of one peer of a roster.</summary>
    public static MeshEndpoints Of(Roster roster, int self)
    {
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
        }
        return new MeshEndpoints(bind, connect);
    }

    // A loopback address is listened at as it is. Any other may be a name, or an address outside a NAT: listen at all interfaces.
    static string ListenAddress(string address) =>
        IPAddress.TryParse(address, out IPAddress? ip) && IPAddress.IsLoopback(ip) ? DialAddress(address)
        : address == "localhost" ? "127.0.0.1" : "*";

    static string DialAddress(string address) =>
        IPAddress.TryParse(address, out IPAddress? ip) && ip.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6
            ? $"[{address}]" : address == "localhost" ? "127.0.0.1" : address;
}
