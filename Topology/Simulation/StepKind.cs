namespace DecentralizedLion.Topology.Simulation;

/// <summary>The kinds of a run's steps, by the buckets they have, as the optimizers' do.</summary>
enum StepKind
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
