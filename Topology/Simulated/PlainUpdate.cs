using DecentralizedLion.Codecs;
using DecentralizedLion.Topology.Commit;

namespace DecentralizedLion.Topology.Simulated;

/// <summary>What a step does to the weights of a simulated run: something that every bit of its outcome matters for.</summary>
static class PlainUpdate
{
    /// <summary>Applies a record.</summary>
    /// <param name="record">What was decided.</param>
    /// <param name="parts">What its step carries.</param>
    /// <param name="weights">The weights.</param>
    /// <param name="previous">The previous verdict, of a vote.</param>
    public static void Apply(StepRecord record, IReadOnlyList<StepPart> parts, Span<float> weights, Span<ulong> previous)
    {
        float rate = record.LearningRate, voters = record.Voters.Count;
        for (int index = 0; index < parts.Count; index++)
        {
            (StepPart part, Outcome outcome) = (parts[index], record.Parts[index]);
            if (part.Reduction is MajorityVote)
            {
                float product = rate * record.WeightDecay;
                LionKernel.Apply(weights, outcome.Planes, outcome.Zeros, rate, 1f - product);
                record.RememberIn(previous);
                continue;
            }
            if (record.Voters.IsEmpty)
                continue;
            for (int i = 0; i < part.Length; i++)
            {
                switch (part.Reduction)
                {
                    case Average:
                        int sum = 2 * PlainReduction.Number(part, outcome.Planes, i) + PlainReduction.Number(part, outcome.Zeros, i);
                        weights[i] -= rate * ((sum - voters) / voters);
                        break;
                    case TernarySum:
                        float scale = record.Parts[index + 1].Values[0];
                        weights[i] -= rate * (scale * ((PlainReduction.Number(part, outcome.Planes, i) - voters) / voters));
                        break;
                    case Mean:
                        weights[i] -= rate * outcome.Values[i];
                        break;
                    case SparseGather:
                        for (int entry = i; entry < outcome.Planes.Length; entry += part.Length)
                            weights[SparseGather.Index(outcome.Planes[entry])] -= rate * (SparseGather.Value(outcome.Planes[entry]) / voters);
                        break;
                }
            }
        }
    }
}
