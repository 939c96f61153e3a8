using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace DecentralizedLion.Topology.Transport;

/// <summary>A TCP address as ZeroMQ writes it: <c>tcp://host:port</c>, an IPv6 address in brackets.</summary>
/// <param name="Host">A name or an IP address, without brackets; <see cref="Any"/> stands for all interfaces.</param>
/// <param name="Port">1 to 65535.</param>
readonly record struct HostPort(string Host, int Port)
{
    /// <summary>Stands for all interfaces of this host.</summary>
    public const string Any = "*";

    /// <summary>From here on Linux gives ports to outgoing connections, so that one may be in use by chance.</summary>
    public const int EphemeralMin = 32768;

    const string Scheme = "tcp://";

    /// <summary>The host as an IP address; null when it is a name.</summary>
    public IPAddress? Address => IPAddress.TryParse(Host, out IPAddress? address) ? address : null;

    /// <summary>Reads the text that <see cref="ToString"/> makes. It is not parsed as a URI, which has other rules for host
    /// names.</summary>
    public static HostPort Parse(string text)
    {
        int colon = text.LastIndexOf(':');
        return new HostPort(text[Scheme.Length..colon].Trim('[', ']'),
            int.Parse(text.AsSpan(colon + 1), CultureInfo.InvariantCulture));
    }

    /// <summary>The thing to do when a port of a peer's cannot be listened at.</summary>
    /// <param name="port">The largest of the ports.</param>
    public static string PortRemedy(int port) => "stop the program that uses it, or correct this peer's address or port in "
        + $"peers.json{(port >= EphemeralMin ? $"; use a port below {EphemeralMin}" : "")}";

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Scheme}{(Address?.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{Host}]" : Host)}:{Port}");
}
