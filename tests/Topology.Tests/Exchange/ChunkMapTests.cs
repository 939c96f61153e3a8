using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Topology.Exchange;
using FsCheck.Xunit;

namespace DecentralizedLion.Topology.Tests.Exchange;

public sealed class ChunkMapTests
{
    [Property(MaxTest = 300)]
    public void Segments_cover_every_word_exactly_once_in_order(int seed)
    {
        var random = new Random(seed);
        int parameters = random.Next(3) == 0 ? random.Next(1, 300) : random.Next(1, 5_000_000), chunks = random.Next(1, 257);
        var map = new ChunkMap(parameters, chunks, random.Next(2) * random.Next(1, 5000));

        int next = 0;
        for (int chunk = 0; chunk < chunks; chunk++)
        {
            WordRange whole = map.Chunk(chunk);
            Assert.Equal(next, whole.Start);
            Assert.InRange(map.Segments(chunk), 1, int.MaxValue);
            for (int segment = 0; segment < map.Segments(chunk); segment++)
            {
                WordRange range = map.Segment(chunk, segment);
                Assert.Equal(next, range.Start);
                Assert.InRange(range.Length, whole.Length == 0 ? 0 : 1, map.SegmentWords);
                Assert.True(segment == map.Segments(chunk) - 1 || range.Length == map.SegmentWords);
                next = range.End;
            }
            Assert.Equal(whole.End, next);
        }
        Assert.Equal(BitPlanes.Words(parameters), next);
        Assert.Equal(next, map.Words);
    }

    [Property(MaxTest = 100)]
    public void Chunks_differ_by_at_most_one_word(int seed)
    {
        var random = new Random(seed);
        var map = new ChunkMap(random.Next(1, 1_000_000), random.Next(1, 257));
        int[] lengths = [.. Enumerable.Range(0, map.Chunks).Select(chunk => map.Chunk(chunk).Length)];
        Assert.InRange(lengths.Max() - lengths.Min(), 0, 1);
    }

    [Theory]
    [InlineData(1, 4, 0, new[] { 0, 0, 0, 1 }, new[] { 1, 1, 1, 1 })] // one word, four members: every chunk is heard of
    [InlineData(64 * 8, 2, 2, new[] { 4, 4 }, new[] { 2, 2 })]
    [InlineData(64 * 9, 2, 2, new[] { 4, 5 }, new[] { 2, 3 })]
    [InlineData(64 * 4096, 1, 0, new[] { 4096 }, new[] { 4 })]
    [InlineData(64 * 64, 1, 0, new[] { 64 }, new[] { 1 })]
    public void Lengths_and_segment_counts(int parameters, int chunks, int segmentWords, int[] lengths, int[] segments)
    {
        var map = new ChunkMap(parameters, chunks, segmentWords);
        Assert.Equal(lengths, Enumerable.Range(0, chunks).Select(chunk => map.Chunk(chunk).Length));
        Assert.Equal(segments, Enumerable.Range(0, chunks).Select(map.Segments));
    }

    [Fact]
    public void Only_the_last_word_has_a_tail()
    {
        var map = new ChunkMap(64 * 3 + 5, 2, 1);
        Assert.Equal(ulong.MaxValue, map.TailMask(map.Segment(0, 1)));
        Assert.Equal(ulong.MaxValue, map.TailMask(map.Segment(1, 0)));
        Assert.Equal(0b11111UL, map.TailMask(map.Segment(1, 1)));
    }

    [Theory]
    [InlineData(0, 1, 0)]
    [InlineData(1, 0, 0)]
    [InlineData(1, 1, -1)]
    public void Nonsense_is_refused(int parameters, int chunks, int segmentWords) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new ChunkMap(parameters, chunks, segmentWords));
}
