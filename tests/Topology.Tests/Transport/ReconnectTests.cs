using System.Net.Sockets;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Security;
using DecentralizedLion.Topology.Transport;

namespace DecentralizedLion.Topology.Tests.Transport;

/// <summary>Links that are made anew while the transports run.</summary>
public sealed class ReconnectTests : IDisposable
{
    const int Peers = 3;

    static readonly FrameHeader Header = new(FrameKind.Heartbeat, 1, 2, 3, 4, 0, 0, 0, 0, 0, default, 0);

    readonly List<PeerKeyPair> keys = [.. Enumerable.Range(0, Peers).Select(_ => PeerKeyPair.Create())];
    readonly TransportEndpoints[] plain;
    readonly ZeroMqTransport[] transports;
    readonly HashSet<(int From, int To, byte Mark)> arrived = [];
    byte mark;

    public ReconnectTests()
    {
        plain = LoopbackTransports.SecureEndpoints(keys);
        transports = [.. Enumerable.Range(0, Peers)
            .Select(self => new ZeroMqTransport(self, Endpoints(self), new LinkLimits(4096), (ulong)self + 1))];
        foreach (int self in Enumerable.Range(0, Peers))
        {
            transports[self].Handler = (from, _, payload) =>
            {
                lock (arrived)
                    arrived.Add((from, self, payload.Span[0]));
            };
            transports[self].Start();
        }
    }

    public void Dispose()
    {
        foreach (ZeroMqTransport transport in transports)
            transport.Dispose();
        foreach (PeerKeyPair key in keys)
            key.Dispose();
    }

    [Fact]
    public async Task A_key_is_replaced_on_one_host_after_the_other()
    {
        await ReachAsync((0, 1), (1, 0), (0, 2), (2, 0), (1, 2), (2, 1));
        keys.Add(keys[1]); // disposed of at the end
        keys[1] = PeerKeyPair.Create();
        Assert.Empty(await ReplaceLinkAsync(1));
        await ReachAsync((0, 2), (2, 0));
        await NotAsync((0, 1), (1, 0), (1, 2), (2, 1)); // whose files differ
        Assert.Empty(await ReplaceLinkAsync(0));
        await ReachAsync((0, 1), (1, 0), (0, 2), (2, 0));
        await NotAsync((1, 2), (2, 1));
        Assert.Empty(await ReplaceLinkAsync(2));
        await ReachAsync((0, 1), (1, 0), (0, 2), (2, 0), (1, 2), (2, 1));
    }

    [Fact]
    public async Task What_is_not_changed_is_not_touched()
    {
        await ReachAsync((0, 1), (1, 0));
        await transports[0].InvokeAsync(() =>
        {
            for (byte frame = 100; frame < 200; frame++)
                transports[0].Send(1, LinkChannel.Data, Header, [frame]);
            return Task.FromResult(0);
        });
        Assert.Empty(await ReplaceLinkAsync(0)); // a broken link would lose frames that are under way
        LoopbackTransports.Until(() => Enumerable.Range(100, 100).All(frame => Has((0, 1, (byte)frame))),
            "all frames sent before");
    }

    [Fact]
    public async Task A_port_is_replaced_and_one_in_use_is_told_until_it_is_free()
    {
        await ReachAsync((0, 1), (1, 0));
        int port = LoopbackPorts.Take();
        using var other = new TcpListener(System.Net.IPAddress.Loopback, port);
        other.Start();
        plain[1] = plain[1] with { Bind = [$"tcp://127.0.0.1:{port}", "", $"tcp://127.0.0.1:{port}"] };
        plain[0] = plain[0] with { Connect = ["", plain[1].Bind[0], plain[0].Connect[2]] };
        plain[2] = plain[2] with { Connect = [plain[2].Connect[0], plain[1].Bind[2], ""] };
        string hindrance = Assert.Single(await ReplaceLinkAsync(1));
        Assert.Contains($"cannot listen at tcp://127.0.0.1:{port}", hindrance);
        Assert.Empty(await ReplaceLinkAsync(0));
        Assert.Empty(await ReplaceLinkAsync(2));
        await ReachAsync((1, 2), (1, 0)); // it dials all the same
        await NotAsync((0, 1), (2, 1));
        other.Stop();
        Assert.Empty(await ReplaceLinkAsync(1));
        await ReachAsync((0, 1), (1, 0), (2, 1), (1, 2));
    }

    /// <summary>Each of two peers takes the port that the other had.</summary>
    [Fact]
    public async Task Ports_may_be_swapped()
    {
        await ReachAsync((1, 0), (0, 1), (2, 0), (2, 1));
        (string first, string second) = (plain[0].Bind[1], plain[1].Bind[0]);
        plain[0] = plain[0] with { Bind = ["", second, second], Connect = ["", first, plain[0].Connect[2]] };
        plain[1] = plain[1] with { Bind = [first, "", first], Connect = [second, "", plain[1].Connect[2]] };
        plain[2] = plain[2] with { Connect = [second, first, ""] };
        Assert.All(await Task.WhenAll(Enumerable.Range(0, Peers).Select(ReplaceLinkAsync)), Assert.Empty);
        await ReachAsync((1, 0), (2, 0), (0, 1), (2, 1), (0, 2), (1, 2));
    }

    TransportEndpoints Endpoints(int self) =>
        plain[self] with { Keys = LoopbackTransports.Keys(keys.Take(Peers).ToArray(), self) };

    Task<IReadOnlyList<string>> ReplaceLinkAsync(int self)
    {
        TransportEndpoints now = Endpoints(self);
        return transports[self].InvokeAsync(() => transports[self].ReconnectAsync(now, TimeProvider.System))
            .WaitAsync(LoopbackTransports.Patience);
    }

    /// <summary>Frames of today go all these ways.</summary>
    async Task ReachAsync(params (int From, int To)[] ways)
    {
        mark++;
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        for (int turn = 0; !ways.All(way => Has((way.From, way.To, mark))); turn++)
        {
            Assert.True(turn < 1000, $"not all arrived: {string.Join(' ', ways.Where(way => !Has((way.From, way.To, mark))))}");
            await SendAsync(ways);
            await tick.WaitForNextTickAsync();
        }
    }

    /// <summary>And none go these.</summary>
    async Task NotAsync(params (int From, int To)[] ways)
    {
        mark++;
        for (int turn = 0; turn < 25; turn++)
        {
            await SendAsync(ways);
            await Task.Delay(20);
        }
        Assert.DoesNotContain(ways, way => Has((way.From, way.To, mark)));
    }

    async Task SendAsync((int From, int To)[] ways)
    {
        foreach ((int from, int to) in ways)
        {
            await transports[from].InvokeAsync(() =>
            {
                transports[from].Send(to, LinkChannel.Control, Header, [mark]);
                return Task.FromResult(0);
            });
        }
    }

    bool Has((int, int, byte) frame)
    {
        lock (arrived)
            return arrived.Contains(frame);
    }
}
