using System.Globalization;
using System.Text;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Simulation.Faults;
using DecentralizedLion.Topology.Simulation.World;
using DecentralizedLion.Topology.Transport;

namespace DecentralizedLion.Topology.Tests.Simulation;

public sealed class SimulatedNetworkTests
{
    [Fact]
    public void The_same_seed_gives_the_same_events_at_the_same_times()
    {
        var traces = new HashSet<string>();
        for (int seed = 0; seed < 20; seed++)
        {
            string trace = Trace(seed);
            Assert.Equal(trace, Trace(seed));
            Assert.True(traces.Add(trace), $"seed {seed} repeats another");
        }
    }

    [Fact]
    public void Frames_of_a_connection_keep_their_order_unless_told_otherwise()
    {
        Assert.Equal(Enumerable.Range(0, 200), Arrivals(new NetworkFaults { LongestDelay = TimeSpan.FromSeconds(1) }));
        int[] reordered = Arrivals(new NetworkFaults { LongestDelay = TimeSpan.FromSeconds(1), Reorder = true });
        Assert.NotEqual(Enumerable.Range(0, 200), reordered);
        Assert.Equal(Enumerable.Range(0, 200), reordered.Order());
    }

    [Fact]
    public void Loss_repeats_and_cuts()
    {
        Assert.Empty(Arrivals(new NetworkFaults { Loss = 1 }));
        Assert.InRange(Arrivals(new NetworkFaults { Loss = 0.5 }).Length, 60, 140);
        Assert.Equal(400, Arrivals(new NetworkFaults { Repeat = 1 }).Length);
        Assert.Empty(Arrivals(NetworkFaults.None, (from, to) => from == 0 && to == 1));
        Assert.Equal(200, Arrivals(NetworkFaults.None, (from, to) => from == 1 && to == 0).Length);
    }

    [Fact]
    public void A_corrupt_frame_differs_in_one_bit()
    {
        var loop = new VirtualLoop();
        var network = new SimulatedNetwork(loop.Clock, 2, new Random(1)) { Faults = new NetworkFaults { Corrupt = 1 } };
        byte[] sent = [1, 2, 3, 4];
        var header = new FrameHeader(FrameKind.Heartbeat, 1, 2, 3, 4, 0, 0, 0, 0, 0, default, 5);
        var writer = new System.Buffers.ArrayBufferWriter<byte>();
        header.Write(writer);
        byte[] whole = [.. writer.WrittenSpan, .. sent];
        int arrived = 0;
        network.TransportOf(1).Handler = (_, envelope, payload) =>
        {
            byte[] came = [.. envelope.Span, .. payload.Span];
            Assert.Equal(1, whole.Zip(came, (a, b) => int.PopCount(a ^ b)).Sum());
            arrived++;
        };
        for (int i = 0; i < 100; i++)
            network.TransportOf(0).Send(1, LinkChannel.Data, header, sent);
        while (loop.Clock.RunNext())
            Assert.True(arrived <= 100);
        Assert.Equal(100, arrived);
        Assert.Equal(100, network.TransportOf(1).Counters.FramesReceived);
    }

    static int[] Arrivals(NetworkFaults faults, Func<int, int, bool>? cut = null)
    {
        var clock = new VirtualClock();
        var network = new SimulatedNetwork(clock, 2, new Random(3)) { Faults = faults, IsCut = cut };
        var arrived = new List<int>();
        network.TransportOf(1).Handler = (from, _, payload) => arrived.Add(payload.Span[0]);
        for (int i = 0; i < 200; i++)
            network.TransportOf(0).Send(1, LinkChannel.Data,
                new FrameHeader(FrameKind.Heartbeat, 1, 2, 3, 4, 0, 0, 0, 0, 0, default, 0), [(byte)i]);
        while (clock.RunNext())
            Assert.True(arrived.Count <= 400);
        return [.. arrived];
    }

    /// <summary>Every frame that arrives and every line told, with its time.</summary>
    static string Trace(int seed)
    {
        int thread = Environment.CurrentManagedThreadId;
        var random = new Random(seed);
        int peers = random.Next(2, 6), parameters = random.Next(1, 600);
        var ring = new RingHarness(peers, parameters, seed)
        {
            Exchange = (ExchangeKind)random.Next(2),
            SegmentWords = 1,
            LastStep = 5,
            BallotOf = RingHarness.Ballots(parameters, seed, zeros: 0.1),
        };
        ring.Network.Faults = new NetworkFaults
        {
            Loss = 0.1,
            Repeat = 0.1,
            Corrupt = 0.02,
            LongestDelay = TimeSpan.FromMilliseconds(30),
            Reorder = seed % 2 == 0,
        };
        var trace = new StringBuilder();
        ring.StartAll();
        foreach (HarnessProcess process in ring.Live)
        {
            int self = process.Peer.Index;
            ITransport transport = process.Transport;
            FrameHandler inner = transport.Handler!;
            transport.Handler = (from, envelope, payload) =>
            {
                Assert.Equal(thread, Environment.CurrentManagedThreadId);
                trace.Append(CultureInfo.InvariantCulture,
                    $"{ring.Loop.Clock.Elapsed.Ticks} {from}>{self} {Crc32C.Of(envelope.Span):x} {Crc32C.Of(payload.Span):x}\n");
                inner(from, envelope, payload);
            };
        }
        ring.UntilEnded();
        foreach (RecordedEvent events in ring.Events)
            trace.Append(CultureInfo.InvariantCulture, $"{events.At.Ticks} {events.Peer} {events.Event.Text}\n");
        return trace.ToString();
    }
}
