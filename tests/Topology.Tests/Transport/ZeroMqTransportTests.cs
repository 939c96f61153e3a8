using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Transport;
using NetMQ;
using NetMQ.Sockets;

namespace DecentralizedLion.Topology.Tests.Transport;

/// <summary>The transport on real sockets of this host.</summary>
public sealed class ZeroMqTransportTests
{
    const int Largest = 4096;

    static readonly FrameHeader Header = new(FrameKind.Heartbeat, 1, 2, 3, 4, 0, 0, 0, 0, 0, default, 0);

    [Fact]
    public async Task Frames_go_both_ways_with_their_sender_and_are_counted()
    {
        TransportEndpoints[] endpoints = LoopbackTransports.Endpoints(3);
        using var harness = new Harness(endpoints);
        foreach (int from in (int[])[0, 1, 2])
        {
            foreach (int to in (int[])[0, 1, 2])
            {
                if (from != to)
                    await harness.SendAsync(from, to, LinkChannel.Data, [(byte)from, (byte)to]);
            }
        }
        LoopbackTransports.Until(() => harness.Arrived.Count == 6, "six frames");
        Assert.All(harness.Arrived, frame => Assert.Equal([(byte)frame.From, (byte)frame.To], frame.Payload));
        Assert.All(harness.Arrived, frame => Assert.Equal("ring", frame.Thread));
        foreach (ZeroMqTransport transport in harness.Transports)
        {
            Assert.Equal((2, 2, 0),
                (transport.Counters.FramesSent, transport.Counters.FramesReceived, transport.Counters.Unsent));
            // ZMTP's framing
            Assert.InRange(transport.Counters.BytesSent, transport.Counters.BytesReceived,
                transport.Counters.BytesReceived + 2 * 4);
        }
    }

    [LinuxFact("loopback addresses beside 127.0.0.1")]
    public void A_peer_of_two_hundred_has_all_its_sockets()
    {
        const int Peers = 200, FirstPort = 20_000;
        // An address that no other test listens at.
        string[] addresses = [.. Enumerable.Range(0, Peers).Select(at => at == 0 ? "" : $"tcp://127.0.0.77:{FirstPort + at}")];
        using var transport = new ZeroMqTransport(0, new TransportEndpoints(addresses, addresses), new LinkLimits(Largest));
        using var stranger = new TcpClient();
        stranger.Connect(IPAddress.Parse("127.0.0.77"), FirstPort + Peers - 1);
        Assert.True(stranger.Connected);
    }

    [Fact]
    public void The_reason_why_a_peer_cannot_listen_is_told_and_all_its_sockets_are_closed()
    {
        TransportEndpoints[] endpoints = LoopbackTransports.Endpoints(3);
        using var taken = new TcpListener(IPEndPoint.Parse(endpoints[0].Bind[2]["tcp://".Length..]));
        taken.Start();
        var refused = Assert.Throws<RingAddressException>(() => new ZeroMqTransport(0, endpoints[0], new LinkLimits(Largest)));
        Assert.Contains("the address is in use", refused.Message, StringComparison.Ordinal);
        using var free = new TcpListener(IPEndPoint.Parse(endpoints[0].Bind[1]["tcp://".Length..]));
        LoopbackTransports.Until(() => TryStart(free), "the port of the link that was closed");

        static bool TryStart(TcpListener listener)
        {
            try
            {
                listener.Start();
                return true;
            }
            catch (SocketException)
            {
                return false;
            }
        }
    }

    [Fact]
    public async Task Messages_of_one_or_three_frames_are_dropped_and_counted()
    {
        TransportEndpoints[] endpoints = LoopbackTransports.Endpoints(2);
        using var harness = new Harness(endpoints);
        using PushSocket stranger = Dial(endpoints[0].Bind[1]);
        Send(stranger, [1]);
        Send(stranger, [1], [2], [3]);
        Send(stranger, [1], [2], [3], [4], [5]);
        Send(stranger, [7], [8]);
        LoopbackTransports.Until(() => harness.Arrived.Count == 1, "the message of two frames");
        Assert.Equal([8], harness.Arrived.Single().Payload);
        Assert.Equal(3, harness.Transports[0].Counters.Dropped(DropReason.Envelope));
        await harness.SendAsync(1, 0, LinkChannel.Control, [9]);
        LoopbackTransports.Until(() => harness.Arrived.Count == 2, "the peer's own frame");
    }

    [Fact]
    public async Task An_oversized_message_never_arrives_and_others_do()
    {
        TransportEndpoints[] endpoints = LoopbackTransports.Endpoints(2);
        using var harness = new Harness(endpoints);
        using PushSocket stranger = Dial(endpoints[0].Bind[1]);
        Send(stranger, [1], new byte[Largest]);
        LoopbackTransports.Until(() => harness.Arrived.Count == 1, "the largest message");
        Send(stranger, [2], new byte[Largest + 1]);
        for (byte i = 0; i < 20; i++)
            await harness.SendAsync(1, 0, LinkChannel.Data, [i]);
        LoopbackTransports.Until(() => harness.Arrived.Count == 21, "the peer's own frames");
        Assert.All(harness.Arrived, frame => Assert.InRange(frame.Payload.Length, 1, Largest));
    }

    [Fact]
    public async Task Control_overtakes_queued_data()
    {
        const int Frames = 2000;
        TransportEndpoints[] endpoints = LoopbackTransports.Endpoints(2);
        using var harness = new Harness(endpoints, largest: 1 << 17, paused: true);
        ZeroMqTransport sender = harness.Transports[0];
        while (!await sender.InvokeAsync(() => Task.FromResult(sender.ConnectionStateOf(1).IsConnected))
            .WaitAsync(LoopbackTransports.Patience))
            await Task.Yield();
        await harness.Transports[0].InvokeAsync(() =>
        {
            for (int i = 0; i < Frames; i++)
                harness.Transports[0].Send(1, LinkChannel.Data, Header, new byte[1 << 17]);
            harness.Transports[0].Send(1, LinkChannel.Control, Header, [42]);
            return Task.FromResult(0);
        });
        harness.Transports[1].Start();
        LoopbackTransports.Until(() => harness.Arrived.Any(frame => frame.Payload.Length == 1), "the control frame");
        int before = harness.Arrived.TakeWhile(frame => frame.Payload.Length != 1).Count();
        Assert.InRange(before, 0, Frames / 2);
        LoopbackTransports.Until(() => harness.Arrived.Count == Frames + 1, "all data, too");
        Assert.Equal(Frames + 1, harness.Transports[0].Counters.FramesSent);
        Assert.Equal(0, harness.Transports[0].Counters.Unsent);
    }

    [Fact]
    public void An_address_in_use_is_named()
    {
        TransportEndpoints[] endpoints = LoopbackTransports.Endpoints(3);
        string address = endpoints[0].Bind[2];
        using var other = new TcpListener(IPAddress.Loopback, new Uri(address).Port);
        other.Start();
        RingAddressException e = Assert.Throws<RingAddressException>(
            () => new ZeroMqTransport(0, endpoints[0], new LinkLimits(Largest)));
        Assert.Contains($"cannot listen at {address}", e.Message);

        // What was bound before it becomes free again (ZeroMQ closes in the background).
        other.Stop();
        LoopbackTransports.Until(() => CanListen(endpoints[0]), "the ports are free");
    }

    [Fact]
    public async Task Dispose_is_prompt_leaves_no_thread_and_frees_the_ports()
    {
        for (int round = 0; round < 5; round++)
        {
            TransportEndpoints[] endpoints = LoopbackTransports.Endpoints(2);
            var transport = new ZeroMqTransport(0, endpoints[0], new LinkLimits(Largest));
            transport.Start();
            if (round > 0)
            {
                Assert.Equal("ring", await transport.InvokeAsync(() => Task.FromResult(Thread.CurrentThread.Name)));
                transport.Send(1, LinkChannel.Data, Header, new byte[100]); // to nobody
            }
            Thread? loop = round > 0 ? await transport.InvokeAsync(() => Task.FromResult(Thread.CurrentThread)) : null;
            long start = Stopwatch.GetTimestamp();
            transport.Dispose();
            transport.Dispose();
            Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromSeconds(5));
            Assert.NotEqual(true, loop?.IsAlive);
            // and one that never started is disposed of
            LoopbackTransports.Until(() => CanListen(endpoints[0]), "the ports are free");
        }
    }

    static bool CanListen(TransportEndpoints endpoints)
    {
        try
        {
            new ZeroMqTransport(0, endpoints, new LinkLimits(Largest)).Dispose();
            return true;
        }
        catch (RingAddressException)
        {
            return false;
        }
    }

    [Fact]
    public async Task What_fails_on_the_loop_fails_for_the_caller_and_the_loop_goes_on()
    {
        using var harness = new Harness(LoopbackTransports.Endpoints(2));
        await Assert.ThrowsAsync<InvalidDataException>(
            () => harness.Transports[0].InvokeAsync<int>(() => throw new InvalidDataException()));
        await Assert.ThrowsAsync<InvalidDataException>(() => harness.Transports[0].InvokeAsync<int>(async () =>
        {
            await Task.Yield();
            Assert.Equal("ring", Thread.CurrentThread.Name);
            throw new InvalidDataException();
        }));
        Assert.Equal(5, await harness.Transports[0].InvokeAsync(() => Task.FromResult(5)));
    }

    static PushSocket Dial(string address)
    {
        var socket = new PushSocket();
        socket.Options.Linger = TimeSpan.Zero;
        socket.Connect(address);
        return socket;
    }

    static void Send(PushSocket socket, params byte[][] frames)
    {
        for (int i = 0; i < frames.Length; i++)
        {
            var message = new Msg();
            message.InitPool(frames[i].Length);
            frames[i].CopyTo(message.Slice());
            Assert.True(socket.TrySend(ref message, LoopbackTransports.Patience, more: i < frames.Length - 1));
        }
    }

    sealed record Arrival(int From, int To, byte[] Payload, string? Thread);

    /// <summary>Transports whose arrivals are collected.</summary>
    sealed class Harness : IDisposable
    {
        public Harness(TransportEndpoints[] endpoints, int largest = Largest, bool paused = false)
        {
            Transports = [.. endpoints.Select((e, self) => new ZeroMqTransport(self, e, new LinkLimits(largest)))];
            for (int to = 0; to < Transports.Length; to++)
            {
                int self = to;
                Transports[to].Handler = (from, _, payload) =>
                    Arrived.Enqueue(new Arrival(from, self, payload.ToArray(), Thread.CurrentThread.Name));
                if (!paused || to == 0)
                    Transports[to].Start();
            }
        }

        public ZeroMqTransport[] Transports { get; }

        public ConcurrentQueue<Arrival> Arrived { get; } = new();

        public Task SendAsync(int from, int to, LinkChannel channel, byte[] payload) => Transports[from].InvokeAsync(() =>
        {
            Transports[from].Send(to, channel, Header, payload);
            return Task.FromResult(0);
        });

        public void Dispose()
        {
            foreach (ZeroMqTransport transport in Transports)
                transport.Dispose();
        }
    }
}
