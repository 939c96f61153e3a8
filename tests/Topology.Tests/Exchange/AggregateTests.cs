using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Simulation;
using DecentralizedLion.Topology.Simulation.Faults;
using FsCheck;
using FsCheck.Xunit;

namespace DecentralizedLion.Topology.Tests.Exchange;

/// <summary>Whatever the network does, every member's majority is the oracle's.</summary>
public sealed class AggregateTests
{
    public static IEnumerable<object[]> Sizes()
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
    internal void Ring_and_direct_give_the_oracles_majority(int peers, ExchangeKind exchange)
    {
        foreach (TieRule ties in Enum.GetValues<TieRule>())
            Run(new RingHarness(peers, 64 * 20 + 7, seed: peers)
            {
                Exchange = exchange,
                Ties = ties,
                SegmentWords = 2,
                LastStep = 4,
                BallotOf = RingHarness.Ballots(64 * 20 + 7, peers, zeros: 0.1),
            });
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
            Run(new RingHarness(5, parameters)
            {
                Exchange = exchange,
                LastStep = 3,
                BallotOf = RingHarness.Ballots(parameters, 1, zeros: 0.5),
            });
    }

    [Property(MaxTest = 100, Replay = FixedCases.Seed)]
    public void Faults_of_the_network_change_nothing(DoNotSize<int> any)
    {
        int seed = any.Item;
        var random = new Random(seed);
        int peers = random.Next(2, 8), parameters = random.Next(1, 1500), slowest = random.Next(100);
        var ring = new RingHarness(peers, parameters, seed)
        {
            Exchange = (ExchangeKind)random.Next(2),
            Ties = (TieRule)random.Next(3),
            SegmentWords = random.Next(0, 4),
            LastStep = 8,
            BallotOf = RingHarness.Ballots(parameters, seed, random.Next(2) * random.NextDouble(), none: 1.0 / 6),
            Compute = (peer, step) =>
                TimeSpan.FromMilliseconds(slowest * Scenario.RandomOf(seed, 9 + peer, (int)step).NextDouble()),
        };
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
            // Not so long that anyone is suspected: the ring would end without a peer that it does not hear.
            TimeSpan begin = TimeSpan.FromSeconds(random.NextDouble() * 2), length = TimeSpan.FromSeconds(random.NextDouble());
            ring.Loop.Clock.After(begin, () => ring.Network.IsCut = (sender, receiver) => sender == from && receiver == to);
            ring.Loop.Clock.After(begin + length, ring.Heal);
        }
        Run(ring);
    }

    [Fact]
    public void A_step_on_which_nobody_votes_moves_nothing()
    {
        foreach (ExchangeKind exchange in Enum.GetValues<ExchangeKind>())
        {
            var ballots = RingHarness.Ballots(200, 5);
            var ring = new RingHarness(3, seed: 5)
            {
                Exchange = exchange,
                LastStep = 3,
                BallotOf = (peer, step) => step == 2 ? null : ballots(peer, step),
            };
            Run(ring);
            Assert.True(ring.Records[2].Voters.IsEmpty);
            Assert.All(Enumerable.Range(0, 200),
                i => Assert.Equal(0, ReferenceMajority.Sign(ring.Records[2].Signs, ring.Records[2].Zeros, i)));
        }
    }

    [Fact]
    public void The_same_seed_gives_the_same_run()
    {
        Assert.Equal(Trace(), Trace());

        static string Trace()
        {
            var ring = new RingHarness(4, 700, seed: 9)
            {
                SegmentWords = 1,
                LastStep = 10,
                BallotOf = RingHarness.Ballots(700, 9, zeros: 0.1),
            };
            ring.Network.Faults = new NetworkFaults
            {
                Loss = 0.1,
                Repeat = 0.1,
                LongestDelay = TimeSpan.FromMilliseconds(30),
                Reorder = true,
            };
            int frames = 0;
            ring.Network.Sent = (int _, int _, in FrameHeader _, ReadOnlySpan<byte> _) => frames++;
            Run(ring);
            return $"{ring.Now} {frames}";
        }
    }

    static void Run(RingHarness ring)
    {
        ring.StartAll();
        ring.UntilEnded();
        Assert.Equal(ring.LastStep, ring.Records.Count);
        ring.AssertMajorities();
    }
}
