using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Topology.Configuration;
using DecentralizedLion.Topology.Membership;
using DecentralizedLion.Topology.Simulation.World;
using FsCheck;
using FsCheck.Xunit;

namespace DecentralizedLion.Topology.Tests.Membership;

/// <summary>The one look at all peers says the same as a look at every pair.</summary>
public sealed class AllConnectedTests
{
    const int Peers = 6;

    [Property]
    public void All_are_connected_when_every_pair_is(DoNotSize<int> seed)
    {
        var random = new Random(seed.Item);
        var clock = new VirtualClock();
        RemotePeer[] peers = [.. Enumerable.Range(0, Peers).Select(_ => new RemotePeer(clock))];
        var detector = new FailureDetector(new RingOptions
        {
            PeerIds = [.. Enumerable.Range(0, Peers).Select(peer => $"p{peer}")],
            SelfIndex = 0,
            Session = 10,
            Fingerprint = new Fingerprint([new("run", "test")]),
            ParameterCount = 100,
            RatesOf = RingHarness.Rates,
        }, peers, clock);
        double broken = random.Next(3) * 0.1;
        for (int peer = 1; peer < Peers; peer++)
        {
            if (random.NextDouble() < broken)
                continue;
            peers[peer].OnHello(10 + (ulong)peer, new Hello(0, false, 100, 0, default, []));
            if (random.NextDouble() < broken)
                continue; // it has greeted, and says nothing of whom it reaches
            PeerSet reachable = PeerSet.Of([.. Enumerable.Range(0, Peers).Where(_ => random.NextDouble() >= broken / 2)]);
            peers[peer].OnHeartbeat(new Heartbeat(1, 0, 0, HeartbeatFlags.Active, reachable.With(peer)));
        }
        for (int set = 1; set < 1 << Peers; set++)
        {
            int[] some = [.. Enumerable.Range(0, Peers).Where(peer => (set >> peer & 1) != 0)];
            bool everyPair = some.All(one => some.All(other => one >= other || detector.AreConnected(one, other)));
            Assert.Equal(everyPair, detector.AreAllConnected(PeerSet.Of(some)));
        }
    }
}
