using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using DecentralizedLion.Models.Datasets;
using DecentralizedLion.Peer.Cli;
using DecentralizedLion.Peer.Cli.Generate;
using DecentralizedLion.Peer.Cli.Tokenize;

namespace DecentralizedLion.Peer.Tests.Cli.Tokenize;

public sealed class TokenizeTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Tokens_are_those_of_GPT_2() =>
        Assert.Equal([15496, 995, 11, 836, 470, 198, 50256], new Gpt2Tokenizer().Encode("Hello world, don't\n<|endoftext|>"));

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(1000)]
    public void Pieces_have_together_the_tokens_of_the_whole(int wanted)
    {
        var text = Nasty(new Random(wanted), 60_000);
        using var pieces = new TextPieces(Write("text", text));
        var tokenizer = new Gpt2Tokenizer();
        var (tokens, count) = (new List<int>(), 0);
        while (pieces.Next(wanted) is { Length: > 0 } piece)
        {
            tokens.AddRange(tokenizer.Encode(piece));
            count++;
        }
        Assert.InRange(count, 10, text.Length);
        Assert.Equal(tokenizer.Encode(text), tokens);
    }

    [Fact]
    public void A_text_without_any_space_is_cut_and_no_character_in_two()
    {
        // Every cut at an even place would split one.
        var text = "a" + string.Concat(Enumerable.Repeat("😀", TextPieces.LengthMax));
        using var pieces = new TextPieces(Write("text", text));
        var read = new StringBuilder();
        while (pieces.Next(1) is { Length: > 0 } piece)
        {
            Assert.False(char.IsHighSurrogate(piece[^1]));
            Assert.InRange(piece.Length, 1, TextPieces.LengthMax + 1);
            read.Append(piece);
        }
        Assert.Equal(text, read.ToString());
    }

    [Fact]
    public void What_is_written_is_a_data_set_with_the_last_share_to_test_on()
    {
        var text = Nasty(new Random(5), 200_000);
        var (isDone, said) = Run([Write("text", "\uFEFF" + text)]);
        Assert.True(isDone);
        var (train, test) = (Tokens("train.bin"), Tokens("val.bin"));
        Assert.Equal(
            $"{folder.File("out/train.bin")}  {train.Length} tokens\n{folder.File("out/val.bin")}  {test.Length} tokens\n",
            said.ReplaceLineEndings("\n"));
        Assert.Equal(text, new Gpt2Tokenizer().Decode([.. train, .. test]));
        var tested = (double)Encoding.UTF8.GetByteCount(new Gpt2Tokenizer().Decode(test)) / Encoding.UTF8.GetByteCount(text);
        Assert.Equal(0.1, tested, 0.001);
        using var data = TokenDataset.Tokens(folder.File("out"), 8, Gpt2Tokenizer.Vocabulary);
        Assert.Equal(train[..8].Select(token => (long)token), data.Train.Read([0]).Tokens!);
        Assert.Equal(["train.bin", "val.bin"], Directory.GetFiles(folder.File("out")).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void The_JSON_has_the_numbers_of_tokens()
    {
        using var output = new StringWriter();
        Assert.True(new Tokenization(Options([Write("text", Nasty(new Random(5), 20_000))]) with { Json = true }, output,
            TextWriter.Null, new(TextWriter.Null, null, TimeProvider.System)).Run(default));
        var files = JsonDocument.Parse(output.ToString()).RootElement.GetProperty("files");
        Assert.Equal(
            [(folder.File("out/train.bin"), Tokens("train.bin").Length), (folder.File("out/val.bin"), Tokens("val.bin").Length)],
            files.EnumerateArray().Select(one => (one.GetProperty("file").GetString(), one.GetProperty("tokens").GetInt32())));
    }

    [Fact]
    public void Between_two_texts_is_the_token_that_ends_one()
    {
        Run([Write("one", string.Concat(Enumerable.Repeat("one ", 100))), Write("two", "two two"),
            Write("three", "three three")]);
        var all = Tokens("train.bin").Concat(Tokens("val.bin")).ToArray();
        Assert.Equal(2, all.Count(token => token == Gpt2Tokenizer.EndOfText));
        Assert.EndsWith("one <|endoftext|>two two<|endoftext|>three three", new Gpt2Tokenizer().Decode(all));
    }

    [Fact]
    public void Files_that_are_there_are_replaced_only_when_that_is_asked_for()
    {
        var text = Write("text", string.Concat(Enumerable.Repeat("a text ", 100)));
        Run([text]);
        var before = Tokens("val.bin");
        Assert.Contains("train.bin is there already; --force replaces it",
            Assert.Throws<UsageException>(() => Run([text])).Message);
        Assert.True(Run([text], force: true, validation: 0.5).IsDone);
        Assert.True(Tokens("val.bin").Length > before.Length);
    }

    [Fact]
    public void What_cannot_be_tokenized_is_named_and_nothing_is_written()
    {
        File.WriteAllBytes(folder.File("latin"), [0x61, 0x20, 0xe4, 0x20]);
        Assert.StartsWith($"{folder.File("latin")} is not a UTF-8 text: ",
            Assert.Throws<DataException>(() => Run([folder.File("latin")])).Message);
        Assert.Equal($"{Write("short", "short")}: 5 bytes make 1 tokens to train on and 0 to test on; expected some of both",
            Assert.Throws<DataException>(() => Run([folder.File("short")])).Message);
        Assert.Equal($"FILE: \"{folder.File("nowhere")}\" does not exist",
            Assert.Throws<UsageException>(() => Run([folder.File("nowhere")])).Message);
        Assert.Contains("is a folder; allowed is a text", Assert.Throws<UsageException>(() => Run([folder.Path])).Message);
        Assert.Contains("is a file; allowed is a folder",
            Assert.Throws<UsageException>(() => Run([folder.File("short")], folder.File("latin"))).Message);
        Assert.False(Directory.Exists(folder.File("out")) && Directory.EnumerateFiles(folder.File("out")).Any());
    }

    [Fact]
    public void One_that_is_stopped_leaves_nothing()
    {
        var (isDone, said) = Run([Write("text", "a b c")], stop: new CancellationToken(canceled: true));
        Assert.False(isDone);
        Assert.Contains("nothing was written", said);
        Assert.Empty(Directory.GetFiles(folder.File("out")));
    }

    [Fact]
    public void A_long_text_has_progress_told()
    {
        using var progress = new StringWriter();
        var text = Write("text", Nasty(new Random(1), 400_000));
        Assert.True(new Tokenization(Options([text]), TextWriter.Null, TextWriter.Null,
            new(progress, null, new HurriedTime())).Run(default));
        Assert.Matches("^[0-9.]+ %  .* tokens", progress.ToString());
    }

    [Fact]
    public void Characters_of_several_tokens_are_written_when_they_are_whole()
    {
        var text = new Gpt2Text();
        const string Written = "naïve 😀 日本語 🦁!";
        Assert.Equal(Written, Encoding.UTF8.GetString([.. text.Encode(Written).SelectMany(token =>
        {
            var bytes = text.Decode(token);
            Assert.DoesNotContain("\uFFFD", Encoding.UTF8.GetString(bytes));
            return bytes;
        })]));
        // Bytes that make no character do not hold the rest up.
        var broken = text.Encode("😀")[0];
        Assert.Equal(3, Enumerable.Range(0, 4).Count(_ => text.Decode(broken).Length == 0));
    }

    (bool IsDone, string Said) Run(string[] files, string? folderOf = null, bool force = false, double validation = 0.1,
        CancellationToken stop = default)
    {
        using var output = new StringWriter();
        var options = Options(files) with { Force = force, Validation = validation, Out = folderOf ?? folder.File("out") };
        var isDone = new Tokenization(options, output, TextWriter.Null, new(TextWriter.Null, null, TimeProvider.System))
            .Run(stop);
        return (isDone, output.ToString());
    }

    TokenizeOptions Options(string[] files) => new() { Files = files, Out = folder.File("out") };

    int[] Tokens(string name) =>
        [.. MemoryMarshal.Cast<byte, ushort>(File.ReadAllBytes(Path.Combine(folder.File("out"), name))).ToArray()
            .Select(token => (int)token)];

    string Write(string name, string text)
    {
        File.WriteAllText(folder.File(name), text);
        return folder.File(name);
    }

    /// <summary>Words, numbers, contractions, symbols and spaces of all kinds, many in a row.</summary>
    static string Nasty(Random random, int length)
    {
        string[] parts = ["word", "Ünïcödé", "don't", "I'll", "'s", "12345", "!?", "...", " ", "  ", "   ", "\n", "\n\n", "\r\n",
            "\t", "\u00a0", "\u3000", "日本語", "😀", "<|endoftext|>", "-", "a"];
        var text = new StringBuilder();
        while (text.Length < length)
            text.Append(parts[random.Next(parts.Length)]);
        return text.ToString();
    }

    /// <summary>A clock on which a minute passes between two looks.</summary>
    sealed class HurriedTime : TimeProvider
    {
        long now;

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => now += 60;
    }
}
