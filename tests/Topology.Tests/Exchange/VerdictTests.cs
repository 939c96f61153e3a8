using DecentralizedLion.Codecs;
using DecentralizedLion.Topology.Membership;
using DecentralizedLion.Topology.Simulated;
using FsCheck.Xunit;

namespace DecentralizedLion.Topology.Tests.Exchange;

/// <summary>Whatever the network does, every member's verdict is the oracle's.</summary>
public sealed class VerdictTests
{
    public static TheoryData<int, ExchangeKind> Sizes()
    {
        var data = new TheoryData<int, ExchangeKind>();
        foreach (ExchangeKind exchange in Enum.GetValues<ExchangeKind>())
        {
            for (int peers = 2; peers <= 9; peers++)
                data.Add(peers, exchange);
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Ring_and_direct_give_the_oracles_verdict(int peers, ExchangeKind exchange)
    {
        foreach (TieRule ties in Enum.GetValues<TieRule>())
            new SimulatedRing(peers, 64 * 20 + 7, seed: peers, exchange, ties, segmentWords: 2).Run(steps: 4, zeros: 0.1);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(500)]
    public void Vectors_shorter_than_the_ring_are_voted_on_too(int parameters)
    {
        foreach (ExchangeKind exchange in Enum.GetValues<ExchangeKind>())
            new SimulatedRing(5, parameters, seed: 1, exchange).Run(steps: 3, zeros: 0.5);
    }

    [Property(MaxTest = 200)]
    public void Faults_of_the_network_change_nothing(int seed)
    {
        var random = new Random(seed);
        int peers = random.Next(2, 8), parameters = random.Next(1, 1500);
        var ring = new SimulatedRing(peers, parameters, seed, (ExchangeKind)random.Next(2), (TieRule)random.Next(3),
            segmentWords: random.Next(0, 4));
        ring.Network.Faults = new NetworkFaults
        {
            Loss = random.NextDouble() * 0.2,
            Repeat = random.NextDouble() * 0.2,
            Corrupt = random.Next(2) * random.NextDouble() * 0.05,
            LongestDelay = TimeSpan.FromMilliseconds(random.NextDouble() * 50),
            ShortestDelay = TimeSpan.Zero,
            Reorder = random.Next(2) == 0,
        };
        if (random.Next(3) == 0)
        {
            int from = random.Next(peers), to = random.Next(peers);
            TimeSpan begin = TimeSpan.FromSeconds(random.NextDouble() * 2), length = TimeSpan.FromSeconds(random.NextDouble() * 15);
            ring.Loop.Clock.After(begin, () => ring.Network.IsCut = (sender, receiver) => sender == from && receiver == to);
            ring.Loop.Clock.After(begin + length, () => ring.Network.IsCut = null);
        }
        ring.Run(steps: 8, zeros: random.Next(2) * random.NextDouble(), (peer, step) => new Random(HashCode.Combine(peer, (int)step) & 0xffff).Next(6) == 0,
            slowest: TimeSpan.FromMilliseconds(random.Next(100)));
    }

    [Fact]
    public void A_step_on_which_nobody_votes_moves_nothing()
    {
        foreach (ExchangeKind exchange in Enum.GetValues<ExchangeKind>())
            new SimulatedRing(3, 200, seed: 5, exchange).Run(steps: 3, zeros: 0, (_, step) => step == 2);
    }

    [Fact]
    public void The_same_seed_gives_the_same_run()
    {
        Assert.Equal(Trace(), Trace());

        static string Trace()
        {
            var ring = new SimulatedRing(4, 700, seed: 9, segmentWords: 1);
            ring.Network.Faults = new NetworkFaults { Loss = 0.1, Repeat = 0.1, LongestDelay = TimeSpan.FromMilliseconds(30), Reorder = true };
            ring.Run(steps: 10, zeros: 0.1, slowest: TimeSpan.FromMilliseconds(20));
            return $"{ring.Loop.Clock.Elapsed} " + string.Join(' ', Enumerable.Range(0, 4).Select(peer => ring.Network.MeshOf(peer).Counters.FramesSent));
        }
    }
}
