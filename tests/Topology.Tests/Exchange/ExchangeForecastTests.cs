using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Topology.Exchange;
using FsCheck;
using FsCheck.Xunit;

namespace DecentralizedLion.Topology.Tests.Exchange;

/// <summary>Tests of the rule that says which way of the exchange is the faster, and of what it rests on.</summary>
public sealed class ExchangeForecastTests
{
    static readonly Bucket[] vote = [new(new MajorityVote(TieRule.Previous), 2_700_000)];

    [Theory]
    // Where the links are alike, fewer bits and rounds win; by how much follows from size, latency and the number of peers.
    [InlineData(2, 1e8, 0, 1.0)]
    [InlineData(4, 1e8, 0, 1.33)]
    [InlineData(8, 1e8, 0, 1.71)]
    [InlineData(8, 1e13, 0.05, 7)]
    [InlineData(64, 1e13, 0.05, 63)]
    public void Alike_links_favour_the_direct_exchange(int peers, double speed, double latency, double gain)
    {
        var links = new LinkEstimate(speed, latency);
        var times = ExchangeForecast.Of(vote, peers, links, links);
        Assert.Equal(gain, times.GainOver(ExchangeKind.Ring), 0.01 * gain);
        Assert.Equal(1 / times.GainOver(ExchangeKind.Ring), times.GainOver(ExchangeKind.Direct), 1e-9);
        Assert.Equal(peers == 2 ? ExchangeKind.Ring : ExchangeKind.Direct, gain > 1 ? times.Faster : ExchangeKind.Ring);
    }

    [Fact]
    public void Slow_links_between_some_pairs_favour_the_ring()
    {
        var times = ExchangeForecast.Of(vote, 5, new LinkEstimate(1e8, 0.001), new LinkEstimate(2e7, 0.001));
        Assert.Equal(ExchangeKind.Ring, times.Faster);
        Assert.True(times.Favours(ExchangeKind.Direct, ExchangeForecast.ClearGain, step: times.Direct));
        Assert.False(times.Favours(ExchangeKind.Ring, ExchangeForecast.EnoughGain, step: times.Direct));
    }

    [Theory]
    [InlineData(1.29, 0.1, false)]
    [InlineData(1.31, 0.1, true)]
    [InlineData(1.31, 1.0, false)] // clearly faster, and next to nothing of a step
    [InlineData(20, 1.0, true)]
    [InlineData(20, 10.0, false)]
    public void A_change_must_be_clearly_faster_and_worth_it(double factor, double step, bool isWorth)
    {
        var times = new ExchangeForecast(Ring: 0.1, Direct: 0.1 / factor);
        Assert.Equal(isWorth, times.Favours(ExchangeKind.Ring, ExchangeForecast.ClearGain, step));
        Assert.False(times.Favours(ExchangeKind.Direct, ExchangeForecast.ClearGain, step));
    }

    [Fact]
    public void What_is_gathered_has_the_same_bits_both_ways_and_fewer_rounds_directly()
    {
        Bucket[] gathered = [new(new SparseGather(1_000_000), 40_000)];
        var far = new LinkEstimate(1e13, 0.1);
        Assert.Equal(4, ExchangeForecast.Of(gathered, 5, far, far).GainOver(ExchangeKind.Ring), 0.01);
        var slow = new LinkEstimate(1e6, 0);
        Assert.Equal(1, ExchangeForecast.Of(gathered, 5, slow, slow).GainOver(ExchangeKind.Ring), 0.01);
    }

    [Property]
    public void The_speed_that_a_time_stands_for_gives_that_time(DoNotSize<int> seed)
    {
        var random = new Random(seed.Item);
        Bucket[] buckets = [new(new MajorityVote(TieRule.Previous), random.Next(1, 10_000_000))];
        int peers = random.Next(2, 65);
        foreach (ExchangeKind kind in Enum.GetValues<ExchangeKind>())
        {
            ExchangeTraffic traffic = ExchangeTraffic.Of(kind, buckets, peers);
            double speed = Math.Pow(10, 4 + 8 * random.NextDouble()), latency = 0.1 * random.NextDouble();
            double seconds = traffic.Seconds(speed, latency);
            Assert.Equal(seconds, traffic.Seconds(traffic.SpeedOf(seconds, latency), latency), 1e-6 * seconds);
            Assert.Equal(ExchangeTraffic.SpeedMax, traffic.SpeedOf(latency / 2, latency), 1e-3 * ExchangeTraffic.SpeedMax);
        }
    }

    [Fact]
    public void The_meter_is_settled_by_a_few_exchanges_and_a_hiccup_counts_for_nothing()
    {
        ExchangeTraffic traffic = ExchangeTraffic.Direct(vote, 4);
        var meter = new ExchangeMeter();
        for (int step = 0; step < 8; step++)
        {
            Assert.False(meter.IsSettled);
            meter.Record(step == 3 ? 10 : traffic.Seconds(1e8, 0.01), 0.5, traffic, 0.01);
        }
        Assert.True(meter.IsSettled);
        Assert.Equal(traffic.Seconds(1e8, 0.01), meter.Seconds, 1e-9);
        Assert.Equal(1e8, meter.Speed, 1e3);
        Assert.Equal(0.5, meter.StepSeconds);
        for (int step = 0; step < 8; step++)
            meter.Record(2, 3, traffic, 0.01); // and what lasts counts for all, as soon as most are so
        Assert.Equal((2, 3), (meter.Seconds, meter.StepSeconds));
        meter.Clear();
        Assert.False(meter.IsSettled);
    }
}
