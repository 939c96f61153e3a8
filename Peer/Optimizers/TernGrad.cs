using DecentralizedLion.Codecs.Kernels;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Models;
using DecentralizedLion.Models.Vectors;
using DecentralizedLion.Topology.Commit;

namespace DecentralizedLion.Peer.Optimizers;

/// <summary>
/// TernGrad (Wen et al., arXiv 1705.07878): each tensor's gradient is clipped at 2.5 σ and cast as t = sign(g)·b, P(b = 1) =
/// |g|/s, with one scale s for all peers; x ← x·(1 − lr·λ) − lr·s·mean(t). s must be known before a ballot can be cast, so it is
/// the largest of all voters' max|g| of the step before: the clipping makes that 2.5 σ, which moves slowly. The first step only
/// learns s.
/// </summary>
/// <remarks>Ring: (1/N)·Σ⌈log2(2h+1)⌉ + (N−1)/N·⌈log2(2N+1)⌉ bits per parameter, step and peer; direct: (N−1)/N·(2 +
/// ⌈log2(2N+1)⌉); and a scale a tensor.</remarks>
/// <param name="parameters">d.</param>
/// <param name="tensors">The tensors; each has a scale of its own.</param>
/// <param name="seed">The run's seed.</param>
/// <param name="self">This peer's roster index.</param>
sealed class TernGrad(int parameters, IReadOnlyList<ParameterSlice> tensors, ulong seed, int self)
    : DistributedMethod(parameters)
{
    /// <summary>Values beyond so many standard deviations are clipped.</summary>
    const float Clip = 2.5f;

    readonly Bucket[] buckets = [new(new TernarySum(), parameters), new(new FloatMax(), tensors.Count)];
    readonly StateVector scales = new("scale", new float[tensors.Count]);
    readonly int[] offsets = [.. tensors.Select(tensor => tensor.Offset)];
    readonly float[] clipped = new float[parameters];

    public override IReadOnlyList<StateVector> ReplicatedState => [scales];

    public override IReadOnlyList<Bucket> BucketsOf(long step) => buckets;

    public override void FillBallot(long step, FlatVector gradient, Ballot ballot)
    {
        var planes = ballot.Buckets[0].Planes;
        var largest = ballot.Buckets[1].Values;
        planes.Clear();
        var key = TernaryKernel.Key(seed, self, step);
        for (var tensor = 0; tensor < tensors.Count; tensor++)
        {
            var (first, length) = (tensors[tensor].Offset, tensors[tensor].Length);
            var g = clipped.AsSpan(first, length);
            largest[tensor] = FloatReduction.Bounded(TernaryKernel.Clip(gradient.Span.Slice(first, length), Clip, g));
            TernaryKernel.Quantise(g, first, scales.Values[tensor], key, planes);
        }
    }

    protected internal override void Step(StepRecord record, float decay, FlatVector weights)
    {
        TernaryKernel.Apply(weights.Span, record.Buckets[0].Planes, record.Votes, offsets, scales.Values,
            record.LearningRate, decay);
        record.Buckets[1].Values[..tensors.Count].CopyTo(scales.Values);
    }
}
