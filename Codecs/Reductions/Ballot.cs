using DecentralizedLion.Codecs.Kernels;

namespace DecentralizedLion.Codecs.Reductions;

/// <summary>
/// One peer's contribution to one step, bucket by bucket; in a vote a plane of signs and a plane of zeros
/// (docs/protocol.md#exchange). Planes are canonical: bits beyond the last parameter are zero, and a parameter with a zero bit
/// has no sign bit.
/// </summary>
sealed class Ballot
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

    /// <summary>True when it is one for a step that carries these buckets.</summary>
    public bool IsFor(IReadOnlyList<Bucket> carried)
    {
        var at = 0;
        while (at < buckets.Length && at < carried.Count && Equals(buckets[at].Bucket, carried[at]))
            at++;
        return at == buckets.Length && at == carried.Count;
    }

    /// <summary>The elements of the first part; of a vote, the number of parameters d.</summary>
    public int Parameters => buckets[0].Bucket.Length;

    /// <summary>The words of each plane of the first part.</summary>
    public int Words => buckets[0].Bucket.Words;

    /// <summary>A vote's sign plane: 1 = positive.</summary>
    public Span<ulong> Signs => buckets[0].Planes;

    /// <summary>A vote's zero plane: 1 = exactly zero, an abstention; the sign bit is then 0.</summary>
    public Span<ulong> Zeros => buckets[0].Zeros;
}
