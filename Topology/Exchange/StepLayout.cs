using DecentralizedLion.Codecs;

namespace DecentralizedLion.Topology.Exchange;

/// <summary>
/// How all parts of a step are cut. A chunk's segments are those of the first part, then those of the second, and so on, counted through.
/// </summary>
public sealed class StepLayout
{
    readonly ChunkMap[] maps;

    /// <summary>Cuts all parts.</summary>
    /// <param name="parts">What the step carries: one part at least.</param>
    /// <param name="chunks">The number of members.</param>
    /// <param name="segmentWords">Words of a segment, 0 for the default of a part's length.</param>
    public StepLayout(IReadOnlyList<StepPart> parts, int chunks, int segmentWords = 0)
    {
        ArgumentOutOfRangeException.ThrowIfZero(parts.Count, nameof(parts));
        (Parts, Chunks) = (parts, chunks);
        maps = [.. parts.Select((part, index) => new ChunkMap(part, chunks, segmentWords, isFirst: index == 0))];
    }

    /// <summary>What the step carries.</summary>
    public IReadOnlyList<StepPart> Parts { get; }

    /// <summary>How each part is cut.</summary>
    public IReadOnlyList<ChunkMap> Maps => maps;

    /// <summary>The number of chunks.</summary>
    public int Chunks { get; }

    /// <summary>How many segments a chunk has, of all parts.</summary>
    public int Segments(int chunk) => FirstOf(maps.Length, chunk);

    /// <summary>The number of a part's first segment among all of a chunk.</summary>
    public int FirstOf(int part, int chunk)
    {
        int first = 0;
        for (int before = 0; before < part; before++)
            first += maps[before].Segments(chunk);
        return first;
    }

    /// <summary>Says which part a segment belongs to, and which one of that part's it is; false when the chunk has no such segment.</summary>
    public bool TryFind(int chunk, int segment, out int part, out int ofPart)
    {
        (part, ofPart) = (0, segment);
        if ((uint)chunk >= (uint)Chunks || segment < 0)
            return false;
        for (; part < maps.Length; part++)
        {
            int segments = maps[part].Segments(chunk);
            if (ofPart < segments)
                return true;
            ofPart -= segments;
        }
        return false;
    }
}
