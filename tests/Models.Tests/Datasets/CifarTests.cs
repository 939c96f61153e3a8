using DecentralizedLion.Models.Datasets;
using DecentralizedLion.Models.Sampling;

namespace DecentralizedLion.Models.Tests.Datasets;

public sealed class CifarTests : IDisposable
{
    const int Record = 3073;
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Files_are_read_in_the_order_of_their_names()
    {
        folder.Write("data_batch_2.bin", Records(7, 8, 9));
        folder.Write("data_batch_1.bin", Records(3, 4));
        folder.Write("test_batch.bin", Records(5));
        using var data = new Cifar10(folder.Path);
        Assert.Equal((5, 1), (data.Train.Count, data.Test.Count));
        var batch = data.Train.Read([4, 0, 2]);
        Assert.Equal([3, 3, 32, 32], batch.InputShape);
        Assert.Equal([9, 3, 7], batch.Targets);
        Assert.Equal([5], data.Test.Read([0]).Targets);
        var expected = Records(9);
        (float Mean, float Deviation)[] scales = [(0.4914f, 0.2470f), (0.4822f, 0.2435f), (0.4465f, 0.2616f)];
        for (var i = 0; i < 3072; i++)
            Assert.Equal(((expected[1 + i] / 255f) - scales[i / 1024].Mean) / scales[i / 1024].Deviation, batch.Images![i]);
        Assert.Equal(data.Train.Read([4, 0, 2]).Images!, data.Train.Read([4, 0, 2], [7, 8, 9]).Images!);
        Assert.Throws<ArgumentOutOfRangeException>(() => data.Train.Read([5]));
        Assert.Throws<ArgumentOutOfRangeException>(() => data.Train.Read([-1]));
    }

    [Fact]
    public void The_digest_is_of_the_records()
    {
        folder.Write("data_batch_1.bin", Records(3, 4, 5));
        folder.Write("test_batch.bin", Records(6));
        var one = DigestOf();
        folder.Write("data_batch_1.bin", Records(3));
        folder.Write("data_batch_2.bin", Records(4, 5));
        Assert.Equal(one, DigestOf());
        folder.Write("data_batch_2.bin", Records(5, 4));
        Assert.NotEqual(one, DigestOf());
        folder.Write("data_batch_2.bin", Records(4));
        folder.Write("test_batch.bin", Records(5, 6));
        Assert.NotEqual(one, DigestOf());
    }

    [Fact]
    public void Training_images_vary_with_the_position_and_nothing_else()
    {
        folder.Write("data_batch_1.bin", Records(1, 2));
        folder.Write("test_batch.bin", Records(3));
        using var data = new Cifar10(folder.Path, new Augmentation(5, Flip: true, Shift: 4));
        using var again = new Cifar10(folder.Path, new Augmentation(5, Flip: true, Shift: 4));
        var plain = data.Train.Read([0]).Images!;
        var kinds = new HashSet<Variation>();
        for (var position = 0; position < 4000; position++)
        {
            var variation = new Augmentation(5, Flip: true, Shift: 4).At(position);
            kinds.Add(variation);
            if (position >= 40)
                continue;
            var varied = data.Train.Read([1, 0], [position + 9, position]).Images.AsSpan(3072).ToArray();
            Assert.Equal(varied, again.Train.Read([0], [position]).Images!);
            Assert.Equal(Vary(plain, variation), varied);
        }
        Assert.Equal(2 * 9 * 9, kinds.Count);
        Assert.Equal((4, -4), (kinds.Max(kind => kind.Down), kinds.Min(kind => kind.Right)));
        Assert.Equal(data.Test.Read([0]).Images!, data.Test.Read([0], [3]).Images!);
    }

    [Fact]
    public void What_is_wrong_is_named()
    {
        var missing = folder.File("nothing");
        Expect(() => new Cifar10(missing), missing, "does not exist");
        Expect(() => new Cifar10(" "), "data.path is ' '");
        Expect(() => new Cifar10(folder.Path), folder.File("data_batch_*.bin"), "expected at least one");
        var train = folder.Write("data_batch_1.bin", Records(1));
        Expect(() => new Cifar10(train), train, "is a file; expected a folder");
        Expect(() => new Cifar10(folder.Path), folder.File("test_batch.bin"), "does not exist");
        var test = folder.Write("test_batch.bin");
        Expect(() => new Cifar10(folder.Path), test, "is empty");
        folder.Write("test_batch.bin", Records(1, 2)[..^1]);
        Expect(() => new Cifar10(folder.Path), test, "has 6145 bytes", "multiple of 3073");
        folder.Write("test_batch.bin", Records(1, 10));
        Expect(() => new Cifar10(folder.Path), test, "record 1 has the label 10; expected 0 to 9");
        File.Delete(test);
        Directory.CreateDirectory(test);
        Expect(() => new Cifar10(folder.Path), test, "is a folder");
    }

    [Fact]
    public void A_missing_batch_is_named()
    {
        folder.Write("test_batch.bin", Records(5));
        foreach (var number in new[] { 1, 2, 4, 5 })
            folder.Write($"data_batch_{number}.bin", Records(number));
        Expect(() => new Cifar10(folder.Path), folder.File("data_batch_3.bin"), "does not exist, and data_batch_5.bin does");
        folder.Write("data_batch_3.bin", Records(3));
        Assert.Empty(NotesOf());
        File.Delete(folder.File("data_batch_5.bin"));
        Assert.Contains("data_batch_5.bin is not there; training goes by 4 of", Assert.Single(NotesOf()),
            StringComparison.Ordinal);
        File.Delete(folder.File("data_batch_4.bin"));
        Assert.Contains("data_batch_4.bin, data_batch_5.bin are not there", Assert.Single(NotesOf()), StringComparison.Ordinal);
    }

    [Fact]
    public void Another_version_or_a_packed_file_is_named()
    {
        folder.Write("cifar-10-binary.tar.gz", 1);
        Expect(() => new Cifar10(folder.Path), $"unpack {folder.File("cifar-10-binary.tar.gz")} first");
        folder.Write("data_batch_1", 1);
        Expect(() => new Cifar10(folder.Path), "the version for Python");
        Directory.CreateDirectory(folder.File("cifar-10-batches-bin"));
        Expect(() => new Cifar10(folder.Path), $"give the folder {folder.File("cifar-10-batches-bin")}");
        folder.Write("test_batch.bin", Records(5));
        var page = folder.Write("data_batch_1.bin", "<!DOCTYPE html><html><body>Not found</body></html>"u8.ToArray());
        Expect(() => new Cifar10(folder.Path), page, "is an HTML page; expected CIFAR-10 records");
    }

    [Fact]
    public void Real_images_are_read_where_they_are()
    {
        if (TemporaryFolder.Shared("cifar10") is not { } path)
        {
            // Elsewhere the same is said of made-up records.
            folder.Write("data_batch_1.bin", Records([.. Enumerable.Range(0, 100).Select(i => i % 10)]));
            folder.Write("test_batch.bin", Records([.. Enumerable.Range(0, 20).Select(i => i % 10)]));
            path = folder.Path;
        }
        using var data = new Cifar10(path);
        foreach (var split in new[] { data.Train, data.Test })
        {
            var batch = split.Read([.. Enumerable.Range(0, (int)Math.Min(split.Count, 2000)).Select(i => (long)i)]);
            Assert.InRange(batch.Images!.Average(), -0.2, 0.2);
            Assert.All(
                batch.Targets.CountBy(target => target),
                pair => Assert.InRange(pair.Value * 10.0 / batch.Targets.Length, 0.7, 1.3));
        }
    }

    internal static void Expect(Action action, params string[] parts)
    {
        var message = Assert.Throws<DataException>(action).Message;
        Assert.All(parts, part => Assert.Contains(part, message, StringComparison.Ordinal));
    }

    internal static byte[] Records(params int[] labels)
    {
        var bytes = new byte[labels.Length * Record];
        for (var i = 0; i < bytes.Length; i++)
        {
            var label = labels[i / Record];
            bytes[i] = i % Record == 0 ? (byte)label : (byte)SplitMix.Bits((ulong)label, (ulong)(i % Record));
        }
        return bytes;
    }

    static float[] Vary(float[] image, Variation variation)
    {
        var result = new float[image.Length];
        for (var i = 0; i < result.Length; i++)
        {
            var (y, x) = ((i / 32 % 32) - variation.Down, (i % 32) - variation.Right);
            if (y is >= 0 and < 32 && x is >= 0 and < 32)
                result[i] = image[(i / 1024 * 1024) + (y * 32) + (variation.Mirrored ? 31 - x : x)];
        }
        return result;
    }

    IReadOnlyList<string> NotesOf()
    {
        using var data = new Cifar10(folder.Path);
        return data.Notes;
    }

    string DigestOf()
    {
        using var data = new Cifar10(folder.Path);
        return Convert.ToHexString(data.Digest);
    }
}
