using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using DecentralizedLion.Topology.Transport;

namespace DecentralizedLion.Topology.Tests.Transport;

/// <summary>The TLS front and the ZeroMQ sockets behind it.</summary>
public sealed class TlsFrontTests
{
    [Fact]
    public void A_channel_is_connected_when_its_socket_has_joined_the_connection_and_not_before()
    {
        TransportEndpoints[] endpoints = LoopbackTransports.SecureEndpoints(2);
        using var other = new ZeroMqTransport(1, endpoints[1], new LinkLimits(1 << 10), session: 2);
        other.Start();
        var sockets = new LazySockets();
        using var front = new TlsFront(2, 1, peer => $"{peer}", new NameResolver(TimeProvider.System), action => action(),
            _ => { }, TimeProvider.System);
        front.Open(1, loopbackPort: 1, sockets, endpoints[0].Keys!);
        front.Dial(1, HostPort.Parse(endpoints[0].Connect[1]), listeningPort: 1);
        LoopbackTransports.Until(() => sockets.Ports.Count == 2, "both channels have a port");

        // The control channel's socket connects, the data channel's does not yet: frames for it would be lost with the front.
        using Socket control = Join(sockets.Ports[LinkChannel.Control]);
        LoopbackTransports.Until(() => !sockets.Connected.IsEmpty, "the control channel is connected");
        Assert.Equal([LinkChannel.Control], sockets.Connected);
        using Socket data = Join(sockets.Ports[LinkChannel.Data]);
        LoopbackTransports.Until(() => sockets.Connected.Count == 2, "both channels are connected");
    }

    static Socket Join(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(IPAddress.Loopback, port);
        return socket;
    }

    /// <summary>Sockets that connect when the test wants it.</summary>
    sealed class LazySockets : ILinkSockets
    {
        public ConcurrentDictionary<LinkChannel, int> Ports { get; } = [];
        public ConcurrentQueue<LinkChannel> Connected { get; } = [];

        public void Connect(LinkChannel channel, int port) => Ports[channel] = port;

        public void OnConnected(LinkChannel channel) => Connected.Enqueue(channel);

        public void OnDisconnected(LinkChannel channel, int port)
        {
        }

        public void OnDialled(LinkChannel channel, DialResult result)
        {
        }
    }
}
