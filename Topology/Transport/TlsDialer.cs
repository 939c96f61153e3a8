using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using DecentralizedLion.Topology.Security;
using PublicKey = DecentralizedLion.Topology.Security.PeerPublicKey;

namespace DecentralizedLion.Topology.Transport;

/// <summary>
/// Dials one connection of a link: looks the host's name up, connects to each of its addresses until one answers, and shakes
/// hands by TLS 1.3. The other side must have the key of the very peer that was dialled.
/// </summary>
/// <param name="target">The peer's address, by name or number.</param>
/// <param name="peer">The peer's roster index.</param>
/// <param name="keys">This peer's certificate and the others' keys.</param>
/// <param name="nameOf">Gives a peer's id by its roster index.</param>
/// <param name="resolver">Looks up names.</param>
/// <param name="clock">The clock of time limits.</param>
sealed class TlsDialer(HostPort target, int peer, LinkKeys keys, Func<int, string> nameOf, NameResolver resolver,
    TimeProvider clock)
{
    static readonly TimeSpan connectLimit = TimeSpan.FromSeconds(3), handshakeLimit = TimeSpan.FromSeconds(3);

    /// <summary>Dials once.</summary>
    /// <returns>The result, and the connection when it stands.</returns>
    /// <exception cref="OperationCanceledException">It was to stop.</exception>
    public async Task<(DialResult Result, TlsConnection? Connection)> DialAsync(LinkPreamble preamble, CancellationToken stop)
    {
        IPAddress[] addresses;
        try
        {
            addresses = await resolver.ResolveAsync(target.Host, stop);
        }
        catch (Exception e) when (e is TimeoutException or SocketException)
        {
            return (PortProbe.Failure(e, target), null);
        }
        DialResult? best = null;
        foreach (IPAddress address in addresses)
        {
            var tried = await DialAsync(address, preamble, stop);
            if (tried.Connection is not null)
                return tried;
            // What was found farthest along the way says most.
            if (best is null || tried.Result.IsFurtherThan(best))
                best = tried.Result;
        }
        return (best!, null); // a resolver gives one address at least
    }

    async Task<(DialResult Result, TlsConnection? Connection)> DialAsync(IPAddress address, LinkPreamble preamble,
        CancellationToken stop)
    {
        Socket? socket = null;
        try
        {
            socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            TlsConnection.Configure(socket);
            using (var limit = new TimeLimit(connectLimit, clock, stop))
                await socket.ConnectAsync(address, target.Port, limit.Token);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            socket?.Dispose();
            stop.ThrowIfCancellationRequested();
            return (PortProbe.Failure(e, target), null);
        }
        PublicKey? key = null;
        var connection = new TlsConnection(socket, new SslStream(new NetworkStream(socket, ownsSocket: false)));
        try
        {
            using var limit = new TimeLimit(handshakeLimit, clock, stop);
            await connection.Stream.AuthenticateAsClientAsync(Options(certificate =>
            {
                key = PeerCertificate.KeyOf(certificate);
                return key is not null && key.Equals(keys.Of(peer));
            }), limit.Token);
            var bytes = new byte[LinkPreamble.Length];
            preamble.Write(bytes);
            await connection.Stream.WriteAsync(bytes, limit.Token);
            var answer = new byte[1];
            await connection.Stream.ReadExactlyAsync(answer, limit.Token);
            if ((PreambleAnswer)answer[0] == PreambleAnswer.Welcome)
                return (Result(DialOutcome.Connected, $"{address}"), connection);
            connection.Dispose();
            return (Result((PreambleAnswer)answer[0] == PreambleAnswer.KeyUnknown
                ? DialOutcome.OurKeyUnknown : DialOutcome.OtherVersion), null);
        }
        catch (Exception e)
            when (e is IOException or SocketException or AuthenticationException or OperationCanceledException
                or ObjectDisposedException or InvalidOperationException)
        {
            connection.Dispose();
            stop.ThrowIfCancellationRequested();
            return (await ResultAsync(e, key, address, stop), null);
        }
    }

    /// <summary>The result of a dial that an error of this host ended.</summary>
    public DialResult Failed(Exception e) => Result(DialOutcome.Failed, e.Message);

    DialResult Result(DialOutcome outcome, string detail = "") => new(outcome, target.Host, target.Port, detail);

    async Task<DialResult> ResultAsync(Exception e, PublicKey? key, IPAddress address, CancellationToken stop)
    {
        if (key is not null && key.Equals(keys.Own.Public))
            return Result(DialOutcome.Self);
        if (key is not null && !key.Equals(keys.Of(peer)))
            return keys.PeerOf(key) is >= 0 and int other
                ? Result(DialOutcome.OtherPeer, nameOf(other)) : Result(DialOutcome.UnknownKey, $"{key}");
        if (e is OperationCanceledException)
            return Result(DialOutcome.TimedOut);
        if (key is not null)
            return Result(DialOutcome.Closed);
        // Nothing of TLS came: the first bytes of a ZeroMQ socket tell it from any other program.
        return Result(await ZeroMqGreeting.IsAnsweredAsync(address, target.Port, clock, stop)
            ? DialOutcome.NotEncrypted : DialOutcome.NotAPeer);
    }

    SslClientAuthenticationOptions Options(Func<X509Certificate?, bool> isAccepted) => new()
    {
        TargetHost = "",
        ClientCertificateContext = keys.Own.Context,
        EnabledSslProtocols = SslProtocols.Tls13,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        CertificateChainPolicy = TlsPolicy.NoChain,
        AllowTlsResume = false,
        RemoteCertificateValidationCallback = (_, certificate, _, _) => isAccepted(certificate),
    };
}
