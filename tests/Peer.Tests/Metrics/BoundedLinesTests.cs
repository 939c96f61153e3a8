using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Peer.Tests.Metrics;

public class BoundedLinesTests
{
    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("a\n")]
    [InlineData("a\nb\r\n\nc")]
    [InlineData("\n\n")]
    public void Lines_are_those_of_any_reader(string text)
    {
        var expected = new List<string>();
        using var plain = new StringReader(text);
        while (plain.ReadLine() is { } line)
            expected.Add(line);
        Assert.Equal(expected, BoundedLines.Of(new StringReader(text)));
    }

    [Fact]
    public void Lines_across_buffers_are_whole_and_one_too_long_is_left_out()
    {
        string longest = new('x', BoundedLines.LengthMax), text = $"{longest}\nbefore\n{longest}y\nafter\n{longest}yy";
        Assert.Equal([longest, "before", "after"], BoundedLines.Of(new StringReader(text)));
    }

    [Fact]
    public void A_line_without_end_takes_no_memory()
    {
        using var endless = new Endless(1L << 31);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Empty(BoundedLines.Of(endless));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 16L * BoundedLines.LengthMax);
    }

    sealed class Endless(long rest) : TextReader
    {
        public override int Read(char[] buffer, int index, int count)
        {
            count = (int)Math.Min(count, rest);
            rest -= count;
            Array.Fill(buffer, 'x', index, count);
            return count;
        }
    }
}
