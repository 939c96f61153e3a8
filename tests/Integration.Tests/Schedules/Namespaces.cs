using System.Diagnostics;

namespace DecentralizedLion.Integration.Tests.Schedules;

/// <summary>
/// Hosts in network namespaces on this machine, each with a link to one of two switches: all to the first, those that are cut off
/// to the second. Needs root and iproute2.
/// </summary>
sealed class Namespaces : IHosts, IDisposable
{
    readonly string prefix = $"dlion{Environment.ProcessId}-";
    readonly int count;

    public Namespaces(int count)
    {
        this.count = count;
        try
        {
            Ip("netns", "add", Switch);
            foreach (var bridge in new[] { "br0", "br1" })
            {
                Ip("-n", Switch, "link", "add", bridge, "type", "bridge");
                Ip("-n", Switch, "link", "set", bridge, "up");
            }
            for (var host = 0; host < count; host++)
            {
                Ip("netns", "add", Host(host));
                Ip("link", "add", "e0", "netns", Host(host), "type", "veth", "peer", "name", $"b{host}", "netns", Switch);
                Ip("-n", Switch, "link", "set", $"b{host}", "master", "br0");
                Ip("-n", Switch, "link", "set", $"b{host}", "up");
                Ip("-n", Host(host), "addr", "add", $"{AddressOf(host)}/24", "dev", "e0");
                Ip("-n", Host(host), "link", "set", "e0", "up");
                Ip("-n", Host(host), "link", "set", "lo", "up");
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    string Switch => $"{prefix}switch";

    string Host(int host) => $"{prefix}h{host}";

    public string AddressOf(int peer) => $"10.79.0.{peer + 1}";

    public IReadOnlyList<string> On(int peer) => ["ip", "netns", "exec", Host(peer)];

    /// <summary>Cuts some hosts, which still reach each other, off from the rest; none: all reach all again.</summary>
    public void Cut(IEnumerable<int> hosts)
    {
        int[] away = [.. hosts];
        for (var host = 0; host < count; host++)
            Ip("-n", Switch, "link", "set", $"b{host}", "master", away.Contains(host) ? "br1" : "br0");
    }

    public void Dispose()
    {
        foreach (var name in Enumerable.Range(0, count).Select(Host).Append(Switch))
            if (File.Exists($"/run/netns/{name}"))
                Ip("netns", "del", name);
    }

    static void Ip(params string[] arguments)
    {
        using var ip = Process.Start(new ProcessStartInfo("ip", arguments) { RedirectStandardError = true })
            ?? throw new InvalidOperationException("ip did not start");
        var said = ip.StandardError.ReadToEnd();
        ip.WaitForExit();
        Assert.True(ip.ExitCode == 0, $"ip {string.Join(' ', arguments)}: {said}");
    }
}
