using System.Net;
using System.Net.Sockets;
using System.Text;
using DecentralizedLion.Codecs;
using DecentralizedLion.Topology.Security;
using DecentralizedLion.Topology.Transport;
using NetMQ;
using NetMQ.Sockets;

namespace DecentralizedLion.Topology.Tests.Transport;

/// <summary>Who gets frames to a peer, on real sockets of this host.</summary>
public sealed class CurveLinkTests : IDisposable
{
    const int Largest = 4096;
    const string Run = "run";

    /// <summary>How long nothing must arrive; a right frame takes some milliseconds.</summary>
    static readonly TimeSpan Silence = TimeSpan.FromMilliseconds(700);

    static readonly FrameHeader Header = new(FrameKind.Status, 1, 2, 3, 4, 0, 0, 0, 0, 0, default, 0);

    readonly PeerKey[] keys = [.. Enumerable.Range(0, 3).Select(_ => PeerKey.Create())];
    readonly MeshEndpoints plain = LoopbackMeshes.Endpoints(3)[0];
    readonly List<byte[]> arrived = [];

    public void Dispose()
    {
        foreach (PeerKey key in keys)
            key.Dispose();
    }

    [Fact]
    public async Task Every_pair_of_a_secure_ring_delivers_up_to_the_largest_payload_and_counts_what_encryption_adds()
    {
        MeshEndpoints[] endpoints = SecureEndpoints(LoopbackMeshes.Endpoints(3));
        ZeroMqMesh[] meshes = [.. endpoints.Select((e, self) => new ZeroMqMesh(self, e, new LinkBounds(Largest)))];
        foreach (ZeroMqMesh mesh in meshes)
        {
            mesh.Handler = (from, _, payload) => Keep([(byte)from, .. payload.Span[..2]]);
            mesh.Start();
        }
        for (int from = 0; from < 3; from++)
        {
            for (int to = 0; to < 3; to++)
            {
                if (from != to)
                    await SendAsync(meshes[from], to, [(byte)from, (byte)to, .. new byte[Largest - 2]]);
            }
        }
        LoopbackMeshes.Until(() => Arrived().Count == 6, "six frames");
        Assert.All(Arrived(), frame => Assert.Equal(frame[0], frame[1]));
        long envelope = meshes[0].Counters.BytesReceived / 2 - Largest;
        Assert.Equal(2 * (envelope + LinkKeys.Overhead + 2 + Largest + LinkKeys.Overhead + 9), meshes[0].Counters.BytesSent);
        foreach (ZeroMqMesh mesh in meshes)
            mesh.Dispose();
    }

    [Theory]
    [InlineData("right", true)]
    [InlineData("plain", false)]
    [InlineData("random", false)]
    [InlineData("other pair", false)]
    [InlineData("other direction", false)]
    [InlineData("other run", false)]
    [InlineData("other ids", false)]
    [InlineData("old key", false)]
    public void Only_the_right_dialler_delivers(string which, bool delivers)
    {
        // Peer 0 listens for peer 1. What a dialler may know or think of:
        LinkKeys right = Keys(1, 0);
        using PeerKey old = PeerKey.Create();
        NetMQCertificate? server = which switch
        {
            "right" => right.Dialled,
            "plain" => null,
            "random" => new NetMQCertificate(),
            "other pair" => Keys(2, 0).Dialled,
            "other direction" => right.Listening,
            "other run" => Keys(1, 0, "run2").Dialled,
            "other ids" => LinkKeys.Derive(keys[1], Run, new LinkEnd("b", keys[1].Public), End(0)).Dialled,
            "old key" => LinkKeys.Derive(old, Run, new LinkEnd("p1", old.Public), End(0)).Dialled,
            _ => throw new ArgumentException(which),
        };
        using ZeroMqMesh mesh = Listen();
        using PushSocket stranger = Dial(plain.Bind[1], server);
        for (int i = 0; i < 20; i++)
            stranger.TrySendMultipartBytes(TimeSpan.FromMilliseconds(10), [1], [2]);
        if (delivers)
            LoopbackMeshes.Until(() => Arrived().Count > 0, "a frame");
        else
            AssertSilence(mesh);
    }

    /// <summary>Versions 1 and 2 of the protocol know no encryption: a stranger that says it knows no other must not get in.</summary>
    [Theory]
    [InlineData("0100 0100 01 0100 02")]                       // version 1
    [InlineData("FF00000000000000017F 00 08 0100 0201 01 0200 02")] // version 1, by its number
    [InlineData("FF00000000000000017F 01 08 0000 0101 01 0001 02")] // version 2
    public void A_stranger_of_an_older_protocol_delivers_nothing(string greeting)
    {
        using ZeroMqMesh mesh = Listen();
        using var stranger = new TcpClient("127.0.0.1", new Uri(plain.Bind[1]).Port);
        stranger.GetStream().Write(Convert.FromHexString(greeting.Replace(" ", "", StringComparison.Ordinal)));
        AssertSilence(mesh);
    }

    [Fact]
    public void The_engine_cannot_be_talked_out_of_encryption_and_the_probe_would_notice()
    {
        Assert.False(PlainProbe.IsTaken());
        Assert.True(PlainProbe.IsTaken(curve: false));
    }

    /// <summary>Who takes a peer's place on the network and says that it knows no encryption must not be told anything.</summary>
    [Theory]
    [InlineData("FF00000000000000017F 01 07 0000")]
    [InlineData("0100 0100")]
    [InlineData(null)] // whatever is sent to it
    public async Task A_false_listener_reads_nothing(string? greeting)
    {
        byte[] secret = Encoding.ASCII.GetBytes("what nobody else may read");
        using var listener = new TcpListener(IPAddress.Loopback, new Uri(plain.Connect[1]).Port);
        listener.Start();
        using var mesh = new ZeroMqMesh(0, SecureEndpoints([plain])[0], new LinkBounds(Largest));
        mesh.Start();
        using var read = new MemoryStream();
        using (TcpClient client = await listener.AcceptTcpClientAsync().WaitAsync(LoopbackMeshes.Patience))
        {
            if (greeting is not null)
                client.GetStream().Write(Convert.FromHexString(greeting.Replace(" ", "", StringComparison.Ordinal)));
            for (int i = 0; i < 20; i++)
            {
                await mesh.InvokeAsync(() =>
                {
                    foreach (Channel channel in (Channel[])[Channel.Control, Channel.Data])
                        mesh.Send(1, channel, Header, secret);
                    return Task.FromResult(0);
                });
                await Task.Delay(20);
            }
            byte[] buffer = new byte[1 << 16];
            try
            {
                while (client.Client.Poll(Silence, SelectMode.SelectRead) && client.Client.Receive(buffer) is > 0 and var got)
                    read.Write(buffer, 0, got);
            }
            catch (SocketException)
            {
                // cut off, which is well
            }
        }
        Assert.Equal(-1, read.ToArray().AsSpan().IndexOf(secret));
    }

    /// <summary>The same text in clear, so that the test above can fail.</summary>
    [Fact]
    public async Task An_insecure_listener_reads_everything()
    {
        byte[] secret = Encoding.ASCII.GetBytes("what nobody else may read");
        using var listener = new TcpListener(IPAddress.Loopback, new Uri(plain.Connect[1]).Port);
        listener.Start();
        using var mesh = new ZeroMqMesh(0, plain, new LinkBounds(Largest));
        mesh.Start();
        using TcpClient client = await listener.AcceptTcpClientAsync().WaitAsync(LoopbackMeshes.Patience);
        client.GetStream().Write(Convert.FromHexString("FF00000000000000017F01070000"));
        using var read = new MemoryStream();
        byte[] buffer = new byte[1 << 16];
        for (int i = 0; i < 200 && read.ToArray().AsSpan().IndexOf(secret) < 0; i++)
        {
            await mesh.InvokeAsync(() =>
            {
                foreach (Channel channel in (Channel[])[Channel.Control, Channel.Data])
                    mesh.Send(1, channel, Header, secret);
                return Task.FromResult(0);
            });
            if (client.Client.Poll(TimeSpan.FromMilliseconds(20), SelectMode.SelectRead))
                read.Write(buffer, 0, client.Client.Receive(buffer));
        }
        Assert.NotEqual(-1, read.ToArray().AsSpan().IndexOf(secret));
    }

    ZeroMqMesh Listen()
    {
        var mesh = new ZeroMqMesh(0, SecureEndpoints([plain])[0], new LinkBounds(Largest)) { Handler = (_, _, payload) => Keep(payload.ToArray()) };
        mesh.Start();
        return mesh;
    }

    void AssertSilence(ZeroMqMesh mesh)
    {
        Thread.Sleep(Silence);
        Assert.Empty(Arrived());
        Assert.Equal((0, 0), (mesh.Counters.FramesReceived, mesh.Counters.Dropped(DropReason.Envelope)));
    }

    MeshEndpoints[] SecureEndpoints(MeshEndpoints[] endpoints) => [.. endpoints.Select((e, self) => e with
    {
        Keys = [.. Enumerable.Range(0, 3).Select(peer => peer == self ? null : Keys(self, peer))],
    })];

    LinkKeys Keys(int self, int other, string run = Run) => LinkKeys.Derive(keys[self], run, End(self), End(other));

    LinkEnd End(int peer) => new($"p{peer}", keys[peer].Public);

    void Keep(byte[] frame)
    {
        lock (arrived)
            arrived.Add(frame);
    }

    List<byte[]> Arrived()
    {
        lock (arrived)
            return [.. arrived];
    }

    static PushSocket Dial(string address, NetMQCertificate? server)
    {
        var socket = new PushSocket();
        socket.Options.Linger = TimeSpan.Zero;
        if (server is not null)
        {
            socket.Options.CurveServerCertificate = server;
            socket.Options.CurveCertificate = new NetMQCertificate();
        }
        socket.Connect(address);
        return socket;
    }

    static Task<int> SendAsync(ZeroMqMesh mesh, int to, byte[] payload) => mesh.InvokeAsync(async () =>
    {
        // A link that does not stand yet loses control frames; data waits.
        mesh.Send(to, Channel.Data, Header, payload);
        await Task.Yield();
        return 0;
    });
}
