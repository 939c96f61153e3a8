using DecentralizedLion.Models.Datasets;
using DecentralizedLion.Models.Sampling;
using DecentralizedLion.Models.Tests.Datasets;
using FsCheck.Xunit;

namespace DecentralizedLion.Models.Tests.Sampling;

public sealed class PartitionTests
{
    static readonly Partition[] ByClasses = [Partition.ByClass, Partition.Dirichlet(0.001), Partition.Dirichlet(0.3),
        Partition.Dirichlet(100)];

    [Theory]
    [InlineData("iid", "iid")]
    [InlineData("by-class", "by-class")]
    [InlineData("local", "local")]
    [InlineData("dirichlet(0.5)", "dirichlet(0.5)")]
    [InlineData("dirichlet(0.50)", "dirichlet(0.5)")]
    [InlineData("dirichlet(.001)", "dirichlet(0.001)")]
    [InlineData("dirichlet(1000000)", "dirichlet(1000000)")]
    public void A_text_is_read_and_written(string text, string written)
    {
        var partition = Partition.Parse(text)!;
        Assert.Equal(written, partition.ToString());
        Assert.Equal(partition, Partition.Parse(written));
    }

    [Theory]
    [InlineData("")]
    [InlineData("IID")]
    [InlineData("dirichlet")]
    [InlineData("dirichlet()")]
    [InlineData("dirichlet(0)")]
    [InlineData("dirichlet(0.0009)")]
    [InlineData("dirichlet(1000001)")]
    [InlineData("dirichlet(-1)")]
    [InlineData("dirichlet(0,5)")]
    [InlineData("dirichlet( 1)")]
    [InlineData("dirichlet(NaN)")]
    [InlineData("dirichlet(0.5))")]
    public void Another_text_is_none(string text) => Assert.Null(Partition.Parse(text));

    [Property(MaxTest = 200)]
    public void Every_sample_is_exactly_one_peers(byte[] labels, byte morePeers, byte classes, ulong seed)
    {
        var (all, peers) = Sizes(labels, morePeers, classes);
        foreach (var partition in ByClasses)
        {
            var parts = Parts(all, peers, seed, partition);
            Assert.Equal(Enumerable.Range(0, all.Length).Select(i => (long)i), parts.SelectMany(part => part).Order());
            Assert.All(parts, part => Assert.NotEmpty(part));
        }
    }

    [Property(MaxTest = 200)]
    public void By_class_peers_have_classes_of_their_own_or_share_one(byte[] labels, byte morePeers, byte classes, ulong seed)
    {
        var (all, peers) = Sizes(labels, morePeers, classes);
        var sizes = all.CountBy(label => label).ToDictionary();
        var has = Parts(all, peers, seed, Partition.ByClass)
            .Select(part => part.Select(sample => all[sample]).ToHashSet()).ToArray();
        if (peers <= sizes.Count)
        {
            Assert.Equal(sizes.Count, has.Sum(mine => mine.Count));    // so no two have the same
            Assert.InRange(has.Max(mine => mine.Count) - has.Min(mine => mine.Count), 0, 1);
            return;
        }
        Assert.All(has, mine => Assert.Single(mine));
        var sharing = has.CountBy(mine => mine.Single()).ToDictionary();
        if (sizes.All(size => size.Value >= (peers + sizes.Count - 1) / sizes.Count))
            Assert.InRange(sharing.Values.Max() - sharing.Values.Min(), 0, 1);
    }

    [Fact]
    public void By_class_who_shares_a_class_has_an_equal_part_of_it()
    {
        int[] labels = [.. Enumerable.Range(0, 1000).Select(i => i % 10)];
        var sizes = Parts(labels, 16, 1, Partition.ByClass).Select(part => part.Length).Order();
        Assert.Equal([.. Enumerable.Repeat(50, 12), .. Enumerable.Repeat(100, 4)], sizes);
        Assert.Equal([200, 200, 300, 300], Parts(labels, 4, 1, Partition.ByClass).Select(part => part.Length).Order());
    }

    [Fact]
    public void The_seed_decides()
    {
        int[] labels = [.. Enumerable.Range(0, 600).Select(i => i % 10)];
        foreach (var partition in ByClasses)
        {
            Assert.Equal(Parts(labels, 4, 5, partition), Parts(labels, 4, 5, partition));
            Assert.NotEqual(Parts(labels, 4, 5, partition), Parts(labels, 4, 6, partition));
        }
    }

    /// <summary>These values must never change: peers of other versions and on other machines must divide alike. A port
    /// to Python came to the same.</summary>
    [Theory]
    [InlineData("by-class", "180 180 120 120", "457 42 352 102 127 492")]
    [InlineData("dirichlet(0.1)", "220 210 129 41", "103 333 481 503 435 501")]
    [InlineData("dirichlet(1)", "152 119 158 171", "562 531 210 281 383 466")]
    public void The_division_is_pinned(string text, string sizes, string samples)
    {
        int[] labels = [.. Enumerable.Range(0, 600).Select(i => i % 10)];
        var parts = Parts(labels, 4, 42, Partition.Parse(text)!);
        Assert.Equal(sizes, string.Join(' ', parts.Select(part => part.Length)));
        Assert.Equal(samples, string.Join(' ', parts[2].Take(6)));
    }

    [Fact]
    public void A_large_alpha_is_near_to_equal_shares_and_a_small_one_far_from_them()
    {
        int[] labels = [.. Enumerable.Range(0, 10_000).Select(i => i % 10)];
        double Largest(double alpha) => Enumerable.Range(0, 20).Average(seed =>
        {
            var parts = Parts(labels, 5, (ulong)seed, Partition.Dirichlet(alpha));
            return Enumerable.Range(0, 10).Average(c => parts.Max(part => part.Count(sample => labels[sample] == c)) / 1000.0);
        });
        Assert.InRange(Largest(1_000_000), 0.2, 0.21);
        Assert.InRange(Largest(100), 0.2, 0.3);
        Assert.InRange(Largest(1), 0.4, 0.52);                         // the largest of five: (1 + 1/2 + … + 1/5)/5 = 0.457
        Assert.InRange(Largest(0.01), 0.95, 1);
    }

    [Fact]
    public void Iid_is_the_part_itself_and_local_all_of_it_in_another_order()
    {
        var data = new CountingData(new CountingSplit([.. Enumerable.Range(0, 50).Select(i => i % 3)]));
        Assert.Same(data.Train, Partition.Iid.ShardOf(data, 1, 2, 7));
        var splits = Enumerable.Range(0, 2).Select(peer => Partition.Local.ShardOf(data, peer, 2, 7)).ToArray();
        long[] numbers = [.. Enumerable.Range(0, 50).Select(i => (long)i)];
        Assert.All(splits, split => Assert.Equal(numbers, split.Read(numbers).Targets.Order()));
        Assert.NotEqual(splits[0].Read(numbers).Targets, splits[1].Read(numbers).Targets);
        Assert.Equal(splits[0].Read(numbers).Targets.Select(sample => (int)(sample % 3)), splits[0].Labels());
        Assert.Throws<ArgumentOutOfRangeException>(() => splits[0].Read([50]));
        Assert.Throws<ArgumentOutOfRangeException>(() => splits[0].Read([-1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Partition.Local.ShardOf(data, 2, 2, 7));
    }

    [Fact]
    public void A_sample_is_varied_by_its_peer_and_its_position()
    {
        var data = new CountingData(new CountingSplit([.. Enumerable.Range(0, 40).Select(i => i % 4)]));
        var positions = new HashSet<long>();
        for (var peer = 0; peer < 4; peer++)
        {
            var split = Partition.ByClass.ShardOf(data, peer, 4, 7);
            var sampler = (ShardedSampler)Partition.ByClass.SamplerOf(40, 4, new BatchSize(25));
            var order = new ShuffledOrder(7, split.Count);
            var batch = split.Read(sampler.Samples(order, peer), sampler.Positions(peer));
            Assert.Equal(split.Labels()!.Distinct().Single(),
                batch.Targets.Select(sample => (int)(sample % 4)).Distinct().Single());
            Assert.All(batch.Tokens!,
                position => Assert.True(positions.Add(position), "another sample, or this one in another epoch, has it"));
        }
    }

    [Fact]
    public void What_cannot_be_divided_is_refused()
    {
        var text = new CountingData(new CountingSplit(100));
        var few = new CountingData(new CountingSplit([0, 1, 2]));
        foreach (var partition in ByClasses)
        {
            Assert.Equal($"data.partition is \"{partition}\", which goes by classes, and samples of counting have none; allowed "
                + "is iid or local",
                Assert.Throws<DataException>(() => partition.ShardOf(text, 0, 2, 1)).Message);
            Assert.Contains("3 samples cannot be divided among 4 peers",
                Assert.Throws<DataException>(() => partition.ShardOf(few, 0, 4, 1)).Message);
        }
        Assert.Equal(100, Partition.Local.ShardOf(text, 0, 2, 1).Count);
        Assert.Throws<ArgumentOutOfRangeException>(() => Partition.Dirichlet(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => Partition.Dirichlet(double.NaN));
    }

    [Fact]
    public void Images_know_their_labels_without_being_read()
    {
        using var glyphs = new Glyphs(new GlyphSettings(TrainCount: 50, TestCount: 10));
        long[] all = [.. Enumerable.Range(0, 50).Select(i => (long)i)];
        Assert.Equal(glyphs.Train.Read(all).Targets.Select(label => (int)label), glyphs.Train.Labels());
    }

    /// <summary>At least as many samples as peers, of up to twelve classes, which need not all occur.</summary>
    static (int[] Labels, int Peers) Sizes(byte[] labels, byte morePeers, byte classes)
    {
        int[] all = [.. labels.Append((byte)3).Append((byte)8).Select(label => label % (1 + (classes % 12)))];
        return (all, 2 + (morePeers % Math.Min(all.Length - 1, 40)));
    }

    static long[][] Parts(int[] labels, int peers, ulong seed, Partition partition)
    {
        var data = new CountingData(new CountingSplit(labels));
        return [.. Enumerable.Range(0, peers).Select(peer =>
        {
            var part = (PeerShard)partition.ShardOf(data, peer, peers, seed);
            return Enumerable.Range(0, (int)part.Count).Select(i => part.Sample(i)).ToArray();
        })];
    }
}
