using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using DecentralizedLion.Codecs;
using DecentralizedLion.Topology.Transport;
using NetMQ;
using NetMQ.Sockets;

namespace DecentralizedLion.Topology.Tests.Transport;

/// <summary>The mesh on real sockets of this host.</summary>
public sealed class ZeroMqMeshTests
{
    const int Largest = 4096;

    static readonly FrameHeader Header = new(FrameKind.Status, 1, 2, 3, 4, 0, 0, 0, 0, 0, default, 0);

    [Fact]
    public async Task Frames_go_both_ways_with_their_sender_and_are_counted()
    {
        MeshEndpoints[] endpoints = LoopbackMeshes.Endpoints(3);
        using var rig = new Rig(endpoints);
        foreach (int from in (int[])[0, 1, 2])
        {
            foreach (int to in (int[])[0, 1, 2])
            {
                if (from != to)
                    await rig.SendAsync(from, to, Channel.Data, [(byte)from, (byte)to]);
            }
        }
        LoopbackMeshes.Until(() => rig.Arrived.Count == 6, "six frames");
        Assert.All(rig.Arrived, frame => Assert.Equal([(byte)frame.From, (byte)frame.To], frame.Payload));
        Assert.All(rig.Arrived, frame => Assert.Equal("ring", frame.Thread));
        foreach (ZeroMqMesh mesh in rig.Meshes)
        {
            Assert.Equal((2, 2, 0), (mesh.Counters.FramesSent, mesh.Counters.FramesReceived, mesh.Counters.Unsent));
            Assert.InRange(mesh.Counters.BytesSent, mesh.Counters.BytesReceived, mesh.Counters.BytesReceived + 2 * 4); // ZMTP's framing
        }
    }

    [Fact]
    public async Task Messages_of_one_or_three_frames_are_dropped_and_counted()
    {
        MeshEndpoints[] endpoints = LoopbackMeshes.Endpoints(2);
        using var rig = new Rig(endpoints);
        using PushSocket stranger = Dial(endpoints[0].Bind[1]);
        Send(stranger, [1]);
        Send(stranger, [1], [2], [3]);
        Send(stranger, [1], [2], [3], [4], [5]);
        Send(stranger, [7], [8]);
        LoopbackMeshes.Until(() => rig.Arrived.Count == 1, "the message of two frames");
        Assert.Equal([8], rig.Arrived.Single().Payload);
        Assert.Equal(3, rig.Meshes[0].Counters.Dropped(DropReason.Envelope));
        await rig.SendAsync(1, 0, Channel.Control, [9]);
        LoopbackMeshes.Until(() => rig.Arrived.Count == 2, "the peer's own frame");
    }

    [Fact]
    public async Task An_oversized_message_never_arrives_and_others_do()
    {
        MeshEndpoints[] endpoints = LoopbackMeshes.Endpoints(2);
        using var rig = new Rig(endpoints);
        using PushSocket stranger = Dial(endpoints[0].Bind[1]);
        Send(stranger, [1], new byte[Largest]);
        LoopbackMeshes.Until(() => rig.Arrived.Count == 1, "the largest message");
        Send(stranger, [2], new byte[Largest + 1]);
        for (byte i = 0; i < 20; i++)
            await rig.SendAsync(1, 0, Channel.Data, [i]);
        LoopbackMeshes.Until(() => rig.Arrived.Count == 21, "the peer's own frames");
        Assert.All(rig.Arrived, frame => Assert.InRange(frame.Payload.Length, 1, Largest));
    }

    [Fact]
    public async Task Control_overtakes_queued_data()
    {
        const int Frames = 2000;
        MeshEndpoints[] endpoints = LoopbackMeshes.Endpoints(2);
        using var rig = new Rig(endpoints, largest: 1 << 17, paused: true);
        ZeroMqMesh sender = rig.Meshes[0];
        while (!await sender.InvokeAsync(() => Task.FromResult(sender.Dialled(1).IsConnected)).WaitAsync(LoopbackMeshes.Patience))
            await Task.Yield();
        await rig.Meshes[0].InvokeAsync(() =>
        {
            for (int i = 0; i < Frames; i++)
                rig.Meshes[0].Send(1, Channel.Data, Header, new byte[1 << 17]);
            rig.Meshes[0].Send(1, Channel.Control, Header, [42]);
            return Task.FromResult(0);
        });
        rig.Meshes[1].Start();
        LoopbackMeshes.Until(() => rig.Arrived.Any(frame => frame.Payload.Length == 1), "the control frame");
        int before = rig.Arrived.TakeWhile(frame => frame.Payload.Length != 1).Count();
        Assert.InRange(before, 0, Frames / 2);
        LoopbackMeshes.Until(() => rig.Arrived.Count == Frames + 1, "all data, too");
        Assert.Equal(Frames + 1, rig.Meshes[0].Counters.FramesSent);
        Assert.Equal(0, rig.Meshes[0].Counters.Unsent);
    }

    [Fact]
    public void An_address_in_use_is_named()
    {
        MeshEndpoints[] endpoints = LoopbackMeshes.Endpoints(3);
        string address = endpoints[0].Bind[2];
        using var other = new TcpListener(IPAddress.Loopback, new Uri(address).Port);
        other.Start();
        RingAddressException e = Assert.Throws<RingAddressException>(() => new ZeroMqMesh(0, endpoints[0], new LinkBounds(Largest)));
        Assert.Contains($"cannot listen at {address}", e.Message);

        // What was bound before it becomes free again (ZeroMQ closes in the background).
        other.Stop();
        LoopbackMeshes.Until(() => CanListen(endpoints[0]), "the ports are free");
    }

    [Fact]
    public async Task Dispose_is_prompt_leaves_no_thread_and_frees_the_ports()
    {
        for (int round = 0; round < 5; round++)
        {
            MeshEndpoints[] endpoints = LoopbackMeshes.Endpoints(2);
            var mesh = new ZeroMqMesh(0, endpoints[0], new LinkBounds(Largest));
            mesh.Start();
            if (round > 0)
            {
                Assert.Equal("ring", await mesh.InvokeAsync(() => Task.FromResult(Thread.CurrentThread.Name)));
                mesh.Send(1, Channel.Data, Header, new byte[100]); // to nobody
            }
            Thread? loop = round > 0 ? await mesh.InvokeAsync(() => Task.FromResult(Thread.CurrentThread)) : null;
            long start = Stopwatch.GetTimestamp();
            mesh.Dispose();
            mesh.Dispose();
            Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromSeconds(5));
            Assert.NotEqual(true, loop?.IsAlive);
            LoopbackMeshes.Until(() => CanListen(endpoints[0]), "the ports are free"); // and one that never started is disposed of
        }
    }

    static bool CanListen(MeshEndpoints endpoints)
    {
        try
        {
            new ZeroMqMesh(0, endpoints, new LinkBounds(Largest)).Dispose();
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
        using var rig = new Rig(LoopbackMeshes.Endpoints(2));
        await Assert.ThrowsAsync<InvalidDataException>(() => rig.Meshes[0].InvokeAsync<int>(() => throw new InvalidDataException()));
        await Assert.ThrowsAsync<InvalidDataException>(() => rig.Meshes[0].InvokeAsync<int>(async () =>
        {
            await Task.Yield();
            Assert.Equal("ring", Thread.CurrentThread.Name);
            throw new InvalidDataException();
        }));
        Assert.Equal(5, await rig.Meshes[0].InvokeAsync(() => Task.FromResult(5)));
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
            Assert.True(socket.TrySend(ref message, LoopbackMeshes.Patience, more: i < frames.Length - 1));
        }
    }

    sealed record Arrival(int From, int To, byte[] Payload, string? Thread);

    /// <summary>Meshes whose arrivals are collected.</summary>
    sealed class Rig : IDisposable
    {
        public Rig(MeshEndpoints[] endpoints, int largest = Largest, bool paused = false)
        {
            Meshes = [.. endpoints.Select((e, self) => new ZeroMqMesh(self, e, new LinkBounds(largest)))];
            for (int to = 0; to < Meshes.Length; to++)
            {
                int self = to;
                Meshes[to].Handler = (from, _, payload) => Arrived.Enqueue(new Arrival(from, self, payload.ToArray(), Thread.CurrentThread.Name));
                if (!paused || to == 0)
                    Meshes[to].Start();
            }
        }

        public ZeroMqMesh[] Meshes { get; }

        public ConcurrentQueue<Arrival> Arrived { get; } = new();

        public Task SendAsync(int from, int to, Channel channel, byte[] payload) => Meshes[from].InvokeAsync(() =>
        {
            Meshes[from].Send(to, channel, Header, payload);
            return Task.FromResult(0);
        });

        public void Dispose()
        {
            foreach (ZeroMqMesh mesh in Meshes)
                mesh.Dispose();
        }
    }
}
