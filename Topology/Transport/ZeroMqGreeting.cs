using System.Net;
using System.Net.Sockets;

namespace DecentralizedLion.Topology.Transport;

/// <summary>Finds out whether a ZeroMQ socket listens at a port, by the first bytes that ZMTP 3 says (ZeroMQ RFC 23).</summary>
static class ZeroMqGreeting
{
    static readonly TimeSpan limit = TimeSpan.FromSeconds(2);

    // The signature, up to the version.
    static readonly byte[] ours = [0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0x7f, 3, 0];

    /// <summary>Bytes of the signature with which a greeting begins.</summary>
    public const int SignatureLength = 10;

    /// <summary>True when bytes begin with the signature of ZMTP 2 or 3.</summary>
    public static bool IsBegin(ReadOnlySpan<byte> bytes) =>
        bytes.Length >= SignatureLength && bytes[0] == 0xff && (bytes[SignatureLength - 1] & 1) == 1;

    /// <summary>True when the signature of ZMTP comes back; nothing of a handshake follows.</summary>
    public static async Task<bool> IsAnsweredAsync(IPAddress address, int port, TimeProvider clock, CancellationToken stop)
    {
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        using var time = new TimeLimit(limit, clock, stop);
        try
        {
            await socket.ConnectAsync(address, port, time.Token);
            await socket.SendAsync(ours, time.Token);
            var theirs = new byte[SignatureLength];
            for (int length = 0; length < theirs.Length;)
            {
                int read = await socket.ReceiveAsync(theirs.AsMemory(length), time.Token);
                if (read == 0)
                    return false;
                length += read;
            }
            return IsBegin(theirs);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            stop.ThrowIfCancellationRequested();
            return false;
        }
    }
}
