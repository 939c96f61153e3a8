using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Transport;

namespace DecentralizedLion.Topology.Tests.Transport;

/// <summary>Tests of the peers that are reported as gone, on real sockets of this host.</summary>
public sealed class DisconnectTests : IDisposable
{
    const int Largest = 1 << 17;

    static readonly FrameHeader Header = new(FrameKind.Heartbeat, 1, 2, 3, 4, 0, 0, 0, 0, 0, default, 0);

    readonly List<ZeroMqTransport> transports = [];
    readonly ConcurrentQueue<(int Peer, string? Thread)> refused = new();
    readonly ConcurrentQueue<(int To, byte Mark)> arrived = new();

    public void Dispose()
    {
        foreach (ZeroMqTransport transport in transports)
            transport.Dispose();
    }

    [Fact]
    public async Task A_peer_that_closes_is_told_on_the_loop_and_one_that_never_started_is_not()
    {
        TransportEndpoints[] endpoints = LoopbackTransports.Endpoints(3);
        ZeroMqTransport first = Open(endpoints, 0), second = Open(endpoints, 1);
        await ReachAsync(first, 0, 1);
        second.Dispose();
        LoopbackTransports.Until(() => Refusals(1) >= 3, "peer 1 is told again and again");
        Assert.Equal(0, Refusals(2)); // dialled as often, and refused as often
        Assert.All(refused, told => Assert.Equal("ring", told.Thread));
    }

    [Fact]
    public async Task A_peer_that_is_replaced_is_reached_again_and_told_no_more()
    {
        TransportEndpoints[] endpoints = LoopbackTransports.Endpoints(2);
        ZeroMqTransport first = Open(endpoints, 0);
        for (int round = 0; round < 3; round++)
        {
            ZeroMqTransport second = Open(endpoints, 1);
            await ReachAsync(first, 0, 1);
            await ReachAsync(second, 1, 0);
            int before = Refusals(1);
            await ReachAsync(first, 0, 1);
            Assert.Equal(before, Refusals(1));
            second.Dispose();
            arrived.Clear();
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_peer_that_is_silent_or_answers_the_first_dial_is_not_told(bool silent)
    {
        TransportEndpoints[] endpoints = LoopbackTransports.Endpoints(3);
        using var listener = new TcpListener(IPAddress.Loopback, new Uri(endpoints[0].Connect[2]).Port);
        listener.Start();
        ZeroMqTransport first = Open(endpoints, 0), second = Open(endpoints, 1);
        await ReachAsync(first, 0, 1);
        var silentOnes = new List<TcpClient>();
        for (int dial = 0; dial < (silent ? 2 : 8); dial++) // control and data; then each once more, and more
        {
            TcpClient client = await listener.AcceptTcpClientAsync().WaitAsync(LoopbackTransports.Patience);
            if (silent)
                silentOnes.Add(client);
            else
                client.Close();
        }
        second.Dispose();
        LoopbackTransports.Until(() => Refusals(1) >= 3, "peer 1 is told");
        Assert.Equal(0, Refusals(2));
        foreach (TcpClient client in silentOnes)
            client.Dispose();
    }

    [Theory]
    [InlineData(LinkChannel.Control)]
    [InlineData(LinkChannel.Data)]
    internal async Task What_an_earlier_process_missed_never_reaches_the_next(LinkChannel channel)
    {
        const int Frames = 500;
        TransportEndpoints[] endpoints = LoopbackTransports.Endpoints(2);
        ZeroMqTransport first = Open(endpoints, 0), second = Open(endpoints, 1);
        await ReachAsync(first, 0, 1);
        second.Dispose();
        await SendAsync(first, 1, channel, 2, Frames); // before it is known that nobody takes them
        LoopbackTransports.Until(() => Refusals(1) > 0, "peer 1 is told");
        long before = first.Counters.Unsent;
        await SendAsync(first, 1, channel, 3, Frames);
        Assert.Equal(before + Frames, first.Counters.Unsent);
        arrived.Clear();
        Open(endpoints, 1);
        await ReachAsync(first, 0, 1);
        await SendAsync(first, 1, channel, 4, 1);
        LoopbackTransports.Until(() => Has(1, 4), "a frame of today");
        Assert.All(arrived, frame => Assert.True(frame.Mark is 1 or 4, $"a frame of mark {frame.Mark}"));
    }

    [Fact]
    public async Task Segments_that_wait_for_a_peer_are_given_up_with_it()
    {
        const int Frames = 1500;
        TransportEndpoints[] endpoints = LoopbackTransports.Endpoints(2);
        ZeroMqTransport first = Open(endpoints, 0), stuck = Open(endpoints, 1, start: false);
        await SendAsync(first, 1, LinkChannel.Data, 2, Frames, Largest); // more than the sockets and the kernel take
        LoopbackTransports.Until(() => first.Counters.FramesSent > 0, "the first segments leave");
        stuck.Dispose();
        LoopbackTransports.Until(() => Refusals(1) > 0, "peer 1 is told");
        Assert.Equal(Frames, first.Counters.FramesSent + first.Counters.Unsent);
        Assert.InRange(first.Counters.Unsent, Frames / 2, Frames);
    }

    bool Has(int to, byte mark) => arrived.Any(frame => frame == (to, mark));

    int Refusals(int peer) => refused.Count(told => told.Peer == peer);

    ZeroMqTransport Open(TransportEndpoints[] endpoints, int self, bool start = true)
    {
        ZeroMqTransport? transport = null;
        LoopbackTransports.Until(() => (transport = TryOpen(endpoints[self], self)) is not null,
            "an earlier mesh's ports are free");
        transports.Add(transport!);
        transport!.Handler = (_, _, payload) => arrived.Enqueue((self, payload.Span[0]));
        transport.PeerDisconnected = peer => refused.Enqueue((peer, Thread.CurrentThread.Name));
        if (start)
            transport.Start();
        return transport;
    }

    static ZeroMqTransport? TryOpen(TransportEndpoints endpoints, int self)
    {
        try
        {
            return new ZeroMqTransport(self, endpoints, new LinkLimits(Largest));
        }
        catch (RingAddressException)
        {
            return null;
        }
    }

    /// <summary>Sends until something arrives: a link that does not stand yet loses what it is given.</summary>
    async Task ReachAsync(ZeroMqTransport transport, int from, int to)
    {
        arrived.Clear();
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        for (int turn = 0; !Has(to, 1); turn++)
        {
            Assert.True(turn < 1500, $"{from} does not reach {to}");
            await SendAsync(transport, to, LinkChannel.Control, 1, 1);
            await tick.WaitForNextTickAsync();
        }
    }

    static Task<int> SendAsync(ZeroMqTransport transport, int to, LinkChannel channel, byte mark, int frames, int length = 1) =>
        transport.InvokeAsync(() =>
    {
        byte[] payload = new byte[length];
        payload[0] = mark;
        for (int frame = 0; frame < frames; frame++)
            transport.Send(to, channel, Header, payload);
        return Task.FromResult(0);
    });
}
