using System.Net;
using System.Net.Sockets;

namespace DecentralizedLion.Topology.Tests.Transport;

/// <summary>A test that needs the address ::1.</summary>
public sealed class IPv6FactAttribute : FactAttribute
{
    public IPv6FactAttribute() => Skip = HasLoopback() ? null : "this host has no ::1";

    static bool HasLoopback()
    {
        try
        {
            using var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.IPv6Loopback, 0));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
