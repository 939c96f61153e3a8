using DecentralizedLion.Codecs;

namespace DecentralizedLion.Topology.Simulated;

/// <summary>What the steps of a run carry, as a method's do.</summary>
public enum MethodShape
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
public static class MethodShapes
{
    /// <summary>What a step carries.</summary>
    /// <param name="shape">The shape.</param>
    /// <param name="parameters">The model's length d.</param>
    /// <param name="ties">The tie rule of a vote.</param>
    public static Func<long, IReadOnlyList<StepPart>> PartsOf(MethodShape shape, int parameters, TieRule ties = TieRule.Previous)
    {
        var vote = new StepPart(new MajorityVote(ties), parameters);
        var mean = new Mean();
        return shape switch
        {
            MethodShape.Vote => StepParts.Always(vote),
            MethodShape.Average => StepParts.Always(new StepPart(new Average(), parameters)),
            MethodShape.Mean => StepParts.Always(new StepPart(mean, parameters)),
            MethodShape.Ternary => StepParts.Always(new StepPart(new TernarySum(), parameters), new StepPart(new Largest(), 1)),
            MethodShape.Sparse => StepParts.Always(new StepPart(new SparseGather(parameters), 1 + parameters / 10)),
            _ => step => [vote, new StepPart(mean, (int)(step % 7 * parameters / 12))],
        };
    }
}
