using DecentralizedLion.Codecs;

namespace DecentralizedLion.Topology.Simulated;

/// <summary>What the steps of a run carry, as a method's do.</summary>
public enum StepKind
{
    /// <summary>A majority vote.</summary>
    Vote,

    /// <summary>Counts of signs.</summary>
    Average,

    /// <summary>Means of fp32 values.</summary>
    Mean,

    /// <summary>Ternary sums, and the largest of the members' scales.</summary>
    Ternary,

    /// <summary>Each member's few entries.</summary>
    Sparse,

    /// <summary>A majority vote, and the mean of a piece of a vector, of another length in each step.</summary>
    VoteAndPiece,
}

/// <summary>The parts of each shape's steps.</summary>
public static class StepKinds
{
    /// <summary>What a step carries.</summary>
    /// <param name="shape">The shape.</param>
    /// <param name="parameters">The model's length d.</param>
    /// <param name="ties">The tie rule of a vote.</param>
    public static Func<long, IReadOnlyList<Bucket>> BucketsOf(StepKind shape, int parameters, TieRule ties = TieRule.Previous)
    {
        var vote = new Bucket(new MajorityVote(ties), parameters);
        var floatMean = new FloatMean();
        return shape switch
        {
            StepKind.Vote => Buckets.Always(vote),
            StepKind.Average => Buckets.Always(new Bucket(new SignAverage(), parameters)),
            StepKind.Mean => Buckets.Always(new Bucket(floatMean, parameters)),
            StepKind.Ternary => Buckets.Always(new Bucket(new TernarySum(), parameters), new Bucket(new FloatMax(), 1)),
            StepKind.Sparse => Buckets.Always(new Bucket(new SparseGather(parameters), 1 + parameters / 10)),
            _ => step => [vote, new Bucket(floatMean, (int)(step % 7 * parameters / 12))],
        };
    }
}
