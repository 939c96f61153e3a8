using System.Collections.Concurrent;
using System.Net;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Transport;

namespace DecentralizedLion.Topology.Tests.Transport;

/// <summary>A peer that is dialled by a name, while name servers are silent and its host moves.</summary>
public sealed class NamedPeerTests : IDisposable
{
    const string Name = "moves.test";

    static readonly FrameHeader Header = new(FrameKind.Heartbeat, 1, 2, 3, 4, 0, 0, 0, 0, 0, default, 0);

    readonly ManualResetEventSlim isKnown = new();
    readonly List<ZeroMqTransport> transports = [];
    readonly ConcurrentQueue<(int From, int To, byte Mark)> arrived = new();
    volatile IPAddress address = IPAddress.Loopback;

    public void Dispose()
    {
        isKnown.Set();
        foreach (ZeroMqTransport transport in transports)
            transport.Dispose();
    }

    [LinuxFact("a whole network of loopback addresses")]
    public async Task A_name_that_does_not_resolve_holds_nobody_up_and_its_peer_is_found_wherever_it_is()
    {
        TransportEndpoints[] endpoints = LoopbackTransports.SecureEndpoints(3);
        int port = new Uri(endpoints[2].Bind[0]).Port;
        foreach (int self in (int[])[0, 1])
            endpoints[self] = endpoints[self] with
            {
                Connect = [endpoints[self].Connect[0], endpoints[self].Connect[1], $"tcp://{Name}:{port}"],
            };
        ZeroMqTransport first = Open(0, endpoints[0]), second = Open(1, endpoints[1]), moving = Open(2, endpoints[2]);

        await ReachAsync(1, (first, 0, 1), (second, 1, 0), (moving, 2, 0), (moving, 2, 1));
        Assert.False(await first.InvokeAsync(() => Task.FromResult(first.Stands(2))));

        isKnown.Set();
        await ReachAsync(2, (first, 0, 2), (second, 1, 2), (first, 0, 1));
        Assert.Equal(new DialResult(DialOutcome.Connected, Name, port, "127.0.0.1"), first.LastDial(2));

        moving.Dispose();
        address = IPAddress.Parse("127.0.0.2");
        string elsewhere = $"tcp://127.0.0.2:{port}";
        moving = Open(2, endpoints[2] with { Bind = [elsewhere, elsewhere, ""] });
        await ReachAsync(3, (first, 0, 2), (second, 1, 2), (moving, 2, 0), (moving, 2, 1));
        Assert.Equal(new DialResult(DialOutcome.Connected, Name, port, "127.0.0.2"), first.LastDial(2));
        Assert.True(first.IsSessionOf(2, 30)); // the new process's
    }

    [LinuxFact("a whole network of loopback addresses")]
    public async Task An_insecure_peer_is_reached_at_whichever_address_of_its_name_answers()
    {
        TransportEndpoints[] endpoints = LoopbackTransports.Endpoints(2);
        int port = new Uri(endpoints[0].Connect[1]).Port, lookUps = 0;
        endpoints[0] = endpoints[0] with { Connect = ["", $"tcp://{Name}:{port}"] };
        // At first what it has is no name to the system; then nobody is at the name's first address.
        ZeroMqTransport second = Open(1, endpoints[1]), first = Open(0, endpoints[0], name => ++lookUps == 1
            ? throw new ArgumentException("no name", nameof(name)) : [IPAddress.Parse("127.0.0.2"), IPAddress.Loopback]);
        LoopbackTransports.Until(() => first.LastDial(1) is not null, "the name is looked up");
        Assert.Equal(DialOutcome.NameUnknown, first.LastDial(1)!.Outcome);
        await ReachAsync(1, (first, 0, 1), (second, 1, 0));
    }

    ZeroMqTransport Open(int self, TransportEndpoints endpoints, Func<string, IPAddress[]>? lookUp = null)
    {
        // Another process of a peer has another session number.
        var transport = new ZeroMqTransport(self, endpoints, new LinkLimits(4096),
            (ulong)(10 * (self + 1) + (transports.Count > 2 ? 0 : self)), null,
            new NameResolver(lookUp ?? LookUp, TimeProvider.System));
        transport.Handler = (from, _, payload) => arrived.Enqueue((from, self, payload.Span[0]));
        transport.Start();
        transports.Add(transport);
        return transport;
    }

    IPAddress[] LookUp(string name)
    {
        Assert.Equal(Name, name);
        isKnown.Wait();
        return [address];
    }

    /// <summary>Sends until something has arrived on each of these ways.</summary>
    async Task ReachAsync(byte mark, params (ZeroMqTransport Mesh, int From, int To)[] ways)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        for (int turn = 0; !ways.All(way => arrived.Contains((way.From, way.To, mark))); turn++)
        {
            var missing = ways.Where(way => !arrived.Contains((way.From, way.To, mark))).Select(way => (way.From, way.To));
            Assert.True(turn < 1500, $"not reached: {string.Join(", ", missing)}");
            foreach (var (transport, _, to) in ways)
            {
                await transport.InvokeAsync(() =>
                {
                    transport.Send(to, LinkChannel.Control, Header, [mark]);
                    return Task.FromResult(0);
                });
            }
            await tick.WaitForNextTickAsync();
        }
    }
}
