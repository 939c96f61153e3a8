using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace DecentralizedLion.Benchmarks.Exchange;

/// <summary>The hosts of a measurement's peers: all on loopback, or each in a network namespace that links.sh made.</summary>
sealed record Hosts(int Count, string? Namespaces)
{
    const int RangeLength = 2_000;

    /// <summary>The network device that peers reach each other through.</summary>
    public string Device => Namespaces is null ? "lo" : "e0";

    public string AddressOf(int host) => Namespaces is null ? "127.0.0.1" : $"10.78.0.{host + 1}";

    /// <summary>The start of a program on a host, with its input and output redirected.</summary>
    public ProcessStartInfo Start(int host, IEnumerable<string> command)
    {
        string[] words = Namespaces is null ? [.. command] : ["ip", "netns", "exec", $"{Namespaces}{host}", .. command];
        return new ProcessStartInfo(words[0], words[1..]) { RedirectStandardInput = true, RedirectStandardOutput = true };
    }

    /// <summary>So many ports in a row that nothing listens at here, of a range of their own for each group.</summary>
    public static int FreePorts(int count, int group)
    {
        // Below the ports that Linux gives to outgoing connections.
        int lowest = 20_000 + RangeLength * group, first = lowest + Environment.ProcessId % 100 * 16;
        for (; first + count <= lowest + RangeLength; first += count)
        {
            if (Enumerable.Range(first, count).All(IsFree))
                return first;
        }
        throw new InvalidOperationException($"no {count} free ports in a row between {lowest} and {first}");
    }

    static bool IsFree(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(IPAddress.Any, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
