using System.Text;
using DecentralizedLion.Models.Datasets;
using DecentralizedLion.Models.Sampling;

namespace DecentralizedLion.Models.Tests.Datasets;

public sealed class TokenTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Text_is_split_by_position()
    {
        var path = folder.Write("text", [.. Enumerable.Range(0, 109).Select(i => (byte)(i + 100))]);
        using var data = TokenDataset.Text(path, 4);
        Assert.Equal([4], data.SampleShape);
        Assert.Equal((256, "text"), (data.Classes, data.Name));

        // 109 bytes: the last 10 are for testing, in windows of 4 and the byte after them.
        Assert.Equal(99 - 4, data.Train.Count);
        Assert.Equal(2, data.Test.Count);
        var batch = data.Train.Read([94, 0]);
        Assert.Null(batch.Images);
        Assert.Equal([2, 4], batch.InputShape);
        Assert.Equal([194, 195, 196, 197, 100, 101, 102, 103], batch.Tokens!);
        Assert.Equal([195, 196, 197, 198, 101, 102, 103, 104], batch.Targets);
        Assert.Equal([199, 200, 201, 202, 203, 204, 205, 206], data.Test.Read([0, 1]).Tokens!);
        Assert.Equal([200, 201, 202, 203, 204, 205, 206, 207], data.Test.Read([0, 1]).Targets);
        Assert.Throws<ArgumentOutOfRangeException>(() => data.Train.Read([95]));
        Assert.Throws<ArgumentOutOfRangeException>(() => data.Test.Read([2]));
    }

    [Fact]
    public void Windows_fit_for_every_length_and_context()
    {
        for (var length = 20; length <= 60; length++)
        {
            var path = folder.Write("text", [.. Enumerable.Range(0, length).Select(i => (byte)i)]);
            for (var context = 1; context < length / 10; context++)
            {
                using var data = TokenDataset.Text(path, context);
                Assert.Equal(length - (length / 10) - context, data.Train.Count);
                var last = data.Test.Read([data.Test.Count - 1]).Targets[^1];
                Assert.InRange(last, length - context, length - 1);
                Assert.Equal(length - (length / 10) - 1, data.Train.Read([data.Train.Count - 1]).Targets[^1]);
            }
        }
    }

    [Fact]
    public void Tokens_come_from_a_folder_or_one_file()
    {
        folder.Write("train.bin", Words(1, 2, 513, 65_535, 5));
        folder.Write("val.bin", Words(7, 8, 9));
        using var pair = TokenDataset.Tokens(folder.Path, 2, 65_536);
        Assert.Equal((3, 1), (pair.Train.Count, pair.Test.Count));
        Assert.Equal([513, 65_535], pair.Train.Read([2]).Tokens!);
        Assert.Equal([65_535, 5], pair.Train.Read([2]).Targets);
        Assert.Equal([8, 9], pair.Test.Read([0]).Targets);

        var path = folder.Write("all.bin", Words([.. Enumerable.Range(300, 40).Select(i => (ushort)i)]));
        using var single = TokenDataset.Tokens(path, 3, 340);
        Assert.Equal((33, 1), (single.Train.Count, single.Test.Count));
        Assert.Equal([336, 337, 338], single.Test.Read([0]).Tokens!);
        Assert.NotEqual(pair.Digest, single.Digest);
        Assert.Equal(single.Digest, single.Digest);
        using var wider = TokenDataset.Tokens(path, 3, 341);
        Assert.NotEqual(wider.Digest, single.Digest);
    }

    [Fact]
    public void A_token_outside_of_the_vocabulary_is_named_when_it_is_read()
    {
        var path = folder.Write("all.bin", Words([.. Enumerable.Range(0, 40).Select(i => (ushort)i)]));
        using var data = TokenDataset.Tokens(path, 3, 39);
        data.Train.Read([0, 32]);
        CifarTests.Expect(() => data.Test.Read([0]), path, "token 39 (at byte 78) is 39; allowed is 0 to 38");
    }

    [Fact]
    public void What_is_wrong_is_named()
    {
        var missing = folder.File("nothing");
        CifarTests.Expect(() => TokenDataset.Text(missing, 4), missing, "does not exist");
        CifarTests.Expect(() => TokenDataset.Text(folder.Path, 4), folder.Path, "is a folder; expected a text");
        CifarTests.Expect(() => TokenDataset.Text(folder.Write("empty"), 4), folder.File("empty"), "is empty");
        var text = folder.Write("text", Encoding.ASCII.GetBytes(new string('x', 100)));
        CifarTests.Expect(() => TokenDataset.Text(text, 95), text,
            "90 tokens to train on (the first nine tenths of it); expected at least 96");
        CifarTests.Expect(() => TokenDataset.Text(text, 10), text,
            "10 tokens to test on (the last tenth of it); expected at least 11");
        CifarTests.Expect(() => TokenDataset.Text(text, 0), "context is 0; allowed is 1 to 1048576");
        CifarTests.Expect(() => TokenDataset.Tokens(folder.Path, 4, 100), folder.File("train.bin"), "does not exist");
        folder.Write("train.bin", new byte[99]);
        CifarTests.Expect(() => TokenDataset.Tokens(folder.Path, 4, 100), folder.File("val.bin"), "does not exist");
        folder.Write("val.bin", new byte[20]);
        CifarTests.Expect(() => TokenDataset.Tokens(folder.Path, 4, 100), folder.File("train.bin"), "99 bytes", "multiple of 2");
        CifarTests.Expect(() => TokenDataset.Tokens(folder.Path, 4, 65_537), "data.vocabulary is 65537");
    }

    [Theory]
    [InlineData("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a", "a pointer of Git LFS", "git lfs pull")]
    [InlineData("%PDF-1.7\n", "a PDF document", "pdftotext")]
    [InlineData("\u00ff\u00feT\0h\0e\0", "a text in UTF-16", "iconv")]
    [InlineData("\u00fd7zXZ\0", "packed with xz", "xz -d")]
    public void What_is_no_text_is_refused_with_the_thing_to_do(string start, string found, string remedy)
    {
        var file = folder.Write("text", Encoding.Latin1.GetBytes(start.PadRight(300, 'x')));
        CifarTests.Expect(() => TokenDataset.Text(file, 4), file, found, remedy);
        using var page = TokenDataset.Text(folder.Write("page", Encoding.ASCII.GetBytes("<html>".PadRight(300, 'x'))), 4);
        Assert.Equal(256, page.Classes); // somebody may mean to
    }

    [Fact]
    public void Settings_open_each_kind()
    {
        var text = folder.Write("text", new byte[100]);
        folder.Write("train.bin", new byte[100]);
        folder.Write("val.bin", new byte[102]);
        using var one = new DataSettings("text", text, Context: 8).Open();
        using var other = new DataSettings("tokens", folder.Path, Context: 8, Vocabulary: 10).Open();
        using var glyphs = new DataSettings("glyphs", Glyphs: new GlyphSettings(TrainCount: 10, TestCount: 10)).Open();
        Assert.Equal(("text", "tokens", "glyphs"), (one.Name, other.Name, glyphs.Name));
        CifarTests.Expect(() => new DataSettings("cifar").Open(), "data.kind is 'cifar'", "cifar10");
        foreach (var kind in new[] { "cifar10", "mnist", "fashion", "text", "tokens" })
        {
            CifarTests.Expect(() => new DataSettings(kind).Open(), "data.path is missing", kind);
            CifarTests.Expect(() => new DataSettings(kind, folder.File("nothing"), 8, 10).Open(), folder.File("nothing"));
        }
    }

    [Fact]
    public void A_real_text_is_read_where_it_is()
    {
        var path = TemporaryFolder.Shared("tinyshakespeare.txt")
            ?? folder.Write("text", [.. Enumerable.Range(0, 3000).Select(i => (byte)SplitMix.Bits((ulong)i))]);
        using var data = TokenDataset.Text(path, 64);
        var expected = File.ReadAllBytes(path);
        var batch = data.Train.Read([1000]);
        Assert.Equal(expected.AsSpan(1000, 64).ToArray(), batch.Tokens!.Select(token => (byte)token));
        Assert.Equal(expected.AsSpan(1001, 64).ToArray(), batch.Targets.Select(token => (byte)token));
        Assert.Equal(32, data.Digest.Length);
    }

    static byte[] Words(params ushort[] tokens) =>
        [.. tokens.SelectMany(token => new[] { (byte)token, (byte)(token >> 8) })];
}
