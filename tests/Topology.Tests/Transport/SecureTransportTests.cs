using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Transport;

namespace DecentralizedLion.Topology.Tests.Transport;

/// <summary>Frames over encrypted links, and the end of a transport with and without encryption.</summary>
public sealed class SecureTransportTests : IDisposable
{
    const int Largest = 1 << 20;

    static readonly FrameHeader Header = new(FrameKind.Heartbeat, 1, 2, 3, 4, 0, 0, 0, 0, 0, default, 0);

    readonly List<ZeroMqTransport> transports = [];
    readonly ConcurrentQueue<(int From, int To, byte[] Payload)> arrived = new();

    public void Dispose()
    {
        foreach (ZeroMqTransport transport in transports)
            transport.Dispose();
    }

    [Theory]
    [InlineData(LinkChannel.Control)]
    [InlineData(LinkChannel.Data)]
    internal async Task Frames_of_all_sizes_and_bytes_go_both_ways_in_their_order(LinkChannel channel)
    {
        await OpenPairAsync(LoopbackTransports.SecureEndpoints(2));
        byte[][] payloads = [.. ((int[])[0, 1, 256, 1 << 16, (1 << 16) + 1, Largest, 2]).Select(length =>
            Enumerable.Range(0, length).Select(i => (byte)(i * 7 + (i >> 8))).ToArray())];
        await Task.WhenAll(SendAsync(0, 1, channel, payloads), SendAsync(1, 0, channel, payloads));
        LoopbackTransports.Until(() => arrived.Count == 2 * payloads.Length, "all frames");
        foreach (int to in (int[])[0, 1])
        {
            (int From, int To, byte[] Payload)[] frames = [.. arrived.Where(frame => frame.To == to)];
            Assert.All(frames, frame => Assert.Equal(1 - to, frame.From));
            Assert.Equal(payloads.Length, frames.Length);
            Assert.All(payloads.Zip(frames),
                pair => Assert.True(pair.First.AsSpan().SequenceEqual(pair.Second.Payload), $"{pair.First.Length} bytes"));
        }
        Assert.True(transports[0].IsSessionOf(1, 2) && transports[1].IsSessionOf(0, 1));
        Assert.False(transports[0].IsSessionOf(1, 1) || transports[0].IsSessionOf(1, 0) || transports[0].IsSessionOf(1, 3));
        Assert.Equal(DialOutcome.Connected, transports[0].LastDial(1)?.Outcome);
    }

    [Fact]
    public async Task Control_overtakes_queued_data()
    {
        const int Frames = 1000, Length = 1 << 17;
        TransportEndpoints[] endpoints = LoopbackTransports.SecureEndpoints(2);
        ZeroMqTransport sender = Open(endpoints, 0), receiver = Open(endpoints, 1, start: false);
        await ConnectedAsync(sender, 1);
        await sender.InvokeAsync(() =>
        {
            for (int i = 0; i < Frames; i++)
                sender.Send(1, LinkChannel.Data, Header, new byte[Length]);
            sender.Send(1, LinkChannel.Control, Header, [42]);
            return Task.FromResult(0);
        });
        receiver.Start();
        LoopbackTransports.Until(() => arrived.Any(frame => frame.Payload.Length == 1), "the control frame");
        Assert.InRange(arrived.TakeWhile(frame => frame.Payload.Length != 1).Count(), 0, Frames / 2);
        LoopbackTransports.Until(() => arrived.Count == Frames + 1, "all data, too");
        Assert.Equal(0, sender.Counters.Unsent);
    }

    [Theory]
    [InlineData(true, LinkChannel.Control)]
    [InlineData(true, LinkChannel.Data)]
    [InlineData(false, LinkChannel.Control)]
    [InlineData(false, LinkChannel.Data)]
    internal async Task What_was_sent_last_arrives_and_the_port_is_free_again(bool isSecure, LinkChannel channel)
    {
        const int Frames = 50;
        TransportEndpoints[] endpoints = isSecure ? LoopbackTransports.SecureEndpoints(2) : LoopbackTransports.Endpoints(2);
        await OpenPairAsync(endpoints);
        Thread loop = await transports[0].InvokeAsync(() => Task.FromResult(Thread.CurrentThread));
        await SendAsync(0, 1, channel, [.. Enumerable.Range(0, Frames).Select(i => new byte[] { (byte)i, 1, 2, 3 })]);
        await Task.Run(transports[0].Dispose).WaitAsync(LoopbackTransports.Patience);
        Assert.False(loop.IsAlive);
        LoopbackTransports.Until(() => arrived.Count == Frames, "all frames");
        Assert.Equal(Enumerable.Range(0, Frames), arrived.Select(frame => (int)frame.Payload[0]));
        LoopbackTransports.Until(() => CanListen(new Uri(endpoints[0].Bind[1]).Port), "the port is free");
    }

    [Fact]
    public async Task An_end_while_everything_is_under_way_is_an_end()
    {
        TransportEndpoints[] endpoints = LoopbackTransports.SecureEndpoints(3); // peer 2 never comes
        for (int round = 0; round < 8; round++)
        {
            ZeroMqTransport first = Open(endpoints, 0), second = Open(endpoints, 1, start: round % 2 == 0);
            if (round > 3)
                await ConnectedAsync(first, 1);
            await Task.WhenAll(Task.Run(first.Dispose), Task.Run(second.Dispose)).WaitAsync(LoopbackTransports.Patience);
        }
        LoopbackTransports.Until(() =>
            endpoints.All(one => CanListen(new Uri(one.Bind.First(address => address.Length > 0)).Port)), "the ports are free");
    }

    async Task OpenPairAsync(TransportEndpoints[] endpoints)
    {
        Open(endpoints, 0);
        Open(endpoints, 1);
        await ConnectedAsync(transports[0], 1);
        await ConnectedAsync(transports[1], 0);
        arrived.Clear();
    }

    ZeroMqTransport Open(TransportEndpoints[] endpoints, int self, bool start = true)
    {
        ZeroMqTransport? transport = null;
        LoopbackTransports.Until(() => (transport = TryOpen()) is not null, "an earlier mesh's port is free");
        transport!.Handler = (from, _, payload) => arrived.Enqueue((from, self, payload.ToArray()));
        transports.Add(transport);
        if (start)
            transport.Start();
        return transport;

        ZeroMqTransport? TryOpen()
        {
            try
            {
                return new ZeroMqTransport(self, endpoints[self], new LinkLimits(Largest), (ulong)self + 1);
            }
            catch (RingAddressException)
            {
                return null;
            }
        }
    }

    /// <summary>Waits until both channels to a peer take frames: what is sent before is given up.</summary>
    static async Task ConnectedAsync(ZeroMqTransport transport, int peer)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        for (int turn = 0; ; turn++)
        {
            Assert.True(turn < 6000, $"peer {peer} is not reached");
            if (await transport.InvokeAsync(() => Task.FromResult(transport.Stands(peer))).WaitAsync(LoopbackTransports.Patience))
                return;
            await tick.WaitForNextTickAsync();
        }
    }

    Task<int> SendAsync(int from, int to, LinkChannel channel, byte[][] payloads) => transports[from].InvokeAsync(() =>
    {
        foreach (byte[] payload in payloads)
            transports[from].Send(to, channel, Header, payload);
        return Task.FromResult(0);
    });

    static bool CanListen(int port)
    {
        var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
        finally
        {
            listener.Stop();
        }
    }
}
