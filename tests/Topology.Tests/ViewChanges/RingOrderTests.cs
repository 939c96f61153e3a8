using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Topology.ViewChanges;
using FsCheck;
using FsCheck.Xunit;

namespace DecentralizedLion.Topology.Tests.ViewChanges;

/// <summary>An order of the ring's members goes over good links only, and leaves out as few as can be.</summary>
public sealed class RingOrderTests
{
    [Fact]
    public void With_all_links_the_order_is_by_rank()
    {
        foreach (bool everyPair in (bool[])[false, true])
        {
            Assert.Equal([1, 4, 7, 9], RingOrder.Of(PeerSet.Of(9, 4, 1, 7), (_, _) => true, everyPair));
            Assert.Equal([5], RingOrder.Of(PeerSet.Of(5), (_, _) => false, everyPair));
            Assert.Equal([0, 1], RingOrder.Of(PeerSet.First(2), (_, _) => true, everyPair));
            Assert.Equal([0], RingOrder.Of(PeerSet.First(2), (_, _) => false, everyPair)); // the highest rank goes
            Assert.Empty(RingOrder.Of(default, (_, _) => true, everyPair));
        }
    }

    [Fact]
    public void A_broken_link_between_two_of_four_is_gone_round()
    {
        int[] order = RingOrder.Of(PeerSet.First(4), Without((0, 1)), everyPair: false);
        Assert.Equal([0, 2, 1, 3], order);
        // of three each is the other's neighbour
        Assert.Equal([0, 2], RingOrder.Of(PeerSet.First(3), Without((0, 1)), everyPair: false));
        Assert.Equal([0, 2, 3], RingOrder.Of(PeerSet.First(4), Without((0, 1)), everyPair: true));
    }

    [Property(MaxTest = 400)]
    public void It_is_what_trying_all_orders_finds(DoNotSize<int> seed)
    {
        var random = new Random(seed.Item);
        int count = random.Next(1, 8);
        int[] ranks = [.. Enumerable.Range(0, count).Select(place => 3 * place + random.Next(3))];
        double good = random.NextDouble();
        HashSet<(int, int)> broken = [.. Pairs(ranks).Where(_ => random.NextDouble() > good)];
        Func<int, int, bool> linked = Without([.. broken]);
        foreach (bool everyPair in (bool[])[false, true])
        {
            int[] order = RingOrder.Of(PeerSet.Of(ranks), linked, everyPair);
            Assert.Equal(order.Length, order.Distinct().Count());
            Assert.All(order, member => Assert.Contains(member, ranks));
            if (everyPair)
                Assert.All(Pairs(order), pair => Assert.True(linked(pair.Item1, pair.Item2)));
            else if (order.Length > 1)
                Assert.All(Enumerable.Range(0, order.Length),
                    at => Assert.True(linked(order[at], order[(at + 1) % order.Length])));
            Assert.Equal(Best(ranks, linked, everyPair), order.Order());
        }
    }

    [Fact]
    public void A_large_roster_with_a_few_broken_links_is_ordered()
    {
        Func<int, int, bool> linked = Without((0, 1), (1, 2), (30, 31), (0, 31), (5, 9));
        int[] order = RingOrder.Of(PeerSet.First(32), linked, everyPair: false);
        Assert.Equal(32, order.Distinct().Count());
        Assert.All(Enumerable.Range(0, 32), at => Assert.True(linked(order[at], order[(at + 1) % 32])));
    }

    /// <summary>Heartbeats may say anything: links that admit no ring and let the search go as deep as it can.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Whatever_is_said_of_links_the_search_ends(bool everyPair)
    {
        const int peers = 256;
        int asked = 0;
        // Two halves, whole within, and hardly anything between them: every order fails at its very end.
        bool Linked(int a, int b) => ++asked > 0 && a < peers / 2 == b < peers / 2;
        int[] order = RingOrder.Of(PeerSet.First(peers), Linked, everyPair, out int tries);
        // 100 sets of each size are looked at, and once the search has used up what it may take in all, each goes one way only.
        Assert.InRange(tries, 0, 120_000 + 100 * (peers / 2) * peers);
        Assert.Equal(peers * (peers - 1) / 2, asked);
        Assert.NotEmpty(order);
        var random = new Random(1);
        var said = new bool[12, 12];
        for (int i = 0; i < 200; i++)
        {
            foreach (int place in Enumerable.Range(0, 144))
                said[place / 12, place % 12] = random.Next(3) == 0;
            order = RingOrder.Of(PeerSet.First(12), (a, b) => said[a, b], everyPair);
            Assert.True(order.Length < 2 || order.Zip([.. order.Skip(1), order[0]])
                .All(pair => said[Math.Min(pair.First, pair.Second), Math.Max(pair.First, pair.Second)]));
        }
    }

    /// <summary>The largest sets that have an order, and of these the one with the lowest ranks, which leaves the highest
    /// out.</summary>
    static int[] Best(int[] ranks, Func<int, int, bool> linked, bool everyPair)
    {
        int[][] possible = [.. Enumerable.Range(1, (1 << ranks.Length) - 1)
            .Select(bits => ranks.Where((_, place) => (bits >> place & 1) != 0).ToArray())
            .Where(set => everyPair ? Pairs(set).All(pair => linked(pair.Item1, pair.Item2)) : HasCycle(set, linked))];
        int most = possible.Max(set => set.Length);
        return possible.Where(set => set.Length == most)
            .OrderBy(set => string.Concat(set.Select(rank => (char)('a' + rank))), StringComparer.Ordinal).First();
    }

    static bool HasCycle(int[] set, Func<int, int, bool> linked) => set.Length == 1
        || Permutations(set[1..]).Any(rest => linked(set[0], rest[0]) && linked(rest[^1], set[0])
            && Enumerable.Range(0, rest.Length - 1).All(at => linked(rest[at], rest[at + 1])));

    static IEnumerable<int[]> Permutations(int[] items) => items.Length <= 1 ? [items]
        : items.SelectMany(first => Permutations([.. items.Where(item => item != first)])
            .Select(rest => (int[])[first, .. rest]));

    static IEnumerable<(int, int)> Pairs(int[] ranks) => ranks.SelectMany(a => ranks.Where(b => a < b).Select(b => (a, b)));

    static Func<int, int, bool> Without(params (int A, int B)[] broken)
    {
        HashSet<(int, int)> set = [.. broken];
        return (a, b) => !set.Contains((Math.Min(a, b), Math.Max(a, b)));
    }
}
