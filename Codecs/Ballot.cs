namespace DecentralizedLion.Codecs;

/// <summary>
/// What one peer casts in one step, part by part; in a vote a plane of signs and a plane of zeros (design §4 and §5). Planes are
/// canonical: bits beyond the last parameter are zero, and a parameter with a zero bit has no sign bit.
/// </summary>
public sealed class Ballot
{
    readonly BallotBucket[] buckets;

    /// <summary>A ballot of zeros in every plane; a method fills it.</summary>
    /// <param name="buckets">What the step carries.</param>
    public Ballot(IReadOnlyList<Bucket> buckets) => this.buckets = [.. buckets.Select(bucket => new BallotBucket(bucket))];

    /// <summary>A vote of signs, every one negative; the Vote method of <see cref="LionKernel"/> fills it.</summary>
    /// <param name="parameters">The number of parameters d, not negative.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="parameters"/> is negative.</exception>
    public Ballot(int parameters) : this([new Bucket(new MajorityVote(TieRule.Previous), parameters)])
    {
    }

    /// <summary>Its parts, in the order of the step's.</summary>
    public IReadOnlyList<BallotBucket> Buckets => buckets;

    /// <summary>The elements of the first part; of a vote, the number of parameters d.</summary>
    public int Parameters => buckets[0].Bucket.Length;

    /// <summary>The words of each plane of the first part.</summary>
    public int Words => buckets[0].Bucket.Words;

    /// <summary>A vote's sign plane: 1 = positive.</summary>
    public Span<ulong> Signs => buckets[0].Planes;

    /// <summary>A vote's zero plane: 1 = exactly zero, an abstention; the sign bit is then 0.</summary>
    public Span<ulong> Zeros => buckets[0].Zeros;
}

/// <summary>One part of a ballot.</summary>
/// <param name="bucket">What the step carries there.</param>
public sealed class BallotBucket(Bucket bucket)
{
    readonly ulong[] planes = new ulong[bucket.Reduction.SumPlanes(1) * bucket.Words];
    readonly ulong[] zeros = bucket.Reduction.HasZeros ? new ulong[bucket.Words] : [];

    /// <summary>What the step carries there.</summary>
    public Bucket Bucket => bucket;

    /// <summary>SumPlanes(1) planes over the whole part.</summary>
    public Span<ulong> Planes => planes;

    /// <summary>The zero plane, empty where the reduction has none.</summary>
    public Span<ulong> Zeros => zeros;

    /// <summary>The values of a part of fp32 values.</summary>
    public Span<float> Values => FloatReduction.Of(planes.AsSpan())[..bucket.Length];

    /// <summary>A range of it, as it goes into a sum.</summary>
    /// <param name="firstWord">The first word.</param>
    /// <param name="words">The words.</param>
    /// <param name="scratch">SumPlanes(1) · words words; not used when its planes lie together already.</param>
    public PartialSum Range(int firstWord, int words, Span<ulong> scratch)
    {
        ReadOnlySpan<ulong> zero = HasZeros(firstWord, words) ? zeros.AsSpan(firstWord, words) : default;
        return new PartialSum(bucket.Reduction.Load(planes, bucket.Reduction.SumPlanes(1), bucket.Words, firstWord, words, scratch), zero, 1);
    }

    /// <summary>Whether any element of a range of words abstains, so that the range needs zero planes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range is not inside the ballot.</exception>
    public bool HasZeros(int firstWord, int words) => zeros.Length > 0 && zeros.AsSpan(firstWord, words).ContainsAnyExcept(0UL);
}
