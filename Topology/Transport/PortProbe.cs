using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using DecentralizedLion.Topology.Security;

namespace DecentralizedLion.Topology.Transport;

/// <summary>Dials a port of an insecure peer by plain TCP, to find out what a ZeroMQ socket does not say: why no connection comes
/// about.</summary>
static class PortProbe
{
    static readonly TimeSpan limit = TimeSpan.FromSeconds(2);

    /// <summary>Dials and looks at the first bytes that come back; nothing of a ZeroMQ handshake follows.</summary>
    /// <exception cref="OperationCanceledException">It was to stop.</exception>
    public static async Task<DialResult> DialAsync(HostPort target, NameResolver resolver, TimeProvider clock,
        CancellationToken stop)
    {
        try
        {
            IPAddress[] addresses = await resolver.ResolveAsync(target.Host, stop);
            using (var socket = new Socket(addresses[0].AddressFamily, SocketType.Stream, ProtocolType.Tcp))
            using (var time = new TimeLimit(limit, clock, stop))
                await socket.ConnectAsync(addresses[0], target.Port, time.Token);
            return Result(await ZeroMqGreeting.IsAnsweredAsync(addresses[0], target.Port, clock, stop) ? DialOutcome.Connected
                : await IsEncryptedAsync(addresses[0], target.Port, clock, stop) ? DialOutcome.Encrypted : DialOutcome.NotAPeer);
        }
        catch (Exception e)
            when (!stop.IsCancellationRequested && e is SocketException or TimeoutException or OperationCanceledException)
        {
            return Failure(e, target);
        }

        DialResult Result(DialOutcome outcome) => new(outcome, target.Host, target.Port);
    }

    /// <summary>The result that an error in looking a name up or in connecting stands for.</summary>
    public static DialResult Failure(Exception e, HostPort target) => e switch
    {
        TimeoutException or SocketException { SocketErrorCode: SocketError.TryAgain } =>
            new DialResult(DialOutcome.NameTimedOut, target.Host, target.Port),
        SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData } =>
            new DialResult(DialOutcome.NameUnknown, target.Host, target.Port),
        OperationCanceledException or SocketException { SocketErrorCode: SocketError.TimedOut } =>
            new DialResult(DialOutcome.TimedOut, target.Host, target.Port),
        SocketException { SocketErrorCode: SocketError.ConnectionRefused or SocketError.ConnectionReset } =>
            new DialResult(DialOutcome.Refused, target.Host, target.Port),
        SocketException
        {
            SocketErrorCode: SocketError.NetworkUnreachable or SocketError.HostUnreachable
            or SocketError.NetworkDown or SocketError.HostDown
        }
            => new DialResult(DialOutcome.NoRoute, target.Host, target.Port, e.Message),
        _ => new DialResult(DialOutcome.Failed, target.Host, target.Port, e.Message),
    };

    /// <summary>True when a peer with a key listens: its certificate tells.</summary>
    static async Task<bool> IsEncryptedAsync(IPAddress address, int port, TimeProvider clock, CancellationToken stop)
    {
        using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        using var time = new TimeLimit(limit, clock, stop);
        bool hasKey = false;
        try
        {
            await socket.ConnectAsync(address, port, time.Token);
            using var stream = new SslStream(new NetworkStream(socket, ownsSocket: false));
            await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
            {
                TargetHost = "",
                EnabledSslProtocols = SslProtocols.Tls13,
                CertificateChainPolicy = TlsPolicy.NoChain,
                RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                    hasKey = PeerCertificate.KeyOf(certificate) is not null,
            }, time.Token);
        }
        catch (Exception e) when (e is SocketException or IOException or AuthenticationException or OperationCanceledException)
        {
            stop.ThrowIfCancellationRequested();
        }
        return hasKey;
    }
}
