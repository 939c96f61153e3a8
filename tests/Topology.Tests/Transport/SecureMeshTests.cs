using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using DecentralizedLion.Codecs;
using DecentralizedLion.Topology.Transport;

namespace DecentralizedLion.Topology.Tests.Transport;

/// <summary>Frames over encrypted links, and the end of a mesh with and without encryption.</summary>
public sealed class SecureMeshTests : IDisposable
{
    const int Largest = 1 << 20;

    static readonly FrameHeader Header = new(FrameKind.Status, 1, 2, 3, 4, 0, 0, 0, 0, 0, default, 0);

    readonly List<ZeroMqMesh> meshes = [];
    readonly ConcurrentQueue<(int From, int To, byte[] Payload)> arrived = new();

    public void Dispose()
    {
        foreach (ZeroMqMesh mesh in meshes)
            mesh.Dispose();
    }

    [Theory]
    [InlineData(Channel.Control)]
    [InlineData(Channel.Data)]
    public async Task Frames_of_all_sizes_and_bytes_go_both_ways_in_their_order(Channel channel)
    {
        await OpenPairAsync(LoopbackMeshes.SecureEndpoints(2));
        byte[][] payloads = [.. ((int[])[0, 1, 256, 1 << 16, (1 << 16) + 1, Largest, 2]).Select(length =>
            Enumerable.Range(0, length).Select(i => (byte)(i * 7 + (i >> 8))).ToArray())];
        await Task.WhenAll(SendAsync(0, 1, channel, payloads), SendAsync(1, 0, channel, payloads));
        LoopbackMeshes.Until(() => arrived.Count == 2 * payloads.Length, "all frames");
        foreach (int to in (int[])[0, 1])
        {
            (int From, int To, byte[] Payload)[] frames = [.. arrived.Where(frame => frame.To == to)];
            Assert.All(frames, frame => Assert.Equal(1 - to, frame.From));
            Assert.Equal(payloads.Length, frames.Length);
            Assert.All(payloads.Zip(frames), pair => Assert.True(pair.First.AsSpan().SequenceEqual(pair.Second.Payload), $"{pair.First.Length} bytes"));
        }
        Assert.True(meshes[0].IsSessionOf(1, 2) && meshes[1].IsSessionOf(0, 1));
        Assert.False(meshes[0].IsSessionOf(1, 1) || meshes[0].IsSessionOf(1, 0) || meshes[0].IsSessionOf(1, 3));
        Assert.Equal(DialOutcome.Connected, meshes[0].LastDial(1)?.Outcome);
    }

    [Fact]
    public async Task Control_overtakes_queued_data()
    {
        const int Frames = 1000, Length = 1 << 17;
        MeshEndpoints[] endpoints = LoopbackMeshes.SecureEndpoints(2);
        ZeroMqMesh sender = Open(endpoints, 0), receiver = Open(endpoints, 1, start: false);
        await ConnectedAsync(sender, 1);
        await sender.InvokeAsync(() =>
        {
            for (int i = 0; i < Frames; i++)
                sender.Send(1, Channel.Data, Header, new byte[Length]);
            sender.Send(1, Channel.Control, Header, [42]);
            return Task.FromResult(0);
        });
        receiver.Start();
        LoopbackMeshes.Until(() => arrived.Any(frame => frame.Payload.Length == 1), "the control frame");
        Assert.InRange(arrived.TakeWhile(frame => frame.Payload.Length != 1).Count(), 0, Frames / 2);
        LoopbackMeshes.Until(() => arrived.Count == Frames + 1, "all data, too");
        Assert.Equal(0, sender.Counters.Unsent);
    }

    [Theory]
    [InlineData(true, Channel.Control)]
    [InlineData(true, Channel.Data)]
    [InlineData(false, Channel.Control)]
    [InlineData(false, Channel.Data)]
    public async Task What_was_sent_last_arrives_and_the_port_is_free_again(bool isSecure, Channel channel)
    {
        const int Frames = 50;
        MeshEndpoints[] endpoints = isSecure ? LoopbackMeshes.SecureEndpoints(2) : LoopbackMeshes.Endpoints(2);
        await OpenPairAsync(endpoints);
        Thread loop = await meshes[0].InvokeAsync(() => Task.FromResult(Thread.CurrentThread));
        await SendAsync(0, 1, channel, [.. Enumerable.Range(0, Frames).Select(i => new byte[] { (byte)i, 1, 2, 3 })]);
        await Task.Run(meshes[0].Dispose).WaitAsync(LoopbackMeshes.Patience);
        Assert.False(loop.IsAlive);
        LoopbackMeshes.Until(() => arrived.Count == Frames, "all frames");
        Assert.Equal(Enumerable.Range(0, Frames), arrived.Select(frame => (int)frame.Payload[0]));
        LoopbackMeshes.Until(() => CanListen(new Uri(endpoints[0].Bind[1]).Port), "the port is free");
    }

    [Fact]
    public async Task An_end_while_everything_is_under_way_is_an_end()
    {
        MeshEndpoints[] endpoints = LoopbackMeshes.SecureEndpoints(3); // peer 2 never comes
        for (int round = 0; round < 8; round++)
        {
            ZeroMqMesh first = Open(endpoints, 0), second = Open(endpoints, 1, start: round % 2 == 0);
            if (round > 3)
                await ConnectedAsync(first, 1);
            await Task.WhenAll(Task.Run(first.Dispose), Task.Run(second.Dispose)).WaitAsync(LoopbackMeshes.Patience);
        }
        LoopbackMeshes.Until(() => endpoints.All(one => CanListen(new Uri(one.Bind.First(address => address.Length > 0)).Port)), "the ports are free");
    }

    async Task OpenPairAsync(MeshEndpoints[] endpoints)
    {
        Open(endpoints, 0);
        Open(endpoints, 1);
        await ConnectedAsync(meshes[0], 1);
        await ConnectedAsync(meshes[1], 0);
        arrived.Clear();
    }

    ZeroMqMesh Open(MeshEndpoints[] endpoints, int self, bool start = true)
    {
        ZeroMqMesh? mesh = null;
        LoopbackMeshes.Until(() => (mesh = TryOpen()) is not null, "an earlier mesh's port is free");
        mesh!.Handler = (from, _, payload) => arrived.Enqueue((from, self, payload.ToArray()));
        meshes.Add(mesh);
        if (start)
            mesh.Start();
        return mesh;

        ZeroMqMesh? TryOpen()
        {
            try
            {
                return new ZeroMqMesh(self, endpoints[self], new LinkBounds(Largest), (ulong)self + 1);
            }
            catch (RingAddressException)
            {
                return null;
            }
        }
    }

    /// <summary>Waits until both channels to a peer take frames: what is sent before is given up.</summary>
    static async Task ConnectedAsync(ZeroMqMesh mesh, int peer)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        for (int turn = 0; ; turn++)
        {
            Assert.True(turn < 6000, $"peer {peer} is not reached");
            if (await mesh.InvokeAsync(() => Task.FromResult(mesh.Stands(peer))).WaitAsync(LoopbackMeshes.Patience))
                return;
            await tick.WaitForNextTickAsync();
        }
    }

    Task<int> SendAsync(int from, int to, Channel channel, byte[][] payloads) => meshes[from].InvokeAsync(() =>
    {
        foreach (byte[] payload in payloads)
            meshes[from].Send(to, channel, Header, payload);
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
