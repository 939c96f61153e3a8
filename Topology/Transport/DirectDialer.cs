using System.Net;
using System.Net.Sockets;
using NetMQ;
using NetMQ.Sockets;

namespace DecentralizedLion.Topology.Transport;

/// <summary>
/// Connects the dialling sockets of an insecure link, on the loop. NetMQ would look a name up on the loop's thread, once, and
/// fail where there is none yet: so names are looked up elsewhere, again for as long as there is no connection, and the reason is
/// found out.
/// </summary>
/// <param name="target">The peer's address, by name or number.</param>
/// <param name="resolver">Looks up names.</param>
/// <param name="clock">The clock of waiting.</param>
/// <param name="sockets">The dialling sockets.</param>
sealed class DirectDialer(HostPort target, NameResolver resolver, TimeProvider clock, params PushSocket[] sockets) : IDisposable
{
    static readonly TimeSpan interval = TimeSpan.FromSeconds(2);

    readonly CancellationTokenSource stop = new();
    string? connected;

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
        if (connected is not { } endpoint)
            return;
        foreach (PushSocket socket in sockets)
        {
            PeerLink.Drop(socket, endpoint);
            socket.Connect(endpoint);
        }
    }

    /// <summary>Follows the name, and finds out why there is no connection, until the link is closed.</summary>
    /// <param name="isConnected">Whether there is a connection now.</param>
    /// <param name="failed">Takes the reason while there is none.</param>
    public async Task FollowAsync(Func<bool> isConnected, Action<DialResult> failed)
    {
        try
        {
            while (true)
            {
                if (target.Address is null && !isConnected())
                    await LookUpAsync(failed);
                await Task.Delay(interval, clock, stop.Token);
                if (connected is not null && !isConnected())
                    failed(await PortProbe.DialAsync(target, resolver, clock, stop.Token));
            }
        }
        catch (OperationCanceledException)
        {
            // The link is closed.
        }
    }

    /// <inheritdoc/>
    public void Dispose() => stop.Cancel();

    async Task LookUpAsync(Action<DialResult> failed)
    {
        try
        {
            IPAddress[] addresses = await resolver.ResolveAsync(target.Host, stop.Token);
            stop.Token.ThrowIfCancellationRequested();
            Connect(addresses[0]);
        }
        catch (Exception e) when (e is TimeoutException or SocketException or NetMQException)
        {
            failed(PortProbe.Failure(e, target));
        }
    }

    void Connect(IPAddress address)
    {
        string endpoint = new HostPort($"{address}", target.Port).ToString();
        if (endpoint == connected)
            return;
        foreach (PushSocket socket in sockets)
        {
            if (connected is not null)
                PeerLink.Drop(socket, connected);
            socket.Connect(endpoint);
        }
        connected = endpoint;
    }
}
