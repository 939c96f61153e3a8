using System.Security.Cryptography;
using DecentralizedLion.Models.Datasets;
using DecentralizedLion.Models.Sampling;
using Xunit.Abstractions;

namespace DecentralizedLion.Models.Tests.Datasets;

public sealed class GlyphTests(ITestOutputHelper output)
{
    static readonly GlyphSettings Few = new(TrainCount: 200, TestCount: 100);

    [Fact]
    public void A_linear_model_gets_some_but_stays_below_80_percent()
    {
        const int samples = 8000;
        const int epochs = 50;
        using var glyphs = new Glyphs(new GlyphSettings(TrainCount: samples, TestCount: 2000));
        var model = new SoftmaxRegression(28 * 28, 10);
        var train = glyphs.Train.Read(All(glyphs.Train));
        var test = glyphs.Test.Read(All(glyphs.Test));
        var (trainInputs, testInputs) = (model.Prepare(train), model.Prepare(test));
        double best = 0, loss = 0, before = 0;
        for (var epoch = 0; epoch < epochs; epoch++)
        {
            before = loss;
            var rate = 0.02f * (epochs - epoch) / epochs;
            loss = model.Epoch(trainInputs, train.Targets, new ShuffledOrder(1, samples), epoch, 100, rate);
            if (epoch % 10 == 0)
                best = Math.Max(best, model.Accuracy(testInputs, test.Targets));
        }
        var (seen, unseen) = (model.Accuracy(trainInputs, train.Targets), model.Accuracy(testInputs, test.Targets));
        output.WriteLine($"loss {before:F4} -> {loss:F4}, accuracy: training {seen:P1}, test {unseen:P1}, best {best:P1}");
        Assert.InRange(loss, before * 0.99, before * 1.01);
        Assert.InRange(best, 0.25, 0.80);
        Assert.InRange(unseen, 0.25, 0.80);
    }

    [Fact]
    public void Pictures_are_pinned()
    {
        // A change here makes peers of two versions train on different data.
        using var glyphs = new Glyphs(Few);
        var part = (GlyphSplit)glyphs.Test;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        for (var i = 0; i < part.Count; i++)
            hash.AppendData(part.Picture(i));
        var pictures = Convert.ToHexString(hash.GetHashAndReset());
        Assert.Equal("25C7DAF67F53205ED37BA9E6EFB8B3CB4FCF59D98963CA7B3B8162871A6C50CA", pictures);
        Assert.Equal("FAE1BB426F0A400E37F97E7D0E18BEA9667066801421D22BF442404DD1C19DAF", Convert.ToHexString(glyphs.Digest));
    }

    [Fact]
    public void A_picture_does_not_depend_on_what_was_read_before()
    {
        using var one = new Glyphs(Few);
        using var other = new Glyphs(Few);
        var all = one.Train.Read(All(one.Train));
        for (var i = one.Train.Count - 1; i >= 0; i--)
        {
            var single = other.Train.Read([i]);
            Assert.Equal(all.Images.AsSpan((int)i * 784, 784).ToArray(), single.Images!);
            Assert.Equal(all.Targets[i], single.Targets[0]);
            Assert.Equal(single.Images!, other.Train.Read([i], [17]).Images!);
        }
    }

    [Fact]
    public void Training_and_test_share_no_picture()
    {
        using var glyphs = new Glyphs(Few);
        using var shifted = new Glyphs(Few with { Seed = 2 });
        var seen = new HashSet<string>();
        foreach (var split in new[] { glyphs.Train, glyphs.Test, shifted.Train, shifted.Test })
        {
            for (var i = 0; i < split.Count; i++)
                Assert.True(seen.Add(Convert.ToHexString(((GlyphSplit)split).Picture(i))));
        }
    }

    [Fact]
    public void Classes_are_balanced_and_shapes_are_as_told()
    {
        using var glyphs = new Glyphs(Few with { Size = 20 });
        var batch = glyphs.Train.Read(All(glyphs.Train));
        Assert.Equal([200, 1, 20, 20], batch.InputShape);
        Assert.Equal([1, 20, 20], glyphs.SampleShape);
        Assert.Equal(10, glyphs.Classes);
        Assert.Null(batch.Tokens);
        Assert.All(batch.Targets.CountBy(target => target), pair => Assert.Equal(20, pair.Value));
        Assert.InRange(batch.Images!.Average(), -0.3, 0.3);
        Assert.Throws<ArgumentOutOfRangeException>(() => glyphs.Train.Read([200]));
        Assert.Throws<ArgumentException>(() => glyphs.Train.Read([1, 2], [1]));
    }

    [Fact]
    public void The_digest_tells_settings_apart()
    {
        GlyphSettings[] all =
            [Few, Few with { Seed = 2 }, Few with { Size = 32 }, Few with { TrainCount = 201 }, Few with { TestCount = 99 }];
        Assert.Equal(all.Length, all.Select(settings => Convert.ToHexString(new Glyphs(settings).Digest)).Distinct().Count());
    }

    [Theory]
    [InlineData(15, 10, 10, "data.size is 15; allowed is 16 to 128")]
    [InlineData(28, 0, 10, "data.trainCount is 0; allowed is 1 to 1000000")]
    [InlineData(28, 10, 1_000_001, "data.testCount is 1000001; allowed is 1 to 1000000")]
    [InlineData(128, 1_000_000, 10, "data: 1000000 + 10 glyphs of 128 x 128 pixels do not fit in memory")]
    public void Wrong_settings_are_named(int size, int train, int test, string message) =>
        Assert.Equal(message, Assert.Throws<DataException>(() => new Glyphs(new GlyphSettings(1, size, train, test))).Message);

    static long[] All(IDataSplit split) => [.. Enumerable.Range(0, (int)split.Count).Select(i => (long)i)];
}
