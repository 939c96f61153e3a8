using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace DecentralizedLion.Topology.Diagnostics;

/// <summary>What came of dialling a port by plain TCP.</summary>
public enum DialOutcome
{
    /// <summary>The host's name is not found.</summary>
    NameNotFound,

    /// <summary>The host is there, and nobody listens at the port.</summary>
    Refused,

    /// <summary>No way leads to the host.</summary>
    NoRoute,

    /// <summary>No answer at all.</summary>
    TimedOut,

    /// <summary>Something listens that is not ZeroMQ.</summary>
    Stranger,

    /// <summary>A ZeroMQ socket listens, encrypted.</summary>
    Encrypted,

    /// <summary>A ZeroMQ socket listens, not encrypted.</summary>
    Plain,
}

/// <summary>Dials a port by plain TCP to find out why a link over it does not come about.</summary>
static class PortDial
{
    /// <summary>ZMTP 3.0's greeting (ZeroMQ RFC 23) is 64 bytes: signature 10, version 2, mechanism 20, as-server 1, filler 31.</summary>
    const int MechanismAt = 12, MechanismLength = 20;

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Dials, and exchanges greetings; nothing of a handshake follows.</summary>
    /// <param name="endpoint">A ZeroMQ endpoint, <c>tcp://host:port</c>.</param>
    /// <param name="time">The clock of the waiting, two seconds for each of name, connection and greeting.</param>
    public static async Task<DialOutcome> DialAsync(string endpoint, TimeProvider time)
    {
        // No Uri: it has ideas of its own about host names.
        int colon = endpoint.LastIndexOf(':');
        string host = endpoint["tcp://".Length..colon].Trim('[', ']');
        int port = int.Parse(endpoint.AsSpan(colon + 1), CultureInfo.InvariantCulture);
        IPAddress[] addresses;
        try
        {
            addresses = await WithinAsync(stop => Dns.GetHostAddressesAsync(host, stop), time);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            return DialOutcome.NameNotFound;
        }
        if (addresses.Length == 0)
            return DialOutcome.NameNotFound;
        // The first only: ZeroMQ dials no other.
        using var socket = new Socket(addresses[0].AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await WithinAsync(async stop =>
            {
                await socket.ConnectAsync(addresses[0], port, stop);
                return true;
            }, time);
        }
        catch (SocketException e)
        {
            return e.SocketErrorCode is SocketError.ConnectionRefused or SocketError.ConnectionReset ? DialOutcome.Refused
                : e.SocketErrorCode == SocketError.TimedOut ? DialOutcome.TimedOut : DialOutcome.NoRoute;
        }
        catch (OperationCanceledException)
        {
            return DialOutcome.TimedOut;
        }
        try
        {
            return await WithinAsync(stop => GreetAsync(socket, stop), time);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            return DialOutcome.Stranger;
        }
    }

    static async Task<DialOutcome> GreetAsync(Socket socket, CancellationToken stop)
    {
        // Up to the version: an engine that gets another mechanism than its own hangs up before it names its own.
        byte[] ours = [0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0x7f, 3, 0];
        await socket.SendAsync(ours, stop);
        byte[] theirs = new byte[MechanismAt + MechanismLength];
        for (int length = 0; length < theirs.Length;)
        {
            int read = await socket.ReceiveAsync(theirs.AsMemory(length), stop);
            if (read == 0)
                return DialOutcome.Stranger;
            length += read;
        }
        if (theirs[0] != 0xff || (theirs[9] & 1) == 0)
            return DialOutcome.Stranger;
        return Encoding.ASCII.GetString(theirs, MechanismAt, MechanismLength).TrimEnd('\0') switch
        {
            "CURVE" => DialOutcome.Encrypted,
            "NULL" => DialOutcome.Plain,
            _ => DialOutcome.Stranger,
        };
    }

    static async Task<T> WithinAsync<T>(Func<CancellationToken, Task<T>> action, TimeProvider time)
    {
        using var stop = new CancellationTokenSource(Patience, time);
        return await action(stop.Token).WaitAsync(stop.Token); // not every system's name look-up can be cancelled
    }
}
