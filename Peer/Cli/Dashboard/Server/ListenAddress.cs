using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace DecentralizedLion.Peer.Cli.Dashboard.Server;

/// <summary>The address that a page is served at.</summary>
/// <param name="EndPoint">Address and port.</param>
/// <param name="IsChosen">True when a person named it; else another port is taken where this one is in use.</param>
sealed record ListenAddress(IPEndPoint EndPoint, bool IsChosen)
{
    /// <summary>The port when none is named.</summary>
    public const int PortDefault = 8470;

    /// <summary>This computer only, at the usual port.</summary>
    public static ListenAddress Default { get; } = new(new IPEndPoint(IPAddress.Loopback, PortDefault), false);

    /// <summary>True when only this computer reaches it.</summary>
    public bool IsLoopback => IPAddress.IsLoopback(EndPoint.Address);

    /// <summary>Reads ADDRESS:PORT, :PORT, PORT or ADDRESS; localhost is 127.0.0.1.</summary>
    /// <param name="text">The text; null or empty for the default.</param>
    /// <param name="option">The option that it was given by.</param>
    /// <exception cref="UsageException">It is none of these.</exception>
    public static ListenAddress Parse(string? text, string option)
    {
        if (string.IsNullOrEmpty(text))
            return Default;
        var alone = text.StartsWith(':') ? text[1..] : text;
        if (ushort.TryParse(alone, NumberStyles.None, CultureInfo.InvariantCulture, out var port))
            return new(new IPEndPoint(IPAddress.Loopback, port), true);
        if (alone.Length > 0 && alone.All(char.IsAsciiDigit))
            throw new UsageException($"{option}: found port {alone}; allowed is 0 to {ushort.MaxValue}");
        const string local = "localhost";
        var named = text.StartsWith(local, StringComparison.OrdinalIgnoreCase) ? $"127.0.0.1{text[local.Length..]}" : text;
        if (IPEndPoint.TryParse(named, out var endPoint) && IsPlain(named, endPoint.Address))
        {
            // An address alone is an end point, too, and brackets with a port are an address, too.
            var hasPort = !IPAddress.TryParse(named, out _) || named.Contains("]:", StringComparison.Ordinal);
            return new(hasPort ? endPoint : new IPEndPoint(endPoint.Address, PortDefault), true);
        }
        throw new UsageException($"{option}: found \"{text}\"; allowed is ADDRESS:PORT, such as 127.0.0.1:{PortDefault} or "
            + $"0.0.0.0:{PortDefault}, with an IP address of this host");
    }

    /// <summary>False for the short and hexadecimal spellings of IPv4 that the system knows as well: 127.1, 0x7f.1.</summary>
    static bool IsPlain(string text, IPAddress address) =>
        address.AddressFamily != AddressFamily.InterNetwork || text.Split(':')[0] == address.ToString();
}
