namespace DecentralizedLion.Codecs;

/// <summary>
/// One peer's signs for one step: a sign plane and a zero plane of <see cref="Words"/> words each (design §4 and §5).
/// The planes are canonical: bits beyond the last parameter are zero, and a parameter with a zero bit has no sign bit.
/// </summary>
public sealed class Ballot
{
    readonly ulong[] signs;
    readonly ulong[] zeros;

    /// <summary>A ballot with every sign negative; the Vote method of <see cref="LionKernel"/> fills it.</summary>
    /// <param name="parameters">The number of parameters d, not negative.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="parameters"/> is negative.</exception>
    public Ballot(int parameters)
    {
        Parameters = parameters;
        Words = BitPlanes.Words(parameters);
        signs = new ulong[Words];
        zeros = new ulong[Words];
    }

    /// <summary>The number of parameters d.</summary>
    public int Parameters { get; }

    /// <summary>The words of each plane: ⌈d / 64⌉.</summary>
    public int Words { get; }

    /// <summary>The sign plane: 1 = positive.</summary>
    public Span<ulong> Signs => signs;

    /// <summary>The zero plane: 1 = exactly zero, an abstention; the sign bit is then 0.</summary>
    public Span<ulong> Zeros => zeros;

    /// <summary>Whether any parameter of a range of words abstains, so that the range needs abstention planes.</summary>
    /// <param name="firstWord">The first word of the range.</param>
    /// <param name="words">The words in the range.</param>
    /// <exception cref="ArgumentOutOfRangeException">The range is not inside the ballot.</exception>
    public bool HasZeros(int firstWord, int words) => zeros.AsSpan(firstWord, words).ContainsAnyExcept(0UL);
}
