using System.Net;
using System.Net.Sockets;

namespace DecentralizedLion.Topology.Transport;

/// <summary>
/// The one port at which a peer listens for all others. It accepts connections; <see cref="ConnectionAdmission"/> decides which
/// of them are let in.
/// </summary>
sealed class TlsListener : IDisposable
{
    const int Backlog = 512;

    readonly Socket socket;
    readonly TimeProvider clock;
    readonly ConnectionAdmission admission;
    readonly CancellationTokenSource stop = new();

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
        this.clock = clock;
        admission = new ConnectionAdmission(keys, peers, clock, admitted, rejected, stop.Token);
        socket = Bind(bind);
    }

    /// <summary>The keys of connections from now on.</summary>
    public LinkKeys Keys
    {
        get => admission.Keys;
        set => admission.Keys = value;
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
                _ = admission.AdmitAsync(accepted);
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
}
