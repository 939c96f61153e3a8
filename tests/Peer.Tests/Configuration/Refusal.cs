using DecentralizedLion.Benchmarks.Stores;
using DecentralizedLion.Topology;
using DecentralizedLion.Topology.Configuration;
using DecentralizedLion.Topology.Node;
using DecentralizedLion.Topology.Simulation.World;

namespace DecentralizedLion.Peer.Tests.Configuration;

/// <summary>Two peers that meet in memory, on a virtual clock.</summary>
static class Refusal
{
    /// <summary>Why each of the two stopped.</summary>
    public static (string A, string B) Between(Fingerprint a, Fingerprint b)
    {
        var loop = new VirtualLoop();
        var network = new SimulatedNetwork(loop.Clock, 2, new Random(1));
        var reasons = new string?[2];
        string[] names = ["a", "b"];
        Post(() => Start(0, a));
        Post(() => Start(1, b));
        Assert.True(loop.RunUntil(() => !reasons.Contains(null), TimeSpan.FromMinutes(1)),
            $"not both stopped: {reasons[0]}, {reasons[1]}");
        return (reasons[0]!, reasons[1]!);

        void Post(Func<Task> action) => loop.Post(async _ => await action(), null);

        async Task Start(int self, Fingerprint fingerprint)
        {
            var options = new RingOptions
            {
                PeerIds = names,
                SelfIndex = self,
                Fingerprint = fingerprint,
                Session = (ulong)self + 1,
                ParameterCount = 64,
                RatesOf = _ => new StepRates(0.01f, 0.1f),
            };
            var stores = new PeerStores(new NoJournal(), new OneState(), new ViewsInMemory());
            var member = new Member(options, network.Open(self), stores, loop.Clock, new Random(self));
            member.Start();
            try
            {
                Assert.Fail($"{names[self]} trains: {await member.NextAsync(0, default)}");
            }
            catch (RingException e)
            {
                reasons[self] = e.Message;
            }
        }
    }
}
