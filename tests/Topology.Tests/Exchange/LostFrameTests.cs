using System.Buffers;
using DecentralizedLion.Topology.Exchange;
using DecentralizedLion.Topology.Transport;
using FsCheck.Xunit;

namespace DecentralizedLion.Topology.Tests.Exchange;

/// <summary>Tests that every loss is made good by asking alone: what one member misses, another can send.</summary>
public sealed class LostFrameTests
{
    [Property(MaxTest = 100)]
    public void Asking_makes_good_any_loss(int seed)
    {
        var random = new Random(seed);
        int members = random.Next(2, 7);
        var harness = new ExchangeHarness(members, random.Next(1, 800), (ExchangeKind)random.Next(2), seed, member => member == 1,
            random.Next(1, 4));
        for (int member = 0; member < members; member++)
            harness.Start(member);

        // Every round is at least one hop of every chunk, whatever was lost before it.
        for (int round = 0; round < 2 * members && !harness.Exchanges.All(exchange => exchange.Complete); round++)
        {
            while (harness.Sent.Count > 0)
            {
                SentFrame frame = harness.Sent[^1];
                harness.Sent.RemoveAt(harness.Sent.Count - 1);
                if (random.Next(2) == 0)
                    harness.Deliver(frame);
            }
            harness.ResendMissing();
        }
        harness.AssertDecided();
    }

    [Theory]
    [InlineData(ExchangeKind.Ring)]
    [InlineData(ExchangeKind.Direct)]
    internal void What_was_sent_is_sent_again_bit_for_bit(ExchangeKind kind)
    {
        var harness = new ExchangeHarness(4, 900, kind, relays: member => member == 2);
        for (int member = 0; member < 4; member++)
            harness.Start(member);
        var sent = new List<SentFrame>();
        while (harness.Sent.Count > 0)
        {
            SentFrame frame = harness.Sent[0];
            harness.Sent.RemoveAt(0);
            sent.Add(frame);
            harness.Deliver(frame);
        }
        foreach (SentFrame frame in sent)
        {
            Assert.True(harness.Exchanges[frame.From].Resend(frame.To, frame.SegmentId));
            SentFrame again = Assert.Single(harness.Sent);
            harness.Sent.Clear();
            Assert.Equal(frame.Header, again.Header);
            Assert.Equal(frame.Payload, again.Payload);
        }
    }

    [Theory]
    [InlineData(ExchangeKind.Ring)]
    [InlineData(ExchangeKind.Direct)]
    internal void Nothing_is_sent_for_slots_that_are_not_ours(ExchangeKind kind)
    {
        var harness = new ExchangeHarness(4, 900, kind);
        StepExchange exchange = harness.Exchanges[harness.View.Members[1]];
        int successor = harness.View.Members[2];
        Assert.False(exchange.Resend(successor, new SegmentId(kind == ExchangeKind.Ring ? 1 : 2, 1, 0)), "before the start");
        for (int member = 0; member < 4; member++)
            harness.Start(member);
        harness.DeliverAll();
        foreach (int to in (int[])[exchange.Self, 77, -1])
            Assert.False(exchange.Resend(to, new SegmentId(2, 1, 0)));
        foreach (SegmentId id in (SegmentId[])[new(-1, 1, 0), new(4, 1, 0), new(1, 0, 0), new(1, -1, 0), new(1, 7, 0),
            new(1, int.MaxValue, 0), new(1, int.MinValue, 0), new(int.MaxValue, 1, 0), new(2, 1, -1), new(1, 1, 1000),
            new(2, 1, int.MaxValue), new(3, 1, 0)])
            Assert.False(exchange.Resend(successor, id), $"{id}");
        Assert.Empty(harness.Sent);
        Assert.Equal(1,
            Enumerable.Range(0, 4).Count(to => exchange.Resend(to, new SegmentId(kind == ExchangeKind.Ring ? 1 : 2, 1, 0))));
    }

    [Theory]
    [InlineData(ExchangeKind.Ring)]
    [InlineData(ExchangeKind.Direct)]
    internal void Missing_is_bounded_ordered_and_only_from_members(ExchangeKind kind)
    {
        var harness = new ExchangeHarness(4, 64 * 60, kind);
        StepExchange exchange = harness.Exchanges[harness.View.Members[1]];
        int predecessor = harness.View.Members[0];
        var all = new List<SegmentId>();
        exchange.AddMissing(predecessor, all, int.MaxValue);
        Assert.Equal(all.Count, all.Distinct().Count());
        Assert.Equal(all.OrderBy(id => id.Hop).Select(id => id.Hop), all.Select(id => id.Hop));
        var some = new List<SegmentId>();
        exchange.AddMissing(predecessor, some, 5);
        Assert.Equal(all.Take(5), some);
        foreach (int stranger in (int[])[exchange.Self, 99, -1])
        {
            some.Clear();
            exchange.AddMissing(stranger, some, 5);
            Assert.Empty(some);
        }
    }

    [Fact]
    public void Rented_memory_is_given_back_once()
    {
        const int Words = 3000; // a size of its own, so that no other test shares its bucket
        var harness = new ExchangeHarness(4, 64 * 4 * Words, ExchangeKind.Ring, segmentWords: Words, zeros: 0);
        for (int member = 0; member < 4; member++)
            harness.Start(member);
        harness.DeliverAll();
        harness.AssertDecided();
        foreach (StepExchange exchange in harness.Exchanges)
        {
            exchange.Release();
            exchange.Release();
        }
        foreach (int planes in (int[])[1, 2])
        {
            var rented = new HashSet<ulong[]>(ReferenceEqualityComparer.Instance);
            for (int i = 0; i < 64; i++)
                Assert.True(rented.Add(ArrayPool<ulong>.Shared.Rent(planes * Words)), "one array is in the pool twice");
            foreach (ulong[] array in rented)
                ArrayPool<ulong>.Shared.Return(array);
        }
    }
}
