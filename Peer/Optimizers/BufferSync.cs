using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Models;
using DecentralizedLion.Models.Vectors;
using DecentralizedLion.Topology.Commit;

namespace DecentralizedLion.Peer.Optimizers;

/// <summary>
/// Another method whose peers set the network's buffers (BatchNorm's statistics), which each of them computes from its own data,
/// to the mean of the voters': in every <see cref="Period"/>-th step, and in the run's last. Checkpoints have the latest mean.
/// </summary>
/// <param name="inner">The method.</param>
/// <param name="buffers">The buffers, at least one value.</param>
/// <param name="last">The run's last step.</param>
sealed class BufferSync(DistributedMethod inner, NetworkBuffers buffers, long last) : DistributedMethod(inner.Parameters)
{
    /// <summary>The name of the mean in a checkpoint.</summary>
    public const string Name = "buffers";

    /// <summary>The steps from one mean to the next.</summary>
    public const int Period = 16;

    readonly Bucket bucket = new(new FloatMean(), buffers.Count);
    readonly StateVector mean = new(Name, Present(buffers));
    readonly float[] own = new float[buffers.Count];

    public override IReadOnlyList<StateVector> LocalState => inner.LocalState;

    public override IReadOnlyList<StateVector> ReplicatedState => [.. inner.ReplicatedState, mean];

    public override IReadOnlyList<Bucket> BucketsOf(long step) =>
        IsDue(step) ? [.. inner.BucketsOf(step), bucket] : inner.BucketsOf(step);

    public override void FillBallot(long step, FlatVector gradient, Ballot ballot)
    {
        inner.FillBallot(step, gradient, ballot);
        if (!IsDue(step))
            return;
        buffers.Read(own);
        // A NaN would be everybody's: a peer that has one takes part with the latest mean.
        bool isFinite = !own.AsSpan().ContainsAnyExceptInRange(float.MinValue, float.MaxValue);
        FloatReduction.Pack(isFinite ? own : mean.Values, At(step, ballot.Buckets).Values);
    }

    public override void OnApplied(StepRecord record) => inner.OnApplied(record);

    public override void OnRestored()
    {
        inner.OnRestored();
        buffers.Write(mean.Values);
    }

    protected internal override void Step(StepRecord record, float decay, FlatVector weights)
    {
        inner.Step(record, decay, weights);
        if (!IsDue(record.Step))
            return;
        At(record.Step, record.Buckets).Values[..buffers.Count].CopyTo(mean.Values);
        buffers.Write(mean.Values);
    }

    bool IsDue(long step) => step % Period == 0 || step == last;

    T At<T>(long step, IReadOnlyList<T> ofStep) => ofStep[inner.BucketsOf(step).Count];

    static float[] Present(NetworkBuffers buffers)
    {
        var values = new float[buffers.Count];
        buffers.Read(values);
        return values;
    }
}
