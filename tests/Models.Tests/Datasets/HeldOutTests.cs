using DecentralizedLion.Models.Datasets;

namespace DecentralizedLion.Models.Tests.Datasets;

public sealed class HeldOutTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(5, 0.1)]
    [InlineData(8, 0.25)]
    [InlineData(1, 0.5)]
    public void No_token_of_the_validation_part_is_trained_or_tested_on(int context, double share)
    {
        // Each byte says where in the text it is.
        folder.Write("text", [.. Enumerable.Range(0, 250).Select(at => (byte)at)]);
        using var data = new HeldOutDataset(TokenDataset.Text(folder.File("text"), context), share);
        var (train, validation, test) = (Tokens(data.Train), Tokens(data.Validation), Tokens(data.Test));
        Assert.Empty(train.Intersect(validation));
        Assert.Empty(test.Intersect(validation.Concat(train)));
        Assert.Equal(0, train.Min());
        Assert.True(train.Max() < validation.Min() && validation.Max() < test.Min());
        Assert.InRange(validation.Count, (share * 225) - (2 * context) - 2, (share * 225) + 2);
        Assert.InRange(train.Count, 225 - (share * 225) - context - 2, 225 - (share * 225) + 2);
    }

    [Fact]
    public void Images_are_cut_with_their_classes()
    {
        var settings = new GlyphSettings { Size = 16, TrainCount = 50, TestCount = 10 };
        using var all = new Glyphs(settings);
        using var data = new HeldOutDataset(new Glyphs(settings), 0.3);
        Assert.Equal((35, 15, 10), (data.Train.Count, data.Validation.Count, data.Test.Count));
        Assert.Equal(all.Train.Labels()!, data.Train.Labels()!.Concat(data.Validation.Labels()!));
        Assert.Equal(all.Train.Read([37, 35]).Images, data.Validation.Read([2, 0]).Images);
        Assert.Equal(all.Train.Read([37, 35]).Targets, data.Validation.Read([2, 0]).Targets);
        Assert.Equal(all.Digest, data.Digest);
        Assert.Throws<ArgumentOutOfRangeException>(() => data.Train.Read([35]));
        Assert.Throws<ArgumentOutOfRangeException>(() => data.Validation.Read([-1]));
    }

    [Fact]
    public void Training_pictures_are_varied_as_without_a_cut_and_validation_pictures_not_at_all()
    {
        folder.Write("data_batch_1.bin", CifarTests.Records(3, 1, 4, 1, 5));
        folder.Write("test_batch.bin", CifarTests.Records(2));
        var settings = new DataSettings("cifar10", folder.Path, Augment: true);
        using var all = settings.Open();
        using var data = new HeldOutDataset(settings.Open(), 0.4);
        Assert.Equal(all.Train.Read([0, 1], [7, 8]).Images, data.Train.Read([0, 1], [7, 8]).Images);
        Assert.Equal(all.Train.Read([data.Train.Count]).Images, data.Validation.Read([0]).Images);
    }

    [Theory]
    [InlineData(4, 0.1)]
    [InlineData(1, 0.9)]
    public void Too_few_samples_are_refused(int count, double share) => CifarTests.Expect(
        () => new HeldOutDataset(new Glyphs(new GlyphSettings { Size = 16, TrainCount = count, TestCount = 1 }), share),
        $"{count} samples to train on cannot be cut", "expected more samples, or another share");

    /// <summary>All tokens of a part, inputs and targets.</summary>
    static HashSet<long> Tokens(IDataSplit split)
    {
        var batch = split.Read([.. Enumerable.Range(0, (int)split.Count).Select(at => (long)at)]);
        return [.. batch.Tokens!, .. batch.Targets];
    }
}
