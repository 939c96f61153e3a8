using NetMQ;
using NetMQ.Monitoring;

namespace DecentralizedLion.Topology.Transport;

/// <summary>
/// Tells of connections to a listening socket that ended. NetMQ's events do not say how far a handshake came (libzmq's that do
/// are not among them), so an intruder's connection looks like one that the peer itself closed; only how many there are tells
/// them apart.
/// </summary>
sealed class ListenerMonitor : IDisposable
{
    readonly NetMQMonitor monitor;

    /// <summary>Watches a socket that does not listen yet. The action runs on the poller's thread.</summary>
    public ListenerMonitor(NetMQSocket listening, NetMQPoller poller, Action ended)
    {
        monitor = new NetMQMonitor(listening, $"inproc://listening-{Guid.NewGuid():N}", SocketEvents.Disconnected);
        monitor.Disconnected += (_, _) => ended();
        monitor.AttachToPoller(poller);
    }

    public void Dispose()
    {
        monitor.DetachFromPoller();
        monitor.Dispose();
    }
}
