using System.Buffers;
using DecentralizedLion.Topology.Exchange;
using DecentralizedLion.Topology.Membership;
using FsCheck.Xunit;

namespace DecentralizedLion.Topology.Tests.Exchange;

/// <summary>What one misses, another can send; by asking alone every loss is made good.</summary>
public sealed class ResendTests
{
    [Property(MaxTest = 100)]
    public void Asking_makes_good_any_loss(int seed)
    {
        var random = new Random(seed);
        int members = random.Next(2, 7);
        var rig = new ExchangeRig(members, random.Next(1, 800), (ExchangeKind)random.Next(2), seed, member => member == 1, random.Next(1, 4));
        for (int member = 0; member < members; member++)
            rig.Start(member);

        // Every round is at least one hop of every chunk, whatever was lost before it.
        for (int round = 0; round < 2 * members && !rig.Exchanges.All(exchange => exchange.Complete); round++)
        {
            while (rig.Sent.Count > 0)
            {
                SentFrame frame = rig.Sent[^1];
                rig.Sent.RemoveAt(rig.Sent.Count - 1);
                if (random.Next(2) == 0)
                    rig.Deliver(frame);
            }
            for (int member = 0; member < members; member++)
            {
                foreach (var (from, slot) in rig.MissingOf(member))
                {
                    int before = rig.Sent.Count;
                    if (!rig.Exchanges[from].Resend(member, slot))
                    {
                        Assert.False(rig.Exchanges[from].Complete, $"{from} is complete and cannot send {slot} to {member}");
                        continue;
                    }
                    SentFrame frame = Assert.Single(rig.Sent.Skip(before));
                    Assert.Equal((from, member, slot), (frame.From, frame.To, frame.Slot));
                    Assert.Null(rig.Deliver(frame));
                    rig.Sent.RemoveAt(before);
                }
            }
        }
        rig.AssertDecided();
    }

    [Theory]
    [InlineData(ExchangeKind.Ring)]
    [InlineData(ExchangeKind.Direct)]
    public void What_was_sent_is_sent_again_bit_for_bit(ExchangeKind kind)
    {
        var rig = new ExchangeRig(4, 900, kind, relays: member => member == 2);
        for (int member = 0; member < 4; member++)
            rig.Start(member);
        var sent = new List<SentFrame>();
        while (rig.Sent.Count > 0)
        {
            SentFrame frame = rig.Sent[0];
            rig.Sent.RemoveAt(0);
            sent.Add(frame);
            rig.Deliver(frame);
        }
        foreach (SentFrame frame in sent)
        {
            Assert.True(rig.Exchanges[frame.From].Resend(frame.To, frame.Slot));
            SentFrame again = Assert.Single(rig.Sent);
            rig.Sent.Clear();
            Assert.Equal(frame.Header, again.Header);
            Assert.Equal(frame.Payload, again.Payload);
        }
    }

    [Theory]
    [InlineData(ExchangeKind.Ring)]
    [InlineData(ExchangeKind.Direct)]
    public void Nothing_is_sent_for_slots_that_are_not_ours(ExchangeKind kind)
    {
        var rig = new ExchangeRig(4, 900, kind);
        StepExchange exchange = rig.Exchanges[rig.View.Members[1]];
        int successor = rig.View.Members[2];
        Assert.False(exchange.Resend(successor, new Slot(kind == ExchangeKind.Ring ? 1 : 2, 1, 0)), "before the start");
        for (int member = 0; member < 4; member++)
            rig.Start(member);
        rig.DeliverAll();
        foreach (int to in (int[])[exchange.Self, 77, -1])
            Assert.False(exchange.Resend(to, new Slot(2, 1, 0)));
        foreach (Slot slot in (Slot[])[new(-1, 1, 0), new(4, 1, 0), new(1, 0, 0), new(1, -1, 0), new(1, 7, 0), new(1, int.MaxValue, 0),
            new(1, int.MinValue, 0), new(int.MaxValue, 1, 0), new(2, 1, -1), new(1, 1, 1000), new(2, 1, int.MaxValue), new(3, 1, 0)])
            Assert.False(exchange.Resend(successor, slot), $"{slot}");
        Assert.Empty(rig.Sent);
        Assert.Equal(1, Enumerable.Range(0, 4).Count(to => exchange.Resend(to, new Slot(kind == ExchangeKind.Ring ? 1 : 2, 1, 0))));
    }

    [Theory]
    [InlineData(ExchangeKind.Ring)]
    [InlineData(ExchangeKind.Direct)]
    public void Missing_is_bounded_ordered_and_only_from_members(ExchangeKind kind)
    {
        var rig = new ExchangeRig(4, 64 * 60, kind);
        StepExchange exchange = rig.Exchanges[rig.View.Members[1]];
        int predecessor = rig.View.Members[0];
        var all = new List<Slot>();
        exchange.Missing(predecessor, all, int.MaxValue);
        Assert.Equal(all.Count, all.Distinct().Count());
        Assert.Equal(all.OrderBy(slot => slot.Hop).Select(slot => slot.Hop), all.Select(slot => slot.Hop));
        var some = new List<Slot>();
        exchange.Missing(predecessor, some, 5);
        Assert.Equal(all.Take(5), some);
        foreach (int stranger in (int[])[exchange.Self, 99, -1])
        {
            some.Clear();
            exchange.Missing(stranger, some, 5);
            Assert.Empty(some);
        }
    }

    [Fact]
    public void Rented_memory_is_given_back_once()
    {
        const int Words = 3000; // a size of its own, so that no other test shares its bucket
        var rig = new ExchangeRig(4, 64 * 4 * Words, ExchangeKind.Ring, segmentWords: Words, zeros: 0);
        for (int member = 0; member < 4; member++)
            rig.Start(member);
        rig.DeliverAll();
        rig.AssertDecided();
        foreach (StepExchange exchange in rig.Exchanges)
        {
            exchange.Forget();
            exchange.Forget();
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
