namespace DecentralizedLion.Topology.Transport;

/// <summary>The ZeroMQ sockets of a link as the TLS front sees them. All calls are made on the loop.</summary>
interface ILinkSockets
{
    /// <summary>Connects a dialling socket to a loopback port behind which the TLS connection to the peer stands.</summary>
    void OnConnected(LinkChannel channel, int port);

    /// <summary>Disconnects it: the TLS connection has ended.</summary>
    void OnDisconnected(LinkChannel channel, int port);

    /// <summary>Takes the result of a dial, whatever it is.</summary>
    void OnDialled(LinkChannel channel, DialResult result);
}
