using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Configuration;
using DecentralizedLion.Topology.Node;
using DecentralizedLion.Topology.Protection;
using DecentralizedLion.Topology.Simulation.World;
using DecentralizedLion.Topology.Transport;
using NetMQ;
using NetMQ.Sockets;

namespace DecentralizedLion.Topology.Tests.Transport;

/// <summary>Whole rings over real sockets on loopback.</summary>
public sealed class ZeroMqRingTests
{
    const int Parameters = 64 * 700 + 3, Steps = 30;

    [Theory]
    [InlineData(2, ExchangeKind.Ring)]
    [InlineData(4, ExchangeKind.Ring)]
    [InlineData(2, ExchangeKind.Direct)]
    [InlineData(4, ExchangeKind.Direct)]
    internal async Task Thirty_steps_agree_with_the_oracle(int peers, ExchangeKind exchange)
    {
        TransportEndpoints[] endpoints = LoopbackTransports.Endpoints(peers);
        List<StepRecord>[] records = await Task.WhenAll(Enumerable.Range(0, peers).Select(peer =>
            Task.Run(() => TrainAsync(endpoints[peer], peer, peers, exchange)))).WaitAsync(LoopbackTransports.Patience);
        AssertOracle(peers, records);
    }

    [IPv6Fact]
    public async Task Eight_secure_peers_that_are_known_by_names_with_ipv6_addresses_agree_with_the_oracle()
    {
        const int Peers = 8;
        TransportEndpoints[] endpoints = [.. LoopbackTransports.SecureEndpoints(Peers).Select(one => one with
        {
            Bind = [.. one.Bind.Select(address => address.Replace("127.0.0.1", "[::1]", StringComparison.Ordinal))],
            Connect = [.. one.Connect.Select(
                (address, peer) => address.Replace("127.0.0.1", $"p{peer}.test", StringComparison.Ordinal))],
        })];
        var lookedUp = new ConcurrentDictionary<string, int>();
        var names = new NameResolver(name =>
        {
            lookedUp.AddOrUpdate(name, 1, (_, count) => count + 1);
            return [IPAddress.IPv6Loopback];
        }, TimeProvider.System);
        List<StepRecord>[] records = await Task.WhenAll(Enumerable.Range(0, Peers).Select(peer => Task.Run(() =>
            TrainAsync(endpoints[peer], peer, Peers, ExchangeKind.Ring, names: names)))).WaitAsync(LoopbackTransports.Patience);
        AssertOracle(Peers, records);
        Assert.Equal(Enumerable.Range(0, Peers).Select(peer => $"p{peer}.test"), lookedUp.Keys.Order());
    }

    [Fact]
    public async Task A_peer_that_starts_late_is_waited_for()
    {
        TransportEndpoints[] endpoints = LoopbackTransports.Endpoints(3);
        var waited = new TaskCompletionSource();
        Task<List<StepRecord>>[] early =
            [.. Enumerable.Range(0, 2).Select(peer => Task.Run(() => TrainAsync(endpoints[peer], peer, 3, ExchangeKind.Ring,
            happened =>
            {
                if (happened.Text.StartsWith("waiting for p2", StringComparison.Ordinal))
                    waited.TrySetResult();
            })))];
        await waited.Task.WaitAsync(LoopbackTransports.Patience); // five seconds
        Task<List<StepRecord>> late = Task.Run(() => TrainAsync(endpoints[2], 2, 3, ExchangeKind.Ring));
        AssertOracle(3, await Task.WhenAll([.. early, late]).WaitAsync(LoopbackTransports.Patience));
    }

    [Fact]
    public async Task A_stranger_that_sends_garbage_to_every_socket_changes_nothing()
    {
        TransportEndpoints[] endpoints = LoopbackTransports.Endpoints(3);
        using var stop = new CancellationTokenSource();
        Task noise = Task.Run(() => MakeNoise(endpoints, stop.Token));
        List<StepRecord>[] records = await Task.WhenAll(Enumerable.Range(0, 3).Select(peer =>
            Task.Run(() => TrainAsync(endpoints[peer], peer, 3, ExchangeKind.Ring, null, atLeastDropped: 50))))
            .WaitAsync(LoopbackTransports.Patience);
        stop.Cancel();
        await noise;
        AssertOracle(3, records);
    }

    /// <summary>Another account of the hosts knows the loopback ports behind the TLS front, and no session number.</summary>
    [Fact]
    public async Task A_local_program_at_the_loopback_sockets_changes_nothing_and_gets_nobody_excluded()
    {
        const int Peers = 3, DroppedAtLeast = 400;
        TransportEndpoints[] endpoints = LoopbackTransports.SecureEndpoints(Peers);
        var transports = new ConcurrentBag<ZeroMqTransport>();
        var told = new ConcurrentQueue<RingEvent>();
        using var opened = new CountdownEvent(Peers);
        using var stop = new CancellationTokenSource();
        long ofSession = 0, unreadable = 0;
        Task noise = Task.Run(() =>
        {
            opened.Wait(stop.Token);
            MakeNoiseBehind([.. transports.SelectMany(PortsOf)], stop.Token);
        });
        List<StepRecord>[] records = await Task.WhenAll(
            Enumerable.Range(0, Peers).Select(peer => Task.Run(() => TrainAsync(endpoints[peer], peer, Peers,
            ExchangeKind.Ring, told.Enqueue, DroppedAtLeast, transport =>
            {
                transports.Add(transport);
                opened.Signal();
            })))).WaitAsync(LoopbackTransports.Patience);
        stop.Cancel();
        await noise;
        foreach (ZeroMqTransport transport in transports)
        {
            ofSession += transport.Counters.Dropped(DropReason.Session);
            unreadable += transport.Counters.Dropped(DropReason.Envelope);
        }
        Assert.InRange(ofSession, Peers * MisbehaviorDetector.ViolationsMax, long.MaxValue);
        Assert.InRange(unreadable, Peers * MisbehaviorDetector.ViolationsMax, long.MaxValue);
        Assert.DoesNotContain(told, happened => happened.Kind
            is RingEventKind.Misbehaved or RingEventKind.Suspected or RingEventKind.Removed);
        AssertOracle(Peers, records);

        static IEnumerable<int> PortsOf(ZeroMqTransport transport) =>
            Enumerable.Range(0, Peers).Select(transport.LoopbackPortOf).Where(port => port != 0);
    }

    /// <summary>Frames that are well made but for their session, and envelopes that nobody can read.</summary>
    static void MakeNoiseBehind(int[] ports, CancellationToken stop)
    {
        var header = new FrameHeader(FrameKind.Ready, new Fingerprint([new("run", "loopback")]).Run, 4711, 1, 1, 0, 0, 0, 0,
            0, default, 0);
        var envelope = new ArrayBufferWriter<byte>();
        (header with { Crc = header.Checksum([1, 2, 3]) }).Write(envelope);
        PushSocket[] sockets = [.. ports.Select(port =>
        {
            var socket = new PushSocket($">tcp://127.0.0.1:{port}");
            socket.Options.Linger = TimeSpan.Zero;
            return socket;
        })];
        while (!stop.IsCancellationRequested)
        {
            foreach (PushSocket socket in sockets)
            {
                socket.TrySendMultipartBytes(envelope.WrittenSpan.ToArray(), [1, 2, 3]);
                socket.TrySendMultipartBytes([0xc1], [1, 2, 3]);
            }
            stop.WaitHandle.WaitOne(1);
        }
        foreach (PushSocket socket in sockets)
            socket.Dispose();
    }

    static void MakeNoise(TransportEndpoints[] endpoints, CancellationToken stop)
    {
        var random = new Random(1);
        List<PushSocket> sockets = [];
        try
        {
            foreach (string address in endpoints.SelectMany(e => e.Bind).Where(address => address.Length > 0))
            {
                var socket = new PushSocket();
                socket.Options.Linger = TimeSpan.Zero;
                socket.Connect(address);
                sockets.Add(socket);
            }
            byte[] bytes = new byte[200];
            while (!stop.IsCancellationRequested)
            {
                foreach (PushSocket socket in sockets)
                {
                    random.NextBytes(bytes);
                    int frames = random.Next(1, 4);
                    for (int frame = 1; frame <= frames; frame++)
                    {
                        var message = new Msg();
                        message.InitPool(random.Next(200));
                        bytes.AsSpan(0, message.Size).CopyTo(message.Slice());
                        if (!socket.TrySend(ref message, TimeSpan.Zero, more: frame < frames))
                        {
                            message.Close();
                            break;
                        }
                    }
                }
                stop.WaitHandle.WaitOne(1);
            }
        }
        finally
        {
            foreach (PushSocket socket in sockets)
                socket.Dispose();
        }
    }

    static async Task<List<StepRecord>> TrainAsync(TransportEndpoints endpoints, int self, int peers, ExchangeKind exchange,
        Action<RingEvent>? happened = null, long atLeastDropped = 0, Action<ZeroMqTransport>? opened = null,
        NameResolver? names = null)
    {
        using var transport = new ZeroMqTransport(self, endpoints, new LinkLimits(1 << 20), (ulong)self + 1000, null, names);
        opened?.Invoke(transport);
        var disk = new SimulatedDisk(Parameters, checkpointEvery: 1000);
        disk.WriteCheckpoint(0, SimulatedReplica.Initial(Parameters, 1).Save(), []);
        DiskHandle handle = disk.Open(() => { });
        var member = new Member(new RingOptions
        {
            PeerIds = [.. Enumerable.Range(0, peers).Select(peer => $"p{peer}")],
            SelfIndex = self,
            Fingerprint = new Fingerprint([new("run", "loopback")]),
            Session = (ulong)self + 1000,
            ParameterCount = Parameters,
            Exchange = exchange,
            RatesOf = RingHarness.Rates,
            LastStep = Steps,
            Timings = RingTimings.Default with { UseStragglerDeadline = false },
        }, transport, new PeerStores(handle.Journal, handle.Snapshots, handle), TimeProvider.System, new Random(self));
        if (happened is not null)
            member.EventRaised += happened;
        transport.Start();
        var records = new List<StepRecord>();
        await On(member.Start);
        while (true)
        {
            switch (await transport.InvokeAsync(() => member.NextAsync(records.Count, default)))
            {
                case ComputeTurn compute:
                    if (compute.Step == 1 && atLeastDropped > 0)
                        LoopbackTransports.Until(() => Enum.GetValues<DropReason>().Sum(transport.Counters.Dropped)
                            >= atLeastDropped, "garbage arrives");
                    Ballot ballot = BallotOf(self, compute.Step);
                    await On(() => member.SubmitBallot(compute.Step, ballot, self, TimeSpan.FromMilliseconds(1)));
                    break;
                case ApplyTurn apply:
                    records.Add(apply.Record.Copy());
                    break;
                case EndTurn end:
                    Assert.Equal(new EndTurn(false, null), end);
                    return records;
            }
        }

        Task<bool> On(Action action) => transport.InvokeAsync(() =>
        {
            action();
            return Task.FromResult(true);
        });
    }

    static Ballot BallotOf(int peer, long step) =>
        ReferenceMajority.RandomBallot(new Random(peer * 1000 + (int)step), Parameters, step % 2 * 0.01);

    static void AssertOracle(int peers, List<StepRecord>[] records)
    {
        int[] previous = [.. Enumerable.Range(0, Parameters)
            .Select(i => ReferenceMajority.Bit(TieHash.Word(0, i / 64), i % 64) ? 1 : -1)];
        for (int step = 1; step <= Steps; step++)
        {
            int[] expected = ReferenceMajority.Decide(
                [.. Enumerable.Range(0, peers).Select(peer => BallotOf(peer, step))], Parameters,
                TieRule.Previous, step, previous);
            for (int peer = 0; peer < peers; peer++)
            {
                StepRecord record = records[peer][step - 1];
                Assert.Equal(records[0][step - 1].Digest, record.Digest);
                Assert.True(expected.AsSpan().SequenceEqual(
                    [.. Enumerable.Range(0, Parameters).Select(i => ReferenceMajority.Sign(record.Signs, record.Zeros, i))]));
            }
            for (int i = 0; i < Parameters; i++)
                previous[i] = expected[i] == 0 ? previous[i] : expected[i];
        }
    }
}
