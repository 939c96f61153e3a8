using DecentralizedLion.Codecs.Wire;

namespace DecentralizedLion.Topology.Transport;

/// <summary>
/// One peer's links to all others. Everything is called, and calls back, on one loop: the socket thread over ZeroMQ, the
/// simulation's thread in memory. Delivery is best effort: a frame may be lost, repeated, delayed and overtaken.
/// </summary>
interface ITransport
{
    /// <summary>The handler of arriving frames; set once, before the loop runs.</summary>
    FrameHandler? Handler { get; set; }

    /// <summary>
    /// Called on the loop with a roster index when a peer's process is gone as far as the links can tell: its connection was
    /// closed and dialling is refused. Set once, before the loop runs. It may be called again and again.
    /// </summary>
    Action<int>? PeerDisconnected { get; set; }

    /// <summary>Called on the loop with a roster index when a connection to the port for that peer has ended, whoever made
    /// it.</summary>
    Action<int>? ConnectionClosed { get; set; }

    /// <summary>Called on the loop with a connection to this peer's port that was closed before any frame. Set once, before the
    /// loop runs.</summary>
    Action<RejectedConnection>? Rejected { get; set; }

    /// <summary>True when a frame of a link is the peer's and as it sent it, whoever is on the network.</summary>
    bool IsAuthenticated { get; }

    /// <summary>True when a session number is one that a process of the peer has named over an authenticated link; always so
    /// where links are not.</summary>
    bool IsSessionOf(int peer, ulong session) => true;

    /// <summary>The latest result of dialling a peer; null: nothing is known.</summary>
    DialResult? LastDial(int peer) => null;

    /// <summary>The port at which a peer that has reached us says that it listens; 0: it has not said so.</summary>
    int ListeningPortOf(int peer) => 0;

    /// <summary>The counters of what was sent and received so far.</summary>
    LinkCounters Counters { get; }

    /// <summary>Sends one frame. The payload is copied before it returns; it never blocks and never throws for a full
    /// queue.</summary>
    /// <param name="to">Roster index of the receiver, not our own.</param>
    /// <param name="channel">Which connection of the pair link.</param>
    /// <param name="header">The envelope's fields.</param>
    /// <param name="payload">The payload, possibly empty.</param>
    void Send(int to, LinkChannel channel, in FrameHeader header, ReadOnlySpan<byte> payload);
}
