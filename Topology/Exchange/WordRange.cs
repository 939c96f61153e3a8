namespace DecentralizedLion.Topology.Exchange;

/// <summary>A range of words of the whole part.</summary>
readonly record struct WordRange(int Start, int Length)
{
    /// <summary>One past its last word.</summary>
    public int End => Start + Length;
}
