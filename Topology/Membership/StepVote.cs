using DecentralizedLion.Codecs;
using DecentralizedLion.Topology.Commit;

namespace DecentralizedLion.Topology.Membership;

/// <summary>One member's word for a step.</summary>
/// <param name="Step">The step, one more than the last committed.</param>
/// <param name="Ballot">Its signs, or null to relay; must not change until the next step is committed.</param>
/// <param name="Loss">Its loss on the mini-batch.</param>
/// <param name="LearningRate">lr of the step, the same on all members.</param>
/// <param name="WeightDecay">λ of the step, the same on all members.</param>
/// <param name="Weights">Digest of the slice of the weights that this step compares, before the step.</param>
public readonly record struct StepVote(long Step, Ballot? Ballot, float Loss, float LearningRate, float WeightDecay,
    ChainDigest Weights);
