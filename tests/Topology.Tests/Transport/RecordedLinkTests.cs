using System.Net;
using System.Net.Sockets;
using System.Text;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Security;
using DecentralizedLion.Topology.Transport;

namespace DecentralizedLion.Topology.Tests.Transport;

/// <summary>Somebody on the wire between two peers who keeps all bytes that pass, reads them, and sends them again.</summary>
public sealed class RecordedLinkTests : IDisposable
{
    static readonly byte[] Secret = Encoding.ASCII.GetBytes("what nobody else may read");

    static readonly FrameHeader Header = new(FrameKind.Heartbeat, 1, 2, 3, 4, 0, 0, 0, 0, 0, default, 0);

    readonly PeerKeyPair[] keys = [PeerKeyPair.Create(), PeerKeyPair.Create()];
    readonly TransportEndpoints[] plain = LoopbackTransports.Endpoints(2);
    readonly TcpListener wire = new(IPAddress.Loopback, 0);
    readonly List<List<byte[]>> recorded = []; // of each connection, what came piece by piece
    long arrived;

    public void Dispose()
    {
        wire.Stop();
        foreach (PeerKeyPair key in keys)
            key.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)] // so that the check can fail
    public async Task Recorded_bytes_tell_nothing_and_say_nothing_when_sent_again(bool encrypted)
    {
        wire.Start();
        using var stop = new CancellationTokenSource();
        Task recording = RecordAsync(stop.Token);
        using ZeroMqTransport listener = Open(0, encrypted, plain[0]);
        // Peer 1 dials the wire instead of peer 0.
        using (ZeroMqTransport dialler = Open(1, encrypted, plain[1] with { Connect = [$"tcp://{wire.LocalEndpoint}", ""] }))
        {
            for (int turn = 0; Interlocked.Read(ref arrived) < 20; turn++)
            {
                Assert.True(turn < 1000, "nothing arrives through the wire");
                await dialler.InvokeAsync(() =>
                {
                    dialler.Send(0, LinkChannel.Data, Header, Secret);
                    return Task.FromResult(0);
                });
                await Task.Delay(10);
            }
        }
        await Task.Delay(200);
        await stop.CancelAsync();
        await recording;
        byte[][] said = [.. recorded.Select(pieces => pieces.SelectMany(piece => piece).ToArray())];
        Assert.Contains(said, bytes => bytes.Length > 20 * Secret.Length);
        Assert.Equal(!encrypted, said.Any(bytes => bytes.AsSpan().IndexOf(Secret) >= 0));

        long before = Interlocked.Read(ref arrived);
        foreach (List<byte[]> pieces in recorded)
        {
            using var again = new TcpClient("127.0.0.1", new Uri(plain[0].Bind[1]).Port);
            try
            {
                foreach (byte[] piece in pieces)
                {
                    again.GetStream().Write(piece);
                    await Task.Delay(30); // the other side must have its turn, as it had
                }
            }
            catch (IOException)
            {
                // cut off, which is well
            }
            await Task.Delay(300);
        }
        if (encrypted)
            Assert.Equal(before, Interlocked.Read(ref arrived));
        else
            Assert.True(Interlocked.Read(ref arrived) > before, "an insecure link takes what is repeated");
    }

    ZeroMqTransport Open(int self, bool encrypted, TransportEndpoints endpoints)
    {
        var transport = new ZeroMqTransport(self,
            endpoints with { Keys = encrypted ? LoopbackTransports.Keys(keys, self) : null }, new LinkLimits(4096),
            (ulong)self + 1)
        {
            Handler = (_, _, _) => Interlocked.Increment(ref arrived),
        };
        transport.Start();
        return transport;
    }

    /// <summary>Hands every connection on to peer 0 and keeps what the dialler says.</summary>
    async Task RecordAsync(CancellationToken stop)
    {
        var passing = new List<Task>();
        try
        {
            while (true)
            {
                TcpClient dialler = await wire.AcceptTcpClientAsync(stop);
                var kept = new List<byte[]>();
                recorded.Add(kept);
                var listener = new TcpClient("127.0.0.1", new Uri(plain[0].Bind[1]).Port);
                passing.Add(PassAsync(dialler, listener, kept, stop));
                passing.Add(PassAsync(listener, dialler, null, stop));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(passing);
        }
    }

    static async Task PassAsync(TcpClient from, TcpClient to, List<byte[]>? kept, CancellationToken stop)
    {
        byte[] buffer = new byte[1 << 14];
        try
        {
            while (await from.GetStream().ReadAsync(buffer, stop) is > 0 and var got)
            {
                kept?.Add(buffer[..got]);
                await to.GetStream().WriteAsync(buffer.AsMemory(0, got), stop);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or InvalidOperationException)
        {
            // one end is gone
        }
        from.Dispose();
        to.Dispose();
    }
}
