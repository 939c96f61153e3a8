using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using DecentralizedLion.Topology.Security;
using PublicKey = DecentralizedLion.Topology.Security.PeerPublicKey;

namespace DecentralizedLion.Topology.Transport;

/// <summary>
/// The decision on who may connect. A connection is let in when a TLS 1.3 handshake proves a key of the roster, within a time
/// limit; nothing that anybody else sends goes further than the handshake.
/// </summary>
sealed class ConnectionAdmission
{
    const byte TlsHandshakeRecord = 22;

    static readonly TimeSpan handshakeLimit = TimeSpan.FromSeconds(5);

    readonly HandshakeLimiter limiter;
    readonly TimeProvider clock;
    readonly Action<int, LinkKeys, LinkPreamble, TlsConnection> admitted;
    readonly Action<RejectedConnection> rejected;
    readonly CancellationToken stop;
    volatile LinkKeys keys;

    /// <param name="keys">This peer's certificate and the others' keys.</param>
    /// <param name="peers">The number of peers of the roster, which bounds the handshakes at once.</param>
    /// <param name="clock">The clock of time limits.</param>
    /// <param name="admitted">Takes a connection, which is the taker's from then on; called on any thread.</param>
    /// <param name="rejected">Takes a connection that was closed; called on any thread.</param>
    /// <param name="stop">Ends the handshakes that are under way.</param>
    public ConnectionAdmission(LinkKeys keys, int peers, TimeProvider clock,
        Action<int, LinkKeys, LinkPreamble, TlsConnection> admitted, Action<RejectedConnection> rejected, CancellationToken stop)
    {
        (this.keys, this.clock, this.admitted, this.rejected, this.stop) = (keys, clock, admitted, rejected, stop);
        // All others may dial at once with two connections, and from one host.
        limiter = new HandshakeLimiter(inAll: Math.Max(64, 4 * peers), perAddress: Math.Max(16, 2 * peers));
    }

    /// <summary>The keys of connections from now on.</summary>
    public LinkKeys Keys
    {
        get => keys;
        set => keys = value;
    }

    /// <summary>Lets a connection in, or closes it and says why; never throws.</summary>
    public async Task AdmitAsync(Socket accepted)
    {
        IPAddress from = AddressOf(accepted);
        bool gaveWay = false;
        TlsConnection? connection = null;
        RejectedConnection? rejection;
        using (limiter.Enter(from, GiveWay))
        using (var limit = new TimeLimit(handshakeLimit, clock, stop))
        {
            try
            {
                TlsConnection.Configure(accepted);
                (rejection, connection) = await HandshakeAsync(accepted, from, limit.Token);
            }
            catch (Exception)
            {
                // Whatever an intruder brings about by what it sends, it is one connection that is closed and counted.
                rejection = new RejectedConnection(from, gaveWay ? RejectionReason.TooMany
                    : limit.IsOver ? RejectionReason.TimedOut : RejectionReason.HandshakeFailed);
            }
        }
        if (rejection is not { } refused)
            return;
        connection?.Dispose();
        accepted.Dispose();
        if (!stop.IsCancellationRequested)
            rejected(refused);

        void GiveWay()
        {
            gaveWay = true;
            accepted.Dispose();
        }
    }

    static IPAddress AddressOf(Socket accepted)
    {
        try
        {
            IPAddress from = ((IPEndPoint)accepted.RemoteEndPoint!).Address;
            return from.IsIPv4MappedToIPv6 ? from.MapToIPv4() : from;
        }
        catch (SocketException)
        {
            return IPAddress.None; // it has ended already
        }
    }

    async Task<(RejectedConnection?, TlsConnection?)> HandshakeAsync(Socket accepted, IPAddress from, CancellationToken limit)
    {
        var first = new byte[ZeroMqGreeting.SignatureLength];
        int length = await accepted.ReceiveAsync(first, SocketFlags.Peek, limit);
        if (length == 0 || first[0] != TlsHandshakeRecord)
            return (new RejectedConnection(from, ZeroMqGreeting.IsBegin(first.AsSpan(0, length))
                ? RejectionReason.NotEncrypted : RejectionReason.NoTls), null);
        LinkKeys known = keys;
        PublicKey? key = null;
        var stream = new SslStream(new NetworkStream(accepted, ownsSocket: false));
        var connection = new TlsConnection(accepted, stream);
        try
        {
            await stream.AuthenticateAsServerAsync(
                Options(known, certificate => (key = PeerCertificate.KeyOf(certificate)) is not null), limit);
            var bytes = new byte[LinkPreamble.Length];
            await stream.ReadExactlyAsync(bytes, limit);
            bool isOurs = LinkPreamble.TryRead(bytes, out LinkPreamble preamble);
            int peer = known.PeerOf(key!);
            PreambleAnswer answer = peer < 0
                ? PreambleAnswer.KeyUnknown : isOurs ? PreambleAnswer.Welcome : PreambleAnswer.OtherVersion;
            await stream.WriteAsync(new[] { (byte)answer }, limit);
            if (answer == PreambleAnswer.Welcome)
            {
                TlsConnection taken = connection;
                connection = null; // it is the taker's now
                admitted(peer, known, preamble, taken);
                return (null, null);
            }
            await connection.EndOutputAsync();
            return (new RejectedConnection(from, peer < 0 ? RejectionReason.UnknownKey : RejectionReason.OtherVersion,
                key!.ToString()), connection);
        }
        catch
        {
            connection?.Dispose();
            throw;
        }
    }

    static SslServerAuthenticationOptions Options(LinkKeys keys, Func<X509Certificate?, bool> isAccepted) => new()
    {
        ServerCertificateContext = keys.Own.Context,
        ClientCertificateRequired = true,
        EnabledSslProtocols = SslProtocols.Tls13,
        CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
        CertificateChainPolicy = TlsPolicy.NoChain,
        AllowTlsResume = false, // each connection proves the key anew
        RemoteCertificateValidationCallback = (_, certificate, _, _) => isAccepted(certificate),
    };
}
