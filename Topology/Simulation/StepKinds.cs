using DecentralizedLion.Codecs.Reductions;

namespace DecentralizedLion.Topology.Simulation;

/// <summary>The buckets of each kind of step.</summary>
static class StepKinds
{
    /// <summary>The buckets of a step.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="parameters">The model's length d.</param>
    /// <param name="ties">The tie rule of a vote.</param>
    public static Func<long, IReadOnlyList<Bucket>> BucketsOf(StepKind kind, int parameters, TieRule ties = TieRule.Previous)
    {
        var vote = new Bucket(new MajorityVote(ties), parameters);
        var floatMean = new FloatMean();
        return kind switch
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
