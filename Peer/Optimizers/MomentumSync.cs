using System.Collections.Concurrent;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Models.Vectors;
using DecentralizedLion.Topology.Commit;

namespace DecentralizedLion.Peer.Optimizers;

/// <summary>
/// Another method whose momentum all peers set to the mean of the voters' once in P steps: all of it at once, or a P-th of it in
/// every step. Without it peers that hold different classes vote each other down (Lion Cub, arXiv 2411.16462).
/// </summary>
/// <remarks>64·(N−1)/N / P bits per parameter, step and peer more.</remarks>
/// <param name="inner">The method, whose first own state is its momentum.</param>
/// <param name="every">P.</param>
/// <param name="isStreamed">Whether a piece goes with every step.</param>
sealed class MomentumSync(DistributedMethod inner, int every, bool isStreamed) : DistributedMethod(inner.Parameters)
{
    readonly FloatMean floatMean = new();
    readonly FlatVector momentum = inner.LocalState[0].Vector;
    readonly ConcurrentDictionary<int, Bucket[]> buckets = [];

    public override IReadOnlyList<StateVector> LocalState => inner.LocalState;

    public override IReadOnlyList<StateVector> ReplicatedState => inner.ReplicatedState;

    public override IReadOnlyList<Bucket> BucketsOf(long step)
    {
        var (first, end) = Piece(step);
        if (first == end)
            return inner.BucketsOf(step);
        return buckets.GetOrAdd(end - first, length => [.. inner.BucketsOf(step), new Bucket(floatMean, length)]);
    }

    public override void FillBallot(long step, FlatVector gradient, Ballot ballot)
    {
        inner.FillBallot(step, gradient, ballot);
        var (first, end) = Piece(step);
        if (first == end)
            return;
        var values = ballot.Buckets[inner.BucketsOf(step).Count].Values;
        momentum.Read(first, values);
        FloatReduction.Pack(values, values);
    }

    public override void OnApplied(StepRecord record)
    {
        inner.OnApplied(record);
        var (first, end) = Piece(record.Step);
        if (first < end && record.Voters.Count > 0)
            momentum.Write(first, record.Buckets[inner.BucketsOf(record.Step).Count].Values[..(end - first)]);
    }

    public override void OnRestored() => inner.OnRestored();

    protected internal override void Step(StepRecord record, float decay, FlatVector weights) =>
        inner.Step(record, decay, weights);

    /// <summary>The range of the momentum that goes with a step.</summary>
    (int First, int End) Piece(long step)
    {
        var turn = (step - 1) % every;
        if (!isStreamed)
            return turn == every - 1 ? (0, Parameters) : (0, 0);
        return ((int)(Parameters * turn / every), (int)(Parameters * (turn + 1) / every));
    }
}
