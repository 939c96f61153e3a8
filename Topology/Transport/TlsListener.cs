using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using DecentralizedLion.Topology.Security;
using PublicKey = DecentralizedLion.Topology.Security.PeerPublicKey;

namespace DecentralizedLion.Topology.Transport;

/// <summary>
/// The one port at which a peer listens for all others. A connection is let in when a TLS 1.3 handshake proves a key of the
/// roster, within a time limit; nothing that anybody else sends goes further than the handshake.
/// </summary>
sealed class TlsListener : IDisposable
{
    const int Backlog = 512;
    const byte TlsHandshakeRecord = 22;

    static readonly TimeSpan handshakeLimit = TimeSpan.FromSeconds(5);

    readonly Socket socket;
    readonly HandshakeLimiter limiter;
    readonly TimeProvider clock;
    readonly Action<int, LinkKeys, LinkPreamble, TlsConnection> admitted;
    readonly Action<RejectedConnection> rejected;
    readonly CancellationTokenSource stop = new();
    volatile LinkKeys keys;

    /// <summary>Binds the port; <see cref="Start"/> starts to accept.</summary>
    /// <param name="bind">The address to listen at.</param>
    /// <param name="keys">This peer's certificate and the others' keys.</param>
    /// <param name="clock">The clock of time limits.</param>
    /// <param name="admitted">Takes a connection, which is the taker's from then on; called on any thread.</param>
    /// <param name="rejected">Takes a connection that was closed; called on any thread.</param>
    /// <param name="peers">The number of peers of the roster, which bounds the handshakes at once.</param>
    /// <exception cref="SocketException">The address cannot be listened at.</exception>
    public TlsListener(HostPort bind, LinkKeys keys, int peers, TimeProvider clock,
        Action<int, LinkKeys, LinkPreamble, TlsConnection> admitted, Action<RejectedConnection> rejected)
    {
        (this.keys, this.clock, this.admitted, this.rejected) = (keys, clock, admitted, rejected);
        // All others may dial at once with two connections, and from one host.
        limiter = new HandshakeLimiter(inAll: Math.Max(64, 4 * peers), perAddress: Math.Max(16, 2 * peers));
        socket = Bind(bind);
    }

    /// <summary>The keys of connections from now on.</summary>
    public LinkKeys Keys
    {
        get => keys;
        set => keys = value;
    }

    /// <summary>The port, also where the system was to choose one.</summary>
    public int Port => ((IPEndPoint)socket.LocalEndPoint!).Port;

    /// <summary>Starts to accept.</summary>
    public void Start() => _ = AcceptAsync();

    /// <inheritdoc/>
    public void Dispose()
    {
        stop.Cancel();
        socket.Dispose();
    }

    static Socket Bind(HostPort bind)
    {
        bool any = bind.Host == HostPort.Any;
        IPAddress address = bind.Address ?? (Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any);
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (any && address.AddressFamily == AddressFamily.InterNetworkV6)
                socket.DualMode = true;
            socket.Bind(new IPEndPoint(address, bind.Port));
            socket.Listen(Backlog);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    async Task AcceptAsync()
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                Socket accepted = await socket.AcceptAsync(stop.Token);
                _ = AdmitAsync(accepted);
            }
            catch (Exception e)
                when (stop.IsCancellationRequested
                    && e is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                return;
            }
            catch (SocketException)
            {
                // A connection that ended before it was accepted, or no file handle left: the next one may do.
                await Task.Delay(TimeSpan.FromMilliseconds(20), clock);
            }
        }
    }

    async Task AdmitAsync(Socket accepted)
    {
        IPAddress from = AddressOf(accepted);
        bool gaveWay = false;
        TlsConnection? connection = null;
        RejectedConnection? rejection;
        using (limiter.Enter(from, GiveWay))
        using (var limit = new TimeLimit(handshakeLimit, clock, stop.Token))
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
