using System.Net;
using System.Net.Sockets;
using NetMQ;
using NetMQ.Sockets;

namespace DecentralizedLion.Topology.Transport;

/// <summary>
/// Connects the dialling sockets of an insecure link, on the loop. NetMQ would look a name up on the loop's thread, once, and
/// fail where there is none yet: so names are looked up elsewhere, again for as long as there is no connection, all addresses of
/// a name are tried, and the reason is found out.
/// </summary>
/// <param name="target">The peer's address, by name or number.</param>
/// <param name="probe">Finds out which of the addresses answers, or why none does.</param>
/// <param name="resolver">Looks up names.</param>
/// <param name="clock">The clock of waiting.</param>
/// <param name="sockets">The dialling sockets.</param>
sealed class DirectDialer(HostPort target, PortProbe probe, NameResolver resolver, TimeProvider clock,
    params PushSocket[] sockets) : IDisposable
{
    static readonly TimeSpan interval = TimeSpan.FromSeconds(2);

    readonly CancellationTokenSource stop = new();
    IPAddress? current;

    /// <summary>Connects the sockets; by a name as soon as it is known.</summary>
    /// <exception cref="NetMQException">The address cannot be dialled.</exception>
    public void Start()
    {
        if (target.Address is { } address)
            Connect(address);
    }

    /// <summary>Drops what waits in the sockets for a connection that was lost, and connects them anew.</summary>
    public void Restart()
    {
        if (current is null)
            return;
        foreach (PushSocket socket in sockets)
        {
            PeerLink.Drop(socket, EndpointOf(current));
            socket.Connect(EndpointOf(current));
        }
    }

    /// <summary>Follows the name, and finds out why there is no connection, until the link is closed.</summary>
    /// <param name="isConnected">Whether there is a connection now.</param>
    /// <param name="failed">Takes the reason while there is none.</param>
    public async Task FollowAsync(Func<bool> isConnected, Action<DialResult> failed)
    {
        try
        {
            if (target.Address is null)
                await FindAsync(failed);
            while (true)
            {
                await Task.Delay(interval, clock, stop.Token);
                if (!isConnected())
                    await FindAsync(failed);
            }
        }
        catch (OperationCanceledException)
        {
            // The link is closed.
        }
    }

    /// <inheritdoc/>
    public void Dispose() => stop.Cancel();

    /// <summary>Connects to the host's first address where it is at none that is known, else to the one that answers.</summary>
    async Task FindAsync(Action<DialResult> failed)
    {
        try
        {
            IPAddress[] addresses = await resolver.ResolveAsync(target.Host, stop.Token);
            stop.Token.ThrowIfCancellationRequested();
            if (!addresses.Contains(current))
            {
                Connect(addresses[0]);
                return; // it has until the next turn to be connected
            }
            DialResult result = await probe.DialAsync(addresses, stop.Token);
            stop.Token.ThrowIfCancellationRequested();
            if (result.Outcome == DialOutcome.Connected)
                Connect(IPAddress.Parse(result.Detail));
            failed(result);
        }
        catch (Exception e) when (e is TimeoutException or SocketException or NetMQException)
        {
            failed(PortProbe.Failure(e, target));
        }
    }

    void Connect(IPAddress address)
    {
        if (address.Equals(current))
            return;
        foreach (PushSocket socket in sockets)
        {
            if (current is not null)
                PeerLink.Drop(socket, EndpointOf(current));
            socket.Connect(EndpointOf(address));
        }
        current = address;
    }

    string EndpointOf(IPAddress address) => new HostPort($"{address}", target.Port).ToString();
}
