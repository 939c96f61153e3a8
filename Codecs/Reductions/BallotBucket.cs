namespace DecentralizedLion.Codecs.Reductions;

/// <summary>One part of a ballot.</summary>
/// <param name="bucket">What the step carries there.</param>
sealed class BallotBucket(Bucket bucket)
{
    readonly ulong[] planes = new ulong[bucket.Reduction.SumPlanes(1) * bucket.Words];
    readonly ulong[] zeros = bucket.Reduction.HasZeros ? new ulong[bucket.Words] : [];

    /// <summary>The step's bucket that this is the ballot for.</summary>
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
    /// <param name="weight">The votes that the ballot counts.</param>
    public PartialSum Range(int firstWord, int words, Span<ulong> scratch, int weight = 1)
    {
        ReadOnlySpan<ulong> zero = HasZeros(firstWord, words) ? zeros.AsSpan(firstWord, words) : default;
        return new PartialSum(bucket.Reduction.Load(planes, bucket.Reduction.SumPlanes(1), bucket.Words, firstWord, words,
            scratch), zero, new VoteTotal(1, weight));
    }

    /// <summary>True when any element of a range of words abstains, so that the range needs zero planes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The range is not inside the ballot.</exception>
    public bool HasZeros(int firstWord, int words) => zeros.Length > 0 && zeros.AsSpan(firstWord, words).ContainsAnyExcept(0UL);
}
