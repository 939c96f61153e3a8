using DecentralizedLion.Codecs.Kernels;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Models.Vectors;
using DecentralizedLion.Topology.Commit;

namespace DecentralizedLion.Peer.Optimizers;

/// <summary>
/// Methods that send the few largest entries of what each peer has accumulated, and keep the rest for later; x ← x·(1 − lr·λ) −
/// lr·mean. What was sent of ours is known from the record alone: a ballot that was not counted stays accumulated.
/// </summary>
/// <remarks>Both exchanges: 64·(N−1)·k/d bits per parameter, step and peer, an index and a value an entry.</remarks>
/// <param name="parameters">d.</param>
/// <param name="self">This peer's roster index.</param>
abstract class TopKOptimizer(int parameters, int self) : DistributedMethod(parameters)
{
    readonly SparseGather gather = new(parameters);
    readonly float[] mean = new float[parameters];
    Bucket[] buckets = [];

    public sealed override IReadOnlyList<Bucket> BucketsOf(long step)
    {
        var entries = Entries(Density(step), Parameters);
        var known = buckets;                                              // asked for by the ring's thread, too
        return known is [{ Length: var length }] && length == entries ? known : buckets = [new(gather, entries)];
    }

    /// <summary>The number of entries in a share of d, at least one.</summary>
    public static int Entries(double keep, int parameters) => Math.Clamp((int)Math.Ceiling(keep * parameters), 1, parameters);

    public sealed override void FillBallot(long step, FlatVector gradient, Ballot ballot) =>
        TopKKernel.Select(Accumulate(gradient.Span), ballot.Buckets[0].Planes);

    public sealed override void OnApplied(StepRecord record)
    {
        var before = 0;
        foreach (var voter in record.Voters)
        {
            if (voter == self)
            {
                foreach (var entry in Of(record, before))
                    ClearSent(SparseGather.Index(entry));
                return;
            }
            before++;
        }
    }

    /// <summary>The share of the entries that a step sends.</summary>
    protected abstract double Density(long step);

    /// <summary>Takes in a gradient; gives what the largest are chosen of.</summary>
    protected abstract ReadOnlySpan<float> Accumulate(ReadOnlySpan<float> gradient);

    /// <summary>An entry of ours was counted.</summary>
    protected abstract void ClearSent(int index);

    protected internal sealed override void Step(StepRecord record, float decay, FlatVector weights)
    {
        Array.Clear(mean);
        foreach (var entry in record.Buckets[0].Planes)                   // by voter, so that sums have one order
            mean[SparseGather.Index(entry)] += SparseGather.Value(entry);
        float voters = record.Voters.Count;
        for (var i = 0; i < mean.Length; i++)
            mean[i] /= voters;
        SgdKernel.Apply(weights.Span, mean, record.LearningRate, decay);
    }

    static ReadOnlySpan<ulong> Of(StepRecord record, int voter)
    {
        var entries = record.Buckets[0].Planes.Length / record.Voters.Count;
        return record.Buckets[0].Planes.AsSpan(voter * entries, entries);
    }
}
