using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Models.Vectors;
using DecentralizedLion.Topology.Commit;

namespace DecentralizedLion.Peer.Optimizers;

/// <summary>Methods of which every peer runs the same optimiser on the mean of all gradients, which travels in fp32.</summary>
/// <remarks>Both exchanges: 64·(N−1)/N bits per parameter, step and peer.</remarks>
/// <param name="parameters">d.</param>
abstract class MeanGradientOptimizer(int parameters) : DistributedMethod(parameters)
{
    readonly Bucket[] buckets = [new(new FloatMean(), parameters)];

    public sealed override IReadOnlyList<Bucket> BucketsOf(long step) => buckets;

    public sealed override void FillBallot(long step, FlatVector gradient, Ballot ballot) =>
        FloatReduction.Pack(gradient.Span, ballot.Buckets[0].Values);

    protected internal sealed override void Step(StepRecord record, float decay, FlatVector weights) =>
        Step(record.Buckets[0].Values[..Parameters], record.Step, record.LearningRate, decay, weights.Span);

    /// <summary>The optimiser's step.</summary>
    /// <param name="gradient">The mean gradient, d values.</param>
    /// <param name="step">The step, from 1.</param>
    /// <param name="learningRate">lr.</param>
    /// <param name="decay">1 − lr·λ.</param>
    /// <param name="weights">x, d values.</param>
    protected abstract void Step(ReadOnlySpan<float> gradient, long step, float learningRate, float decay, Span<float> weights);
}
