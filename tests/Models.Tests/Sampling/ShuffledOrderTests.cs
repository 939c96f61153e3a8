using DecentralizedLion.Models.Sampling;

namespace DecentralizedLion.Models.Tests.Sampling;

public sealed class ShuffledOrderTests
{
    [Fact]
    public void Each_epoch_is_a_permutation_for_every_small_count()
    {
        for (var count = 1; count <= 200; count++)
        {
            var order = new ShuffledOrder(7, count);
            for (var epoch = 0; epoch < 3; epoch++)
            {
                var samples = Enumerable.Range(epoch * count, count).Select(p => order.At(p)).Order();
                Assert.Equal(Enumerable.Range(0, count).Select(i => (long)i), samples);
            }
        }
    }

    [Fact]
    public void A_million_samples_are_permuted()
    {
        const int count = 1_000_003;
        var seen = new bool[count];
        var order = new ShuffledOrder(ulong.MaxValue, count);
        for (var i = 0; i < count; i++)
        {
            var sample = order.At((5L * count) + i);
            Assert.False(seen[sample]);
            seen[sample] = true;
        }
    }

    [Theory]
    [InlineData(1L << 32)]
    [InlineData((1L << 40) + 15)]
    [InlineData(long.MaxValue)]
    public void Huge_counts_stay_in_range_and_repeat_nothing(long count)
    {
        var order = new ShuffledOrder(3, count);
        var seen = new HashSet<long>();
        for (var i = 0; i < 20_000; i++)
        {
            var sample = order.At(i);
            Assert.InRange(sample, 0, count - 1);
            Assert.True(seen.Add(sample));
        }
    }

    [Fact]
    public void Epochs_and_seeds_differ()
    {
        const int count = 64;
        var orders = new HashSet<string>();
        for (ulong seed = 0; seed < 50; seed++)
        {
            var order = new ShuffledOrder(seed, count);
            for (var epoch = 0; epoch < 50; epoch++)
                orders.Add(string.Join(' ', Enumerable.Range(epoch * count, count).Select(p => order.At(p))));
        }
        Assert.Equal(2500, orders.Count);
    }

    [Fact]
    public void A_place_holds_each_sample_about_equally_often()
    {
        const int count = 10;
        var hits = new int[count, count];
        var order = new ShuffledOrder(11, count);
        for (long position = 0; position < 20_000 * count; position++)
            hits[position % count, order.At(position)]++;
        foreach (var hit in hits)
            Assert.InRange(hit, 1800, 2200);
    }

    /// <summary>These values must never change: runs that continue, and peers of other versions, depend on them.</summary>
    [Theory]
    [InlineData(0UL, 10, 0, "6 4 1 8 5 0")]
    [InlineData(42UL, 60_000, 0, "38544 39738 52936 53354 9777 33563")]
    [InlineData(42UL, 60_000, 600_000, "31112 38673 901 43482 32746 3670")]
    [InlineData(ulong.MaxValue, 1L << 40, 5, "776214685341 984958373150 943859492727 281867611191 422524272150 863817623532")]
    public void The_order_is_pinned(ulong seed, long count, long position, string expected)
    {
        var order = new ShuffledOrder(seed, count);
        Assert.Equal(expected, string.Join(' ', Enumerable.Range(0, 6).Select(i => order.At(position + i))));
    }

    [Fact]
    public void Wrong_arguments_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new ShuffledOrder(1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ShuffledOrder(1, 5).At(-1));
    }
}
