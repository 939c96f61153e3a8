using DecentralizedLion.Models.Vectors;
using DecentralizedLion.Peer.Training;
using DecentralizedLion.Topology.Commit;

namespace DecentralizedLion.Peer.Optimizers;

/// <summary>
/// The weight decay and the learning-rate factor of ranges of the parameters. What a method does to a weight is
/// x·decay − lr·Δ with a Δ that depends on neither; so its step on zeros without decay gives −lr·Δ, and each range takes it
/// with its own factor. One vector of d floats more than without groups.
/// </summary>
/// <param name="ranges">The ranges, in the order of the parameters and without gaps.</param>
/// <param name="place">Where the weights lie.</param>
sealed class GroupRates(IReadOnlyList<GroupRange> ranges, VectorPlace place)
{
    readonly FlatVector change = place.NewVector(ranges[^1].End);

    /// <summary>Applies a decided step to the weights: the same bits on every peer.</summary>
    /// <param name="method">The method.</param>
    /// <param name="record">The step.</param>
    /// <param name="weights">x, d values.</param>
    public void Apply(DistributedMethod method, StepRecord record, FlatVector weights)
    {
        change.Clear();
        if (record.Voters.Count > 0)
            method.Step(record, decay: 1, change);
        foreach (GroupRange range in ranges)
        {
            var rate = record.LearningRate * range.Factor;
            Add(range, LearningRateSchedule.Decay(rate, range.WeightDecay ?? record.WeightDecay), weights);
        }
    }

    /// <summary>Takes a local step of signs: x ← x − factor·rate·δ.</summary>
    /// <param name="signs">The signs of δ, packed.</param>
    /// <param name="zeros">The zeros of δ, packed.</param>
    /// <param name="rate">The rate.</param>
    /// <param name="weights">x, d values.</param>
    public void ApplySigns(ReadOnlySpan<ulong> signs, ReadOnlySpan<ulong> zeros, float rate, FlatVector weights)
    {
        change.Clear();
        change.ApplySigns(signs, zeros, rate, decay: 1);
        foreach (GroupRange range in ranges)
            Add(range, 1, weights);
    }

    // x·decay + factor·(−lr·Δ), each operation rounded once, as without groups.
    void Add(GroupRange range, float decay, FlatVector weights) =>
        weights.Apply(range.Begin, range.End, change, -range.Factor, decay);
}
