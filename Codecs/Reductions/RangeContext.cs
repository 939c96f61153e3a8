namespace DecentralizedLion.Codecs.Reductions;

/// <summary>The place of a range of words that is completed: its step, its words and what was decided there before.</summary>
/// <param name="step">The step.</param>
/// <param name="firstWord">The range's first word in its bucket.</param>
/// <param name="tailMask">The valid bits of the range's last word.</param>
/// <param name="previous">The signs of the previous majority over the range; empty where the reduction knows none.</param>
readonly ref struct RangeContext(long step, int firstWord, ulong tailMask, ReadOnlySpan<ulong> previous)
{
    /// <summary>The step.</summary>
    public long Step { get; } = step;

    /// <summary>The range's first word in its bucket.</summary>
    public int FirstWord { get; } = firstWord;

    /// <summary>The valid bits of the range's last word.</summary>
    public ulong TailMask { get; } = tailMask;

    /// <summary>The signs of the previous majority over the range.</summary>
    public ReadOnlySpan<ulong> Previous { get; } = previous;
}
