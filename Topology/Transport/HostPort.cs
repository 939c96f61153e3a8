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

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Scheme}{(Address?.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{Host}]" : Host)}:{Port}");
}
