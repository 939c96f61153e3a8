using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Topology.Transport;

namespace DecentralizedLion.Topology.Tests.Exchange;

/// <summary>Invariant I8 (docs/protocol.md#i8): the bytes on the wire are the formula's, plus at most 5 %.</summary>
public sealed class WireBytesTests
{
    const int Parameters = 1_000_000;

    [Theory]
    [InlineData(2, ExchangeKind.Ring)]
    [InlineData(3, ExchangeKind.Ring)]
    [InlineData(4, ExchangeKind.Ring)]
    [InlineData(5, ExchangeKind.Ring)]
    [InlineData(8, ExchangeKind.Ring)]
    [InlineData(2, ExchangeKind.Direct)]
    [InlineData(3, ExchangeKind.Direct)]
    [InlineData(4, ExchangeKind.Direct)]
    [InlineData(5, ExchangeKind.Direct)]
    [InlineData(8, ExchangeKind.Direct)]
    internal void A_step_sends_what_the_formula_says(int peers, ExchangeKind exchange)
    {
        double bits = exchange == ExchangeKind.Direct ? 2.0 * (peers - 1) / peers : (double)(peers - 1) / peers;
        for (int hop = 1; hop < peers && exchange == ExchangeKind.Ring; hop++)
            bits += (double)BitPlanes.Width(hop) / peers;
        double formula = bits * Parameters / 8;

        foreach (LinkCounters sent in OneStep(new RingHarness(peers, Parameters) { Exchange = exchange, LastStep = 1 }))
        {
            Assert.InRange(sent.PayloadSent, formula * 0.99, formula * 1.01); // chunks differ by a word
            Assert.InRange(sent.PayloadSent + sent.FramingSent, formula, formula * 1.05);
            Assert.Equal(0, sent.AbstentionSent);
        }
    }

    [Fact]
    public void Abstention_planes_are_counted_apart_and_only_sent_where_zeros_are()
    {
        LinkCounters[] none = OneStep(new RingHarness(3, 64 * 4096) { LastStep = 1 });
        LinkCounters[] some = OneStep(
            new RingHarness(3, 64 * 4096) { LastStep = 1, BallotOf = RingHarness.Ballots(64 * 4096, 1, zeros: 0.01) });
        for (int peer = 0; peer < 3; peer++)
        {
            Assert.Equal(0, none[peer].AbstentionSent);
            Assert.True(some[peer].AbstentionSent > 0);
            Assert.Equal(none[peer].PayloadSent, some[peer].PayloadSent);
        }
    }

    static LinkCounters[] OneStep(RingHarness ring)
    {
        ring.StartAll();
        LinkCounters[] counters = [.. ring.Live.Select(process => process.Transport.Counters)];
        ring.UntilEnded();
        return counters;
    }
}
