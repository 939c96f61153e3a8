using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Models.Vectors;
using DecentralizedLion.Topology.Commit;

namespace DecentralizedLion.Peer.Optimizers;

/// <summary>Methods whose ballots are signs and whose step is the majority's: x ← x·(1 − lr·λ) − lr·Δ with Δ = sign(Σ
/// δᵢ).</summary>
/// <remarks>Ring: (1/N)·Σ⌈log2(h+1)⌉ + (N−1)/N bits per parameter, step and peer; direct: 2(N−1)/N.</remarks>
/// <param name="parameters">d.</param>
/// <param name="ties">What decides a tie.</param>
abstract class SignVoteOptimizer(int parameters, TieRule ties) : DistributedMethod(parameters)
{
    readonly Bucket[] buckets = [new(new MajorityVote(ties), parameters)];

    public override IReadOnlyList<Bucket> BucketsOf(long step) => buckets;

    protected internal sealed override void Step(StepRecord record, float decay, FlatVector weights) =>
        weights.ApplySigns(record.Buckets[0].Planes, record.Buckets[0].Zeros, record.LearningRate, decay);
}
