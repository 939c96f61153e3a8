using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Exchange;
using DecentralizedLion.Topology.Simulation;
using FsCheck.Xunit;

namespace DecentralizedLion.Topology.Tests.Exchange;

/// <summary>The exchanges as pure state machines: order, repeats and the moment of Start are of no consequence.</summary>
public sealed class OrderTests
{
    [Property(MaxTest = 150)]
    public void Any_order_of_frames_and_starts_gives_the_oracles_majority(int seed)
    {
        var random = new Random(seed);
        int members = random.Next(2, 8);
        int relays = random.Next(1 << members) & random.Next(1 << members);
        var harness = new ExchangeHarness(members, random.Next(1, 1000), (ExchangeKind)random.Next(2), seed,
            member => (relays >> member & 1) != 0, random.Next(1, 4), random.Next(2) * 0.2);
        var delivered = new List<SentFrame>();
        var asleep = new List<int>(Enumerable.Range(0, members));
        while (asleep.Count > 0 || harness.Sent.Count > 0)
        {
            int pick = random.Next(asleep.Count + harness.Sent.Count);
            if (pick < asleep.Count)
            {
                harness.Start(asleep[pick]);
                asleep.RemoveAt(pick);
                continue;
            }
            SentFrame frame = harness.Sent[pick - asleep.Count];
            harness.Sent.RemoveAt(pick - asleep.Count);
            Assert.Null(harness.Deliver(frame));
            delivered.Add(frame);
            SentFrame old = delivered[random.Next(delivered.Count)];
            long progress = harness.Exchanges[old.To].Progress;
            Assert.Equal(DropReason.Repeated, harness.Deliver(old));
            Assert.Equal(progress, harness.Exchanges[old.To].Progress);
        }
        harness.AssertDecided();
        Assert.Equal(delivered.Count, delivered.Select(frame => (frame.To, frame.From, frame.SegmentId)).Distinct().Count());
    }

    [Theory]
    [InlineData(ExchangeKind.Ring, 0)]
    [InlineData(ExchangeKind.Ring, 1)]
    [InlineData(ExchangeKind.Ring, 3)]
    [InlineData(ExchangeKind.Direct, 0)]
    [InlineData(ExchangeKind.Direct, 1)]
    [InlineData(ExchangeKind.Direct, 3)]
    internal void A_relay_in_any_place_adds_nothing(ExchangeKind kind, int position)
    {
        int order = new ExchangeHarness(4, 500, kind).View.Members[position];
        var harness = new ExchangeHarness(4, 500, kind, relays: member => member == order);
        for (int member = 0; member < 4; member++)
            harness.Start(member);
        harness.DeliverAll();
        harness.AssertDecided();
    }

    [Theory]
    [InlineData(ExchangeKind.Ring)]
    [InlineData(ExchangeKind.Direct)]
    internal void Frames_before_start_are_kept_and_nothing_is_sent(ExchangeKind kind)
    {
        var harness = new ExchangeHarness(3, 400, kind);
        int last = harness.View.Members[2];
        foreach (int member in harness.View.Members.Take(2))
            harness.Start(member);
        harness.DeliverAll();
        Assert.Empty(harness.Sent);
        StepExchange late = harness.Exchanges[last];
        Assert.True(late.Progress > 0);
        Assert.False(late.Started);
        harness.Start(last);
        harness.DeliverAll();
        harness.AssertDecided();
    }

    [Theory]
    [InlineData(ExchangeKind.Ring)]
    [InlineData(ExchangeKind.Direct)]
    internal void One_member_decides_alone(ExchangeKind kind)
    {
        var harness = new ExchangeHarness(1, 130, kind);
        harness.Start(0);
        Assert.Empty(harness.Sent);
        harness.AssertDecided();
    }

    [Theory]
    [InlineData(ExchangeKind.Ring)]
    [InlineData(ExchangeKind.Direct)]
    internal void A_word_is_given_once_and_fits_the_model(ExchangeKind kind)
    {
        var harness = new ExchangeHarness(2, 100, kind);
        Assert.Throws<ArgumentException>(() => harness.Exchanges[0].Start(new Ballot(101), 0));
        harness.Start(0);
        Assert.Throws<InvalidOperationException>(() => harness.Start(0));
    }

    [Theory]
    [InlineData(ExchangeKind.Ring)]
    [InlineData(ExchangeKind.Direct)]
    internal void Margin_ties_and_zeros_of_what_a_member_decided(ExchangeKind kind)
    {
        foreach (StepKind shape in (StepKind[])[StepKind.Vote, StepKind.Average, StepKind.VoteAndPiece])
        {
            foreach ((int members, double zeros) in ((int, double)[])[(3, 0), (4, 0), (3, 0.3), (4, 0.3)])
            {
                var harness = new ExchangeHarness(members, 1000, kind, zeros: zeros, shape: shape);
                for (int member = 0; member < members; member++)
                    harness.Start(member);
                harness.DeliverAll();
                long margin = 0, ties = 0, none = 0;
                for (int i = 0; i < 1000; i++)
                {
                    int[] signs = [.. harness.Ballots.Select(ballot => ReferenceMajority.Sign(ballot!.Signs, ballot.Zeros, i))];
                    margin += Math.Abs(signs.Sum());
                    bool unanimous = signs.All(sign => sign == 0), tie = signs.Sum() == 0 && !unanimous;
                    ties += tie ? 1 : 0;
                    none += unanimous || (tie && shape == StepKind.Average) ? 1 : 0;
                }
                Assert.Equal(1000, harness.Exchanges.Sum(exchange => exchange.Statistics.Decided));
                Assert.Equal(margin, harness.Exchanges.Sum(exchange => exchange.Statistics.Margin));
                Assert.Equal((ties, none), (harness.Exchanges.Sum(exchange => exchange.Statistics.Ties),
                    harness.Exchanges.Sum(exchange => exchange.Statistics.Zeros)));
            }
        }
    }
}
