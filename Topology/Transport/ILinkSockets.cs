namespace DecentralizedLion.Topology.Transport;

/// <summary>The ZeroMQ sockets of a link as the TLS front sees them. All calls are made on the loop.</summary>
interface ILinkSockets
{
    /// <summary>Connects a dialling socket to a loopback port behind which the TLS connection to the peer stands.</summary>
    void Connect(LinkChannel channel, int port);

    /// <summary>That connection was accepted: what is sent from now on reaches the TLS connection.</summary>
    void OnConnected(LinkChannel channel);

    /// <summary>Disconnects the socket: the TLS connection has ended.</summary>
    void OnDisconnected(LinkChannel channel, int port);

    /// <summary>Takes the result of a dial, whatever it is.</summary>
    void OnDialled(LinkChannel channel, DialResult result);
}
