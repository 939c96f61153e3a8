using System.Text;
using DecentralizedLion.Peer.Cli.Dashboard.Reading;
using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Peer.Tests.Cli.Dashboard;

public sealed class FileTailTests : IDisposable
{
    readonly TemporaryFolder folder = new();
    readonly List<(string Text, long Offset)> lines = [];
    readonly FileTail tail;

    public FileTailTests() => tail = new FileTail(folder.File("lines"), FileTail.NewBuffer());

    public void Dispose() => folder.Dispose();

    bool Read(long bytesMax = long.MaxValue) =>
        tail.TryRead(bytesMax, (line, offset) => lines.Add((Encoding.UTF8.GetString(line), offset)));

    void Append(string text) => File.AppendAllText(tail.Path, text);

    [Fact]
    public void Each_line_is_read_once_and_a_last_one_without_an_end_not_yet()
    {
        Assert.True(Read());
        Append("one\ntwo\nthr");
        Assert.True(Read());
        Assert.Equal([("one", 0), ("two", 4)], lines);
        Append("ee\n");
        Assert.True(Read());
        Assert.Equal(("three", 8), lines[^1]);
        Assert.True(Read());
        Assert.Equal(3, lines.Count);
    }

    [Fact]
    public void Much_is_read_in_pieces()
    {
        var text = string.Concat(Enumerable.Range(0, 50_000).Select(i => $"line {i}\n"));
        Append(text);
        var pieces = 0;
        for (; tail.Position < text.Length; pieces++)
            Assert.True(Read(bytesMax: 100_000));
        Assert.InRange(pieces, 4, 8);
        Assert.Equal(text, string.Concat(lines.Select(line => line.Text + "\n")));
        Assert.All(lines, line => Assert.Equal(line.Text + "\n", text.Substring((int)line.Offset, line.Text.Length + 1)));
    }

    [Fact]
    public void A_file_that_was_cut_off_or_replaced_is_begun_anew()
    {
        Append("a first line\n");
        Assert.True(Read());
        File.WriteAllText(tail.Path, "short\n");
        Assert.False(Read());
        Assert.True(Read());
        Assert.Equal(("short", 0), lines[^1]);
        File.WriteAllText(tail.Path, "other\nand more than before\n");
        Assert.False(Read());
        Assert.True(Read());
        Assert.Equal(["other", "and more than before"], lines.TakeLast(2).Select(line => line.Text));
        File.Delete(tail.Path);
        Assert.False(Read());
        Assert.True(Read());
    }

    [Fact]
    public void A_line_longer_than_any_is_passed_over()
    {
        Append($"before\n{new string('x', BoundedLines.LengthMax * 2)}\nafter\n");
        while (tail.Position < new FileInfo(tail.Path).Length)
            Assert.True(Read());
        Assert.Equal(["before", "after"], lines.Select(line => line.Text));
    }

    [Fact]
    public void Lines_are_read_again_from_one_on()
    {
        Append("one\ntwo\nthree\n");
        Read();
        var again = new List<string>();
        tail.ReadFrom(lines[1].Offset, line =>
        {
            again.Add(Encoding.UTF8.GetString(line));
            return again.Count < 2;
        });
        Assert.Equal(["two", "three"], again);
    }
}
