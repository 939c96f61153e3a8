using NetMQ;
using NetMQ.Monitoring;

namespace DecentralizedLion.Topology.Transport;

/// <summary>
/// Tells from a dialling socket's connection that the process at its other end is gone: the connection was closed, and dialling
/// again failed. Who is only silent (a cut link, a stopped process) keeps its connection, and who was never there has lost none.
/// </summary>
/// <remarks>
/// libzmq 4.3 raises, at the kill of a peer: Disconnected and ConnectRetried (with the pause before the first dial, 50 to 100
/// ms); then, for each dial, ConnectDelayed and either Connected, or Closed and ConnectRetried. So the first ConnectRetried after
/// a Disconnected says nothing yet, and the second one tells of a dial that failed. NetMQ has the same events; should it raise
/// none for the first pause, the second failed dial is the one that tells. Closed is not counted: which of the two sockets it
/// means is not said.
/// </remarks>
sealed class DisconnectMonitor : IDisposable
{
    readonly NetMQMonitor monitor;
    readonly Action connected, lost, refused;
    int pauses;

    /// <summary>Watches a socket that has not dialled yet. Both actions run on the poller's thread.</summary>
    /// <param name="dialling">The socket.</param>
    /// <param name="poller">The poller that the socket's thread runs.</param>
    /// <param name="connected">There is a connection now.</param>
    /// <param name="lost">The connection was closed.</param>
    /// <param name="refused">Dialling failed after that; called again for each dial that fails.</param>
    public DisconnectMonitor(NetMQSocket dialling, NetMQPoller poller, Action connected, Action lost, Action refused)
    {
        (this.connected, this.lost, this.refused) = (connected, lost, refused);
        // The name is known to the whole process, and stays taken for a moment when the socket is closed.
        monitor = new NetMQMonitor(dialling, $"inproc://watch-{Guid.NewGuid():N}",
            SocketEvents.Connected | SocketEvents.ConnectRetried | SocketEvents.Disconnected);
        monitor.Connected += (_, _) => OnConnected();
        monitor.Disconnected += (_, _) => OnDisconnected();
        monitor.ConnectRetried += (_, _) => OnRetried();
        monitor.AttachToPoller(poller);
    }

    /// <summary>True when there was a connection and is none now.</summary>
    public bool IsLost { get; private set; }

    /// <summary>True when there is a connection, the ZeroMQ handshake over it being done or not.</summary>
    public bool IsConnected { get; private set; }

    /// <summary>The number of connections that were closed so far: many at once are handshakes that fail.</summary>
    public int Breaks { get; private set; }

    public void Dispose()
    {
        monitor.DetachFromPoller();
        monitor.Dispose();
    }

    void OnConnected()
    {
        (IsLost, IsConnected) = (false, true);
        connected();
    }

    void OnDisconnected()
    {
        (IsLost, IsConnected, pauses) = (true, false, 0);
        Breaks++;
        lost();
    }

    void OnRetried()
    {
        if (IsLost && ++pauses > 1)
            refused();
    }
}
