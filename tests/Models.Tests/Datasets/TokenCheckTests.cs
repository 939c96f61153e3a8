using System.Runtime.InteropServices;
using DecentralizedLion.Models.Datasets;
using DecentralizedLion.Models.Sampling;

namespace DecentralizedLion.Models.Tests.Datasets;

public sealed class TokenCheckTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("train.bin", 0)]
    [InlineData("train.bin", 3000)]
    [InlineData("train.bin", 699_999)]
    [InlineData("val.bin", 12_345)]
    public void One_bad_token_anywhere_is_named_before_the_first_step(string name, int at)
    {
        folder.Write("train.bin", Bytes(Tokens(700_000, 300)));
        folder.Write("val.bin", Bytes(Tokens(20_000, 300)));
        Check(300);
        var tokens = Tokens(name == "train.bin" ? 700_000 : 20_000, 300);
        tokens[at] = 300;
        folder.Write(name, Bytes(tokens));
        CifarTests.Expect(() => Check(300), folder.File(name),
            $"token {at} (at byte {2 * at}) is 300; allowed is 0 to 299 (data.vocabulary is 300)",
            $"1 of its {tokens.Length} tokens are too large, the largest is 300");
        Check(301);
    }

    [Fact]
    public void A_file_for_another_vocabulary_is_told_by_its_largest_token()
    {
        folder.Write("train.bin", Bytes(Tokens(5000, 1000)));
        folder.Write("val.bin", Bytes(Tokens(5000, 300)));
        CifarTests.Expect(() => Check(300), "it is of a vocabulary of at least 1000 (then set data.vocabulary to it)");
    }

    [Theory]
    [InlineData(4, 65)]
    [InlineData(4, 50_257)]
    [InlineData(4, 128_256)]
    [InlineData(8, 50_257)]
    public void Wider_numbers_are_recognised(int width, int vocabulary)
    {
        foreach (var count in new[] { 2000, 2001, 100_003 })
        {
            var wide = new byte[count * width];
            for (var i = 0; i < count; i++)
                BitConverter.TryWriteBytes(wide.AsSpan(i * width), Token(i, vocabulary));
            folder.Write("train.bin", wide);
            folder.Write("val.bin", Bytes(Tokens(5000, 50_000)));
            CifarTests.Expect(() => Check(65_536), folder.File("train.bin"), $"is of {8 * width}-bit numbers", $"'<u{width}'");
        }
    }

    [Fact]
    public void Big_endian_tokens_floating_point_ones_and_a_single_one_are_recognised()
    {
        var tokens = Tokens(5000, 50_257);
        folder.Write("val.bin", Bytes(Tokens(5000, 50_257, 1)));
        var swapped = tokens.Select(System.Buffers.Binary.BinaryPrimitives.ReverseEndianness).ToArray();
        folder.Write("train.bin", Bytes(swapped));
        CifarTests.Expect(() => Check(50_257), folder.File("train.bin"), "is of big-endian numbers", "'>u2'");
        foreach (var vocabulary in new[] { 65, 50_257, 65_536 })
        {
            var floats = Tokens(5000, vocabulary).Select(token => (float)token).ToArray();
            folder.Write("train.bin", MemoryMarshal.AsBytes(floats.AsSpan()).ToArray());
            CifarTests.Expect(() => Check(65_536), folder.File("train.bin"), "is of 32-bit floating-point numbers", "'<f4'");
        }
        folder.Write("train.bin", Bytes(new ushort[5000]));
        CifarTests.Expect(() => Check(50_257), $"{folder.File("train.bin")}: all 5000 tokens are 0");
    }

    [Fact]
    public void Tokens_to_test_on_are_not_those_to_train_on()
    {
        folder.Write("train.bin", Bytes(Tokens(5000, 300)));
        File.CreateSymbolicLink(folder.File("val.bin"), folder.File("train.bin"));
        CifarTests.Expect(() => Check(300), $"{folder.File("val.bin")} is the same as {folder.File("train.bin")}");
    }

    [Fact]
    public void Tokens_of_16_bits_are_never_taken_for_wider_ones()
    {
        foreach (var vocabulary in new[] { 2, 3, 5, 10, 65, 300, 50_257, 65_536 })
            foreach (var count in new[] { 30, 64, 65, 127, 1000, 4099 })
                for (var seed = 0; seed < 20; seed++)
                {
                    folder.Write("train.bin", Bytes(Tokens(count, vocabulary, seed)));
                    folder.Write("val.bin", Bytes(Tokens(count, vocabulary, seed + 100)));
                    Check(vocabulary);
                }
    }

    [Fact]
    public void The_digest_is_what_it_was_before_there_was_a_check()
    {
        folder.Write("train.bin", Bytes(Tokens(600_000, 300)));
        folder.Write("val.bin", Bytes(Tokens(20_000, 300)));
        using var hash = DigestWriter.Start("tokens");
        hash.Add(300);
        foreach (var name in new[] { "train.bin", "val.bin" })
        {
            var bytes = File.ReadAllBytes(folder.File(name));
            hash.Add(bytes.Length);
            hash.AppendData(bytes);
        }
        Assert.Equal(hash.GetHashAndReset(), Check(300));
    }

    [Fact]
    public void A_check_is_remembered_until_a_file_changes()
    {
        var remembered = new DataCheckOptions { File = folder.File(DataCheckOptions.FileName) };
        folder.Write("val.bin", Bytes(Tokens(20_000, 300)));
        var path = folder.Write("train.bin", Bytes(Tokens(700_000, 300)));
        var digest = Check(300, remembered);
        Assert.Equal(digest, Check(300));

        // A byte between the pieces that are compared, with the time put back: found by who reads all of it, and by no other.
        var time = File.GetLastWriteTimeUtc(path);
        Change(path, 10_001);
        File.SetLastWriteTimeUtc(path, time);
        Assert.Equal(digest, Check(300, remembered));
        Assert.NotEqual(digest, Check(300));

        // With its own time it is another file; and so it is with the old time and another content.
        Assert.NotEqual(digest, Check(299 + 2, remembered));
        File.SetLastWriteTimeUtc(path, time.AddSeconds(1));
        var changed = Check(300, remembered);
        Assert.Equal(changed, Check(300));
        folder.Write("train.bin", Bytes(Tokens(700_000, 300, seed: 1)));
        File.SetLastWriteTimeUtc(path, time.AddSeconds(1));
        Assert.NotEqual(changed, Check(300, remembered));
        Assert.Equal(Check(300), Check(300, remembered));

        var tokens = Tokens(700_000, 300);
        tokens[5] = 300;
        folder.Write("train.bin", Bytes(tokens));
        CifarTests.Expect(() => Check(300, remembered), "token 5 ");
    }

    [Fact]
    public void What_is_remembered_may_be_damaged_or_not_writable()
    {
        folder.Write("train.bin", Bytes(Tokens(5000, 300)));
        folder.Write("val.bin", Bytes(Tokens(5000, 300, 1)));
        var file = folder.File(DataCheckOptions.FileName);
        var digest = Check(300, new DataCheckOptions { File = file, IsReadOnly = true });
        Assert.False(File.Exists(file));
        foreach (var damaged in new[] { "", "{", "null", "[]", "{\"Version\":1}", "{\"Version\":1,\"Files\":[null]}" })
        {
            File.WriteAllText(file, damaged);
            Assert.Equal(digest, Check(300, new DataCheckOptions { File = file }));
            Assert.Contains(Convert.ToHexStringLower(digest), File.ReadAllText(file), StringComparison.Ordinal);
        }
        var told = new List<string>();
        var within = Path.Combine(folder.File("val.bin"), "x"); // a file where a folder should be
        Assert.Equal(digest, Check(300, new DataCheckOptions { File = within, Report = told.Add }));
        Assert.Contains("cannot be written", Assert.Single(told), StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_check_says_how_far_it_is()
    {
        folder.Write("train.bin", Bytes(Tokens(3_000_000, 300)));
        folder.Write("val.bin", Bytes(Tokens(5000, 300)));
        var told = new List<string>();
        Check(300, new DataCheckOptions { Report = told.Add, Time = new SteppingTime() });
        Assert.Contains($"checking {folder.File("train.bin")}: ", told[0], StringComparison.Ordinal);
        Assert.StartsWith("the data are checked", told[^1], StringComparison.Ordinal);
        Assert.InRange(told.Count, 3, 7);
    }

    byte[] Check(int vocabulary, DataCheckOptions? options = null)
    {
        using var data = TokenDataset.Tokens(folder.Path, 2, vocabulary);
        data.Check(options ?? new DataCheckOptions());
        return data.Digest;
    }

    static void Change(string path, int at)
    {
        using var file = new FileStream(path, FileMode.Open);
        file.Seek(at & ~1, SeekOrigin.Begin);
        var old = file.ReadByte();
        file.Seek(at & ~1, SeekOrigin.Begin);
        file.WriteByte((byte)(old ^ 1)); // the low byte: below 300 stays below 300
    }

    static uint Token(int at, int vocabulary, int seed = 0) =>
        (uint)(SplitMix.Bits((ulong)seed, (ulong)at) % (ulong)vocabulary);

    /// <summary>Random tokens, the largest among them.</summary>
    static ushort[] Tokens(int count, int vocabulary, int seed = 0)
    {
        ushort[] tokens = [.. Enumerable.Range(0, count).Select(at => (ushort)Token(at, vocabulary, seed))];
        tokens[count / 3] = (ushort)(vocabulary - 1);
        return tokens;
    }

    static byte[] Bytes(ushort[] tokens) => MemoryMarshal.AsBytes<ushort>(tokens).ToArray();
}
