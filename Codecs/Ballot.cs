namespace DecentralizedLion.Codecs;

/// <summary>
/// What one peer casts in one step, part by part; in a vote a plane of signs and a plane of zeros (design §4 and §5). Planes are
/// canonical: bits beyond the last parameter are zero, and a parameter with a zero bit has no sign bit.
/// </summary>
public sealed class Ballot
{
    readonly BallotPart[] parts;

    /// <summary>A ballot of zeros in every plane; a method fills it.</summary>
    /// <param name="parts">What the step carries.</param>
    public Ballot(IReadOnlyList<StepPart> parts) => this.parts = [.. parts.Select(part => new BallotPart(part))];

    /// <summary>A vote of signs, every one negative; the Vote method of <see cref="LionKernel"/> fills it.</summary>
    /// <param name="parameters">The number of parameters d, not negative.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="parameters"/> is negative.</exception>
    public Ballot(int parameters) : this([new StepPart(new MajorityVote(TieRule.Previous), parameters)])
    {
    }

    /// <summary>Its parts, in the order of the step's.</summary>
    public IReadOnlyList<BallotPart> Parts => parts;

    /// <summary>The elements of the first part; of a vote, the number of parameters d.</summary>
    public int Parameters => parts[0].Part.Length;

    /// <summary>The words of each plane of the first part.</summary>
    public int Words => parts[0].Part.Words;

    /// <summary>A vote's sign plane: 1 = positive.</summary>
    public Span<ulong> Signs => parts[0].Planes;

    /// <summary>A vote's zero plane: 1 = exactly zero, an abstention; the sign bit is then 0.</summary>
    public Span<ulong> Zeros => parts[0].Zeros;
}

/// <summary>One part of a ballot.</summary>
/// <param name="part">What the step carries there.</param>
public sealed class BallotPart(StepPart part)
{
    readonly ulong[] planes = new ulong[part.Reduction.SumPlanes(1) * part.Words];
    readonly ulong[] zeros = part.Reduction.HasZeros ? new ulong[part.Words] : [];

    /// <summary>What the step carries there.</summary>
    public StepPart Part => part;

    /// <summary>SumPlanes(1) planes over the whole part.</summary>
    public Span<ulong> Planes => planes;

    /// <summary>The zero plane, empty where the reduction has none.</summary>
    public Span<ulong> Zeros => zeros;

    /// <summary>The values of a part of fp32 values.</summary>
    public Span<float> Values => Floats.Of(planes.AsSpan())[..part.Length];

    /// <summary>A range of it, as it goes into a sum.</summary>
    /// <param name="firstWord">The first word.</param>
    /// <param name="words">The words.</param>
    /// <param name="scratch">SumPlanes(1) · words words; not used when its planes lie together already.</param>
    public Sum Range(int firstWord, int words, Span<ulong> scratch)
    {
        ReadOnlySpan<ulong> zero = HasZeros(firstWord, words) ? zeros.AsSpan(firstWord, words) : default;
        return new Sum(part.Reduction.Load(planes, part.Reduction.SumPlanes(1), part.Words, firstWord, words, scratch), zero, 1);
    }

    /// <summary>Whether any element of a range of words abstains, so that the range needs zero planes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range is not inside the ballot.</exception>
    public bool HasZeros(int firstWord, int words) => zeros.Length > 0 && zeros.AsSpan(firstWord, words).ContainsAnyExcept(0UL);
}
