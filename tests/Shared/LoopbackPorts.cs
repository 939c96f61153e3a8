using System.Net;
using System.Net.Sockets;

namespace DecentralizedLion.Tests;

/// <summary>Free TCP ports of the loopback device. A process gives each of them to one test only: two tests that searched for
/// themselves could find the same port free before either of them listens at it.</summary>
static class LoopbackPorts
{
    // Below the ports that systems give to outgoing connections: one that dials such a port can reach itself.
    const int First = 20_000, Last = 32_000;

    static readonly Lock giving = new();
    static int next = First + Environment.ProcessId * 97 % (Last - First);

    /// <summary>Takes ports in a row.</summary>
    /// <returns>The first of them.</returns>
    public static int Take(int count)
    {
        lock (giving)
            while (true)
            {
                if (next + count > Last)
                    next = First;
                var first = next;
                next += count;
                if (Enumerable.Range(first, count).All(IsFree))
                    return first;
            }
    }

    /// <summary>Takes one port.</summary>
    public static int Take() => Take(1);

    static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
