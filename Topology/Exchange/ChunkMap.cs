using DecentralizedLion.Codecs.Reductions;

namespace DecentralizedLion.Topology.Exchange;

/// <summary>
/// The cut of one bucket of a step: into one chunk per member, on word boundaries, and each chunk into segments that travel on
/// their own, so that sending, adding and deciding overlap. A bucket that is gathered is not cut: a member's chunk is its own
/// ballot.
/// </summary>
sealed class ChunkMap
{
    // Four segments hide a hop's latency; below 4 KiB a ballot the envelope would cost more than it hides (5 % at most,
    // docs/protocol.md#i8); sums of eight ballots are in the 256 KiB - 1 MiB that suits the sockets.
    const int SegmentsWanted = 4, SegmentWordsMin = 512, PlaneWordsMax = 64 * 1024, Usual = 8;

    readonly bool isFirst;

    /// <summary>Cuts a vote.</summary>
    /// <param name="parameters">Its length, in parameters.</param>
    /// <param name="chunks">The number of members.</param>
    /// <param name="segmentWords">Words of a segment, 0 for the default of this length.</param>
    public ChunkMap(int parameters, int chunks, int segmentWords = 0)
        : this(Buckets.Vote(parameters)(1)[0], chunks, segmentWords)
    {
    }

    /// <summary>Cuts a part.</summary>
    /// <param name="bucket">The part.</param>
    /// <param name="chunks">The number of members.</param>
    /// <param name="segmentWords">Words of a segment, 0 for the default of this length.</param>
    /// <param name="isFirst">It is the step's first part: not empty, and heard of in every chunk.</param>
    public ChunkMap(Bucket bucket, int chunks, int segmentWords = 0, bool isFirst = true)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bucket.Length, isFirst ? 1 : 0, nameof(bucket));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(chunks);
        ArgumentOutOfRangeException.ThrowIfNegative(segmentWords);
        (Bucket, Chunks, this.isFirst) = (bucket, chunks, isFirst);
        Reduction reduction = bucket.Reduction;
        int largest = reduction.IsGathered ? bucket.Words : (bucket.Words + chunks - 1) / chunks;
        int planes = reduction.SumPlanes(1), usual = reduction.IsGathered ? Usual / 2 : reduction.SumPlanes(Usual);
        SegmentWords = segmentWords > 0
            ? segmentWords
            : Math.Clamp((largest + SegmentsWanted - 1) / SegmentsWanted, SegmentWordsMin / planes, PlaneWordsMax / usual);
    }

    /// <summary>The bucket that is cut.</summary>
    public Bucket Bucket { get; }

    /// <summary>Its length, in elements; of a vote, in parameters.</summary>
    public int Parameters => Bucket.Length;

    /// <summary>The number of chunks.</summary>
    public int Chunks { get; }

    /// <summary>Words of a full segment.</summary>
    public int SegmentWords { get; }

    /// <summary>Words of the whole part.</summary>
    public int Words => Bucket.Words;

    /// <summary>The words of a chunk; may be empty when there are fewer words than members.</summary>
    public WordRange Chunk(int chunk)
    {
        if (Bucket.Reduction.IsGathered)
            return new WordRange(0, Words);
        int start = (int)((long)Words * chunk / Chunks);
        return new WordRange(start, (int)((long)Words * (chunk + 1) / Chunks) - start);
    }

    /// <summary>The number of a chunk's segments: of a step's first bucket one at least, maybe an empty one, so that every chunk
    /// is heard of.</summary>
    public int Segments(int chunk) => Math.Max(isFirst ? 1 : 0, (Chunk(chunk).Length + SegmentWords - 1) / SegmentWords);

    /// <summary>The words of one segment.</summary>
    public WordRange Segment(int chunk, int segment)
    {
        WordRange whole = Chunk(chunk);
        int start = segment * SegmentWords;
        return new WordRange(whole.Start + start, Math.Min(SegmentWords, whole.Length - start));
    }

    /// <summary>The valid bits of the last word of a range.</summary>
    public ulong TailMask(WordRange range) => range.End == Words ? Bucket.TailMask : ulong.MaxValue;
}
