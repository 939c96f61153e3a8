namespace DecentralizedLion.Codecs.Reductions;

/// <summary>One part of what a step carries: a vector of so many elements and how its ballots are reduced.</summary>
/// <param name="Reduction">How.</param>
/// <param name="Length">Elements: parameters, or entries of a sparse ballot.</param>
sealed record Bucket(Reduction Reduction, int Length)
{
    /// <summary>The words of one plane.</summary>
    public int Words { get; } = Reduction.Words(Length);

    /// <summary>The valid bits of the last word.</summary>
    public ulong TailMask { get; } = Reduction.TailMask(Length);
}
