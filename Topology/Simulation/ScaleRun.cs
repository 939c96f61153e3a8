using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Simulation.Faults;
using DecentralizedLion.Topology.Simulation.World;
using DecentralizedLion.Topology.Transport;

namespace DecentralizedLion.Topology.Simulation;

/// <summary>
/// A simulated ring of any size in which nothing goes wrong but one death: what its members send in a step, and how long they
/// take to go on without the one that died. Every invariant is checked meanwhile.
/// </summary>
static class ScaleRun
{
    const int FirstStep = 2, MeasuredSteps = 4, StepsAfter = 2;
    const double Compute = 100;

    static readonly TimeSpan limit = TimeSpan.FromMinutes(5);

    /// <summary>Runs a ring.</summary>
    /// <param name="peers">N, 3 and more.</param>
    /// <param name="parameters">Length of the vote.</param>
    /// <param name="exchange">The way of the exchange; null: each view chooses.</param>
    /// <param name="seed">Everything else follows from it.</param>
    /// <exception cref="InvalidOperationException">An invariant is violated, or the ring does not go on.</exception>
    public static ScaleResult Run(int peers, int parameters, ExchangeKind? exchange = ExchangeKind.Ring, int seed = 1)
    {
        Random random = Scenario.RandomOf(seed, 1);
        var world = new SimulatedWorld(new Scenario
        {
            Seed = seed,
            Peers = peers,
            Parameters = parameters,
            Steps = 1000,
            LastStepIsKnown = true,
            Exchange = exchange,
            CheckpointEvery = 100,
            Compute = [.. Enumerable.Range(0, peers).Select(_ => TimeSpan.FromMilliseconds(Compute + random.Next(20)))],
            Network = new NetworkFaults { LongestDelay = TimeSpan.FromMilliseconds(0.5) },
        });
        foreach (SimulatedPeer peer in world.Peers)
            world.Clock.After(TimeSpan.FromMilliseconds(random.Next(1, 500)), () => peer.Start());
        Until(world, () => HaveApplied(world, FirstStep), $"{peers} peers apply step {FirstStep}");
        TimeSpan began = world.Clock.Elapsed;
        Sent before = Sent.Of(world), sent;
        long heartbeats = 0;
        FrameSpy? spy = world.Network.Sent;
        world.Network.Sent = (int from, int to, in FrameHeader header, ReadOnlySpan<byte> payload) =>
        {
            heartbeats += header.Kind == FrameKind.Heartbeat ? 1 : 0;
            spy?.Invoke(from, to, header, payload);
        };
        long last = world.Peers.Max(peer => peer.Process!.Replica.Step) + MeasuredSteps;
        Until(world, () => HaveApplied(world, last), $"{peers} peers apply step {last}");
        sent = Sent.Of(world) - before;
        TimeSpan measured = world.Clock.Elapsed - began;
        long heard = heartbeats;
        world.Peers[peers / 2].Die("is killed", refuses: true);
        TimeSpan died = world.Clock.Elapsed;
        long next = world.Peers.Max(peer => peer.Process?.Replica.Step ?? 0) + StepsAfter;
        Until(world, () => IsWithout(world, peers - 1), $"{peers - 1} peers have a view without the one that died");
        TimeSpan change = world.Clock.Elapsed - died;
        Until(world, () => HaveApplied(world, next), $"{peers - 1} peers apply step {next}");
        double perPeerStep = 1.0 / peers / MeasuredSteps;
        return new ScaleResult(peers, sent.ExchangeFrames * perPeerStep, sent.ExchangeBytes * perPeerStep,
            (sent.Frames - sent.ExchangeFrames - heard) * perPeerStep, sent.ControlBytes * perPeerStep,
            heard / measured.TotalSeconds / peers, change);
    }

    static bool HaveApplied(SimulatedWorld world, long step) => Array.TrueForAll(world.Peers, peer =>
        peer.Process is { } process ? process.Replica.Step >= step : peer.WasActive);

    static bool IsWithout(SimulatedWorld world, int members) => Array.TrueForAll(world.Peers,
        peer => peer.Process is null || (peer.Process.Member is { IsActive: true, View: { } view } && view.Count == members));

    static void Until(SimulatedWorld world, Func<bool> reached, string what)
    {
        // All members are looked at after as many events as there are members: else the looking grows with their square.
        int events = 0;
        bool isReached = world.Loop.RunUntil(() =>
        {
            if (++events % world.Peers.Length != 0)
                return false;
            world.Tick();
            return world.Invariants.Failure is not null || reached();
        }, world.Clock.Elapsed + limit);
        if (world.Invariants.Failure is { } failure || !isReached)
            throw new InvalidOperationException(world.Invariants.Failure ?? $"not within {limit}: {what}");
    }

    /// <summary>The frames and bytes that all members have sent.</summary>
    readonly record struct Sent(long Frames, long ExchangeFrames, long ExchangeBytes, long ControlBytes)
    {
        public static Sent Of(SimulatedWorld world)
        {
            LinkCounters[] all = [.. world.Peers.Select(peer => world.Network.TransportOf(peer.Index).Counters)];
            return new Sent(all.Sum(one => one.FramesSent), all.Sum(one => one.ExchangeFramesSent),
                all.Sum(one => one.PayloadSent + one.FramingSent + one.AbstentionSent), all.Sum(one => one.ControlSent));
        }

        public static Sent operator -(Sent one, Sent other) => new(one.Frames - other.Frames,
            one.ExchangeFrames - other.ExchangeFrames, one.ExchangeBytes - other.ExchangeBytes,
            one.ControlBytes - other.ControlBytes);
    }
}
