using DecentralizedLion.Topology.Membership;

namespace DecentralizedLion.Topology.Tests.Membership;

/// <summary>Whom a ring that does not move waits for, and when it stops.</summary>
public sealed class SilenceTests
{
    static readonly TimeSpan GiveUp = RingTimings.Default.GiveUpAfter;

    [Theory]
    [InlineData(3, ExchangeKind.Ring)]
    [InlineData(5, ExchangeKind.Ring)]
    [InlineData(3, ExchangeKind.Direct)]
    [InlineData(5, ExchangeKind.Direct)]
    public void A_silent_peer_is_named_by_all_and_then_all_stop(int peers, ExchangeKind exchange)
    {
        var ring = new SimulatedRing(peers, 1000, seed: 1, exchange);
        TimeSpan cut = default;
        Outcome[] outcomes = ring.ForAll(peer => ring.TrainAsync(peer, 1000, before: async step =>
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), ring.Loop.Clock);
            if (peer != 1 || step != 30)
                return;
            cut = ring.Loop.Clock.Elapsed;
            ring.Network.IsCut = (from, to) => from == 1 || to == 1;
        }));
        for (int peer = 0; peer < peers; peer++)
        {
            Assert.Equal(29, outcomes[peer].Committed.Count);
            Assert.InRange(outcomes[peer].At - cut, GiveUp, GiveUp + TimeSpan.FromSeconds(2));
            if (peer == 1)
                continue;
            Assert.Contains("p1 has given no sign of life for 30 s; step 30 cannot be finished without it. The ring stops after step 29",
                outcomes[peer].Message);
            string[] told = ring.Texts(peer, RingEventKind.Waiting);
            Assert.Contains(told, text => text.Contains("waits for p1: no sign of life") || text.Contains("waiting for p1: no sign of life"));
            Assert.All(told, text => Assert.Contains("p1", text)); // nobody else is blamed
        }
    }

    [Theory]
    [InlineData(2, ExchangeKind.Ring)]
    [InlineData(5, ExchangeKind.Ring)]
    [InlineData(5, ExchangeKind.Direct)]
    public void A_peer_that_computes_for_long_is_told_as_that_and_nobody_gives_up(int peers, ExchangeKind exchange)
    {
        var ring = new SimulatedRing(peers, 1000, seed: 1, exchange);
        Outcome[] outcomes = ring.ForAll(peer => ring.TrainAsync(peer, 4, before: step =>
            peer == 1 && step == 3 ? Task.Delay(10 * GiveUp, ring.Loop.Clock) : Task.CompletedTask));
        for (int peer = 0; peer < peers; peer++)
        {
            Assert.Equal("left in order", outcomes[peer].Message);
            Assert.Equal(4, outcomes[peer].Committed.Count);
            string[] told = ring.Texts(peer, RingEventKind.Waiting);
            if (peer == 1)
            {
                Assert.Empty(told);
                continue;
            }
            Assert.InRange(told.Length, 10, 200);
            Assert.All(told, text => Assert.Equal("step 3 waits for p1: its gradient is not done", text));
        }
    }

    [Fact]
    public void A_short_silence_is_told_and_taken_back()
    {
        var ring = new SimulatedRing(3, 500, seed: 1);
        Outcome[] outcomes = ring.ForAll(peer => ring.TrainAsync(peer, 40, before: async step =>
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), ring.Loop.Clock);
            if (peer != 1 || step != 10)
                return;
            ring.Network.IsCut = (from, to) => from == 1 || to == 1;
            ring.Loop.Clock.After(GiveUp / 2, () => ring.Network.IsCut = null);
        }));
        Assert.All(outcomes, outcome => Assert.Equal(40, outcome.Committed.Count));
        Assert.Contains(ring.Texts(0, RingEventKind.Waiting), text => text.StartsWith("waiting for p1: no sign of life", StringComparison.Ordinal));
        Assert.Equal("p1 is back", Assert.Single(ring.Texts(0, RingEventKind.Resumed)));
    }

    [Fact]
    public void A_cut_between_two_neighbours_is_blamed_on_them()
    {
        // p0 → p1 carries nothing: p1 hears nothing of p0 and is right to say so; the others wait for p1 or p0.
        var ring = new SimulatedRing(4, 500, seed: 1);
        Outcome[] outcomes = ring.ForAll(peer => ring.TrainAsync(peer, 40, before: async step =>
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), ring.Loop.Clock);
            if (peer == 1 && step == 10)
                ring.Network.IsCut = (from, to) => from == 0 && to == 1;
        }));
        Assert.Contains("p0 has given no sign of life", outcomes[1].Message);
        Assert.All(outcomes, outcome => Assert.NotNull(outcome.Reason));
        foreach (int peer in (int[])[2, 3])
        {
            foreach (string text in ring.Texts(peer, RingEventKind.Waiting).Take(3))
                Assert.Matches("p0|p1", text);
        }
    }
}
