using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using DecentralizedLion.Topology.Security;

namespace DecentralizedLion.Topology.Transport;

/// <summary>Dials a port of an insecure peer by plain TCP, to find out what a ZeroMQ socket does not say: why no connection comes
/// about.</summary>
/// <param name="target">The port that the peer is to listen at for this one.</param>
/// <param name="basePort">The port at which the peer listens if its roster has keys; 0: unknown.</param>
/// <param name="resolver">Looks up names.</param>
/// <param name="clock">The clock of time limits.</param>
sealed class PortProbe(HostPort target, int basePort, NameResolver resolver, TimeProvider clock)
{
    static readonly TimeSpan limit = TimeSpan.FromSeconds(2);

    /// <summary>Looks the host up and dials it.</summary>
    /// <exception cref="OperationCanceledException">It was to stop.</exception>
    public async Task<DialResult> DialAsync(CancellationToken stop)
    {
        try
        {
            return await DialAsync(await resolver.ResolveAsync(target.Host, stop), stop);
        }
        catch (Exception e) when (e is SocketException or TimeoutException)
        {
            return Failure(e, target);
        }
    }

    /// <summary>Dials the host's addresses until a ZeroMQ socket answers, and looks at the first bytes that come back; nothing of
    /// a ZeroMQ handshake follows.</summary>
    /// <returns>The result that got farthest; a connection's has the address.</returns>
    /// <exception cref="OperationCanceledException">It was to stop.</exception>
    public async Task<DialResult> DialAsync(IReadOnlyList<IPAddress> addresses, CancellationToken stop)
    {
        DialResult? best = null;
        foreach (IPAddress address in addresses)
        {
            DialResult result = await DialAsync(address, stop);
            if (best is null || result.IsFurtherThan(best))
                best = result;
            if (best.Outcome == DialOutcome.Connected)
                break;
        }
        return best!;
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

    async Task<DialResult> DialAsync(IPAddress address, CancellationToken stop)
    {
        try
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            using var time = new TimeLimit(limit, clock, stop);
            await socket.ConnectAsync(address, target.Port, time.Token);
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException)
        {
            stop.ThrowIfCancellationRequested();
            DialResult failure = Failure(e, target);
            // A peer with keys listens at one port for all others.
            return failure.Outcome == DialOutcome.Refused && basePort != 0 && basePort != target.Port
                && await IsEncryptedAsync(address, basePort, stop)
                ? failure with { Outcome = DialOutcome.Encrypted, Port = basePort } : failure;
        }
        DialOutcome outcome = await ZeroMqGreeting.IsAnsweredAsync(address, target.Port, clock, stop) ? DialOutcome.Connected
            : await IsEncryptedAsync(address, target.Port, stop) ? DialOutcome.Encrypted : DialOutcome.NotAPeer;
        return new DialResult(outcome, target.Host, target.Port, outcome == DialOutcome.Connected ? $"{address}" : "");
    }

    /// <summary>True when a peer with a key listens: its certificate tells.</summary>
    async Task<bool> IsEncryptedAsync(IPAddress address, int port, CancellationToken stop)
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
