using System.Net.Sockets;
using DecentralizedLion.Topology.Security;
using DecentralizedLion.Topology.Transport;
using NetMQ;

namespace DecentralizedLion.Topology.Diagnostics;

/// <summary>A check of what links are made of on this host: NetMQ, and the system's TLS in front of it.</summary>
static class ZeroMqCheck
{
    static readonly TimeSpan limit = TimeSpan.FromSeconds(5);

    /// <summary>The library that speaks ZeroMQ, by name and version.</summary>
    public static string Name => typeof(NetMQSocket).Assembly.GetName() is var name ? $"{name.Name} {name.Version}" : "";

    /// <summary>Tries a TLS handshake between two keys on loopback.</summary>
    /// <returns>What went wrong; null: nothing.</returns>
    public static string? TlsError()
    {
        try
        {
            using PeerKeyPair one = PeerKeyPair.Create(), other = PeerKeyPair.Create();
            using var admitted = new ManualResetEventSlim();
            string? rejection = null;
            using var listener = new TlsListener(new HostPort("127.0.0.1", 0), new LinkKeys(one, [null, other.Public]), 2,
                TimeProvider.System, (_, _, _, connection) =>
                {
                    connection.Dispose();
                    admitted.Set();
                },
                rejected =>
                {
                    rejection = $"{rejected.Reason}";
                    admitted.Set();
                });
            listener.Start();
            var dialer = new TlsDialer(new HostPort("127.0.0.1", listener.Port), 0, new LinkKeys(other, [one.Public, null]),
                peer => $"{peer}", new NameResolver(TimeProvider.System), TimeProvider.System);
            var (result, connection) = dialer.DialAsync(new LinkPreamble(LinkChannel.Control, 1, 0), CancellationToken.None)
                .GetAwaiter().GetResult();
            connection?.Dispose();
            return result.Outcome == DialOutcome.Connected && admitted.Wait(limit)
                ? rejection : $"{rejection} {result.Outcome} {result.Detail}".Trim();
        }
        catch (Exception e)
            when (e is SocketException or System.Security.Cryptography.CryptographicException or PlatformNotSupportedException
            or DllNotFoundException or TypeInitializationException)
        {
            return e.GetBaseException().Message;
        }
    }
}
