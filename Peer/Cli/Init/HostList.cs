using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace DecentralizedLion.Peer.Cli.Init;

/// <summary>The list of hosts that a person or a scheduler gives, as peers with ids and ports.</summary>
static class HostList
{
    const string Allowed = "allowed is HOST, HOST:PORT, ID=HOST or ID=HOST:PORT, an IPv6 address with a port in [ ]";

    /// <summary>Reads the hosts, gives ids to those without, and ports of their own to peers that share a host.</summary>
    /// <param name="texts">The texts; white space and line breaks separate hosts.</param>
    /// <param name="port">The port of hosts that are given without one.</param>
    /// <param name="portsEach">Ports that each peer listens on.</param>
    /// <exception cref="UsageException">A text is no host.</exception>
    public static IReadOnlyList<HostEntry> Read(IEnumerable<string> texts, int port, int portsEach)
    {
        Given[] hosts = [.. texts.SelectMany(text => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
            .Select(Parse)];
        string[] ids = [.. IdsOf(hosts)];
        var used = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        var entries = new List<HostEntry>(hosts.Length);
        foreach (var (host, id) in hosts.Zip(ids))
        {
            var next = port + used.GetValueOrDefault(host.Address) * portsEach;
            if (host.Port is null)
                used[host.Address] = used.GetValueOrDefault(host.Address) + 1;
            entries.Add(new HostEntry(id, host.Address, host.Port ?? next));
        }
        return entries;
    }

    static Given Parse(string text)
    {
        if (text.IndexOf('[', StringComparison.Ordinal) > 0 && !text.Contains("=[", StringComparison.Ordinal))
            throw new UsageException($"HOST: found \"{text}\", which stands for several hosts; 'scontrol show hostnames {text}' "
                + "prints them one a line, for 'peer init -'");
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        var (id, host) = equals < 0 ? (null, text) : (text[..equals], text[(equals + 1)..]);
        if (host.Length == 0 || id is "")
            throw new UsageException($"HOST: found \"{text}\"; {Allowed}");
        var end = host.StartsWith('[') ? host.IndexOf(']', StringComparison.Ordinal) : -1;
        var colon = host.LastIndexOf(':');
        if (host.StartsWith('['))
        {
            if (end < 0 || (end + 1 < host.Length && colon != end + 1))
                throw new UsageException($"HOST: found \"{text}\"; {Allowed}");
            return new Given(id, host[1..end], end + 1 == host.Length ? null : PortOf(text, host[(colon + 1)..]));
        }
        return colon < 0 || (IPAddress.TryParse(host, out var ip) && ip.AddressFamily == AddressFamily.InterNetworkV6)
            ? new Given(id, host, null) : new Given(id, host[..colon], PortOf(text, host[(colon + 1)..]));
    }

    static int PortOf(string text, string port) =>
        int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= 65535
            ? number
            : throw new UsageException($"HOST: found \"{text}\" with port \"{port}\"; allowed is a port from 1 to 65535");

    /// <summary>The ids: those given, else the first parts of the names, or the whole ones where two hosts have the same first
    /// part; peers on one host are numbered.</summary>
    static IEnumerable<string> IdsOf(Given[] hosts)
    {
        var unnamed = hosts.Where(host => host.Id is null).ToArray();
        var areUnique = unnamed.Select(host => host.Address).Distinct(StringComparer.OrdinalIgnoreCase)
            .Select(ShortName).Distinct(StringComparer.OrdinalIgnoreCase).Count()
            == unnamed.Select(host => host.Address).Distinct(StringComparer.OrdinalIgnoreCase).Count();
        var count = unnamed.CountBy(host => host.Address, StringComparer.OrdinalIgnoreCase)
            .ToDictionary(StringComparer.OrdinalIgnoreCase);
        var seen = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        foreach (var host in hosts)
        {
            if (host.Id is not null)
            {
                yield return host.Id;
                continue;
            }
            var name = areUnique ? ShortName(host.Address) : WholeName(host.Address);
            var number = seen[host.Address] = seen.GetValueOrDefault(host.Address) + 1;
            yield return count[host.Address] == 1 ? name : FormattableString.Invariant($"{name}-{number}");
        }
    }

    static string ShortName(string address) =>
        IPAddress.TryParse(address, out _) ? WholeName(address) : address.Split('.')[0];

    /// <summary>An id has no colons and no percent signs.</summary>
    static string WholeName(string address) => address.Replace(':', '-').Replace('%', '-').TrimStart('-');

    readonly record struct Given(string? Id, string Address, int? Port);
}
