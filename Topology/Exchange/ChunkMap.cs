using DecentralizedLion.Codecs;

namespace DecentralizedLion.Topology.Exchange;

/// <summary>
/// How a vector is cut: into one chunk per member, on word boundaries, and each chunk into segments that travel on their own,
/// so that sending, adding and deciding overlap.
/// </summary>
public sealed class ChunkMap
{
    // Four segments hide a hop's latency; below 4 KiB a plane the envelope would cost more than it hides (section 12: 5 %);
    // above 128 KiB a plane a frame of three planes leaves the 256 KiB - 1 MiB that suits the sockets.
    const int SegmentsWanted = 4, FewestWords = 512, MostWords = 16 * 1024;

    readonly int words;

    /// <summary>Cuts a vector.</summary>
    /// <param name="parameters">Its length, in parameters.</param>
    /// <param name="chunks">The number of members.</param>
    /// <param name="segmentWords">Words of a segment, 0 for the default of this length.</param>
    public ChunkMap(int parameters, int chunks, int segmentWords = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(parameters);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(chunks);
        ArgumentOutOfRangeException.ThrowIfNegative(segmentWords);
        (Parameters, Chunks, words) = (parameters, chunks, BitPlanes.Words(parameters));
        int largest = (words + chunks - 1) / chunks;
        SegmentWords = segmentWords > 0
            ? segmentWords
            : Math.Clamp((largest + SegmentsWanted - 1) / SegmentsWanted, FewestWords, MostWords);
    }

    /// <summary>Length of the vector, in parameters.</summary>
    public int Parameters { get; }

    /// <summary>The number of chunks.</summary>
    public int Chunks { get; }

    /// <summary>Words of a full segment.</summary>
    public int SegmentWords { get; }

    /// <summary>Words of the whole vector.</summary>
    public int Words => words;

    /// <summary>The words of a chunk; may be empty when there are fewer words than members.</summary>
    public WordRange Chunk(int chunk)
    {
        int start = (int)((long)words * chunk / Chunks);
        return new WordRange(start, (int)((long)words * (chunk + 1) / Chunks) - start);
    }

    /// <summary>How many segments a chunk has: at least one, an empty one for an empty chunk, so that every chunk is heard of.</summary>
    public int Segments(int chunk) => Math.Max(1, (Chunk(chunk).Length + SegmentWords - 1) / SegmentWords);

    /// <summary>The words of one segment.</summary>
    public WordRange Segment(int chunk, int segment)
    {
        WordRange whole = Chunk(chunk);
        int start = segment * SegmentWords;
        return new WordRange(whole.Start + start, Math.Min(SegmentWords, whole.Length - start));
    }

    /// <summary>The valid bits of the last word of a range.</summary>
    public ulong TailMask(WordRange range) => range.End == words ? BitPlanes.TailMask(Parameters) : ulong.MaxValue;
}

/// <summary>A range of words of the whole vector.</summary>
public readonly record struct WordRange(int Start, int Length)
{
    /// <summary>One past its last word.</summary>
    public int End => Start + Length;
}
