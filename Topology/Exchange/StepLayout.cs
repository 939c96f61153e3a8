using DecentralizedLion.Codecs.Reductions;

namespace DecentralizedLion.Topology.Exchange;

/// <summary>
/// The cut of all buckets of a step. A chunk's segments are those of the first bucket, then those of the second, and so on,
/// counted through.
/// </summary>
sealed class StepLayout
{
    readonly ChunkMap[] maps;

    /// <summary>Cuts all parts.</summary>
    /// <param name="buckets">What the step carries: one part at least.</param>
    /// <param name="chunks">The number of members.</param>
    /// <param name="segmentWords">Words of a segment, 0 for the default of a part's length.</param>
    public StepLayout(IReadOnlyList<Bucket> buckets, int chunks, int segmentWords = 0)
    {
        ArgumentOutOfRangeException.ThrowIfZero(buckets.Count, nameof(buckets));
        (Buckets, Chunks) = (buckets, chunks);
        maps = [.. buckets.Select((bucket, index) => new ChunkMap(bucket, chunks, segmentWords, isFirst: index == 0))];
    }

    /// <summary>The buckets of the step.</summary>
    public IReadOnlyList<Bucket> Buckets { get; }

    /// <summary>The cut of each bucket.</summary>
    public IReadOnlyList<ChunkMap> Maps => maps;

    /// <summary>The number of chunks.</summary>
    public int Chunks { get; }

    /// <summary>The number of a chunk's segments, of all buckets.</summary>
    public int Segments(int chunk) => FirstOf(maps.Length, chunk);

    /// <summary>The number of a part's first segment among all of a chunk.</summary>
    public int FirstOf(int bucket, int chunk)
    {
        int first = 0;
        for (int before = 0; before < bucket; before++)
            first += maps[before].Segments(chunk);
        return first;
    }

    /// <summary>Says which part a segment belongs to, and which one of that part's it is; false when the chunk has no such
    /// segment.</summary>
    public bool TryFind(int chunk, int segment, out int bucket, out int ofBucket)
    {
        (bucket, ofBucket) = (0, segment);
        if ((uint)chunk >= (uint)Chunks || segment < 0)
            return false;
        for (; bucket < maps.Length; bucket++)
        {
            int segments = maps[bucket].Segments(chunk);
            if (ofBucket < segments)
                return true;
            ofBucket -= segments;
        }
        return false;
    }
}
