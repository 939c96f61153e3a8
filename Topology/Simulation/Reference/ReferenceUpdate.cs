using DecentralizedLion.Codecs.Kernels;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Topology.Commit;

namespace DecentralizedLion.Topology.Simulation.Reference;

/// <summary>The update of a simulated run's weights by a step: one that every bit of its aggregates matters for.</summary>
static class ReferenceUpdate
{
    /// <summary>Applies a record.</summary>
    /// <param name="record">What was decided.</param>
    /// <param name="buckets">What its step carries.</param>
    /// <param name="weights">The weights.</param>
    /// <param name="previous">The previous majority, of a vote.</param>
    public static void Apply(StepRecord record, IReadOnlyList<Bucket> buckets, Span<float> weights, Span<ulong> previous)
    {
        float rate = record.LearningRate, voters = record.Votes;
        for (int index = 0; index < buckets.Count; index++)
        {
            (Bucket bucket, Aggregate aggregate) = (buckets[index], record.Buckets[index]);
            if (bucket.Reduction is MajorityVote)
            {
                float product = rate * record.WeightDecay;
                LionKernel.Apply(weights, aggregate.Planes, aggregate.Zeros, rate, 1f - product);
                record.UpdatePreviousSigns(previous);
                continue;
            }
            if (record.Voters.IsEmpty)
                continue;
            for (int i = 0; i < bucket.Length; i++)
            {
                switch (bucket.Reduction)
                {
                    case SignAverage:
                        int sum = 2 * ReferenceReduction.Number(bucket, aggregate.Planes, i)
                            + ReferenceReduction.Number(bucket, aggregate.Zeros, i);
                        weights[i] -= rate * ((sum - voters) / voters);
                        break;
                    case TernarySum:
                        float scale = record.Buckets[index + 1].Values[0];
                        weights[i] -= rate
                            * (scale * ((ReferenceReduction.Number(bucket, aggregate.Planes, i) - voters) / voters));
                        break;
                    case FloatMean:
                        weights[i] -= rate * aggregate.Values[i];
                        break;
                    case SparseGather:
                        for (int entry = i; entry < aggregate.Planes.Length; entry += bucket.Length)
                            weights[SparseGather.Index(aggregate.Planes[entry])] -= rate
                                * (SparseGather.Value(aggregate.Planes[entry]) / voters);
                        break;
                }
            }
        }
    }
}
