using System.Collections.Concurrent;
using DecentralizedLion.Codecs;
using DecentralizedLion.Topology.Commit;

namespace DecentralizedLion.Peer.Methods;

/// <summary>
/// Another method whose momentum all peers set to the mean of the voters' once in P steps: all of it at once, or a P-th of it in every step.
/// Without it peers that hold different classes vote each other down (Lion Cub, arXiv 2411.16462).
/// </summary>
/// <remarks>64·(N−1)/N / P bits per parameter, step and peer more.</remarks>
/// <param name="inner">The method, whose first own state is its momentum.</param>
/// <param name="every">P.</param>
/// <param name="isStreamed">Whether a piece goes with every step.</param>
public sealed class MomentumSync(Method inner, int every, bool isStreamed) : Method(inner.Parameters)
{
    readonly Mean mean = new();
    readonly float[] momentum = inner.Own[0].Values;
    readonly ConcurrentDictionary<int, StepPart[]> parts = [];

    public override IReadOnlyList<StateVector> Own => inner.Own;

    public override IReadOnlyList<StateVector> Shared => inner.Shared;

    public override IReadOnlyList<StepPart> Parts(long step)
    {
        var (first, end) = Piece(step);
        if (first == end)
            return inner.Parts(step);
        return parts.GetOrAdd(end - first, length => [.. inner.Parts(step), new StepPart(mean, length)]);
    }

    public override void Vote(long step, ReadOnlySpan<float> gradient, Ballot ballot)
    {
        inner.Vote(step, gradient, ballot);
        var (first, end) = Piece(step);
        if (first < end)
            Floats.Pack(momentum.AsSpan(first..end), ballot.Parts[^1].Values);
    }

    public override void Settle(StepRecord record)
    {
        inner.Settle(record);
        var (first, end) = Piece(record.Step);
        if (first < end && record.Voters.Count > 0)
            record.Parts[^1].Values[..(end - first)].CopyTo(momentum.AsSpan(first));
    }

    protected internal override void Step(StepRecord record, float decay, Span<float> weights) => inner.Step(record, decay, weights);

    /// <summary>What of the momentum goes with a step.</summary>
    (int First, int End) Piece(long step)
    {
        var turn = (step - 1) % every;
        if (!isStreamed)
            return turn == every - 1 ? (0, Parameters) : (0, 0);
        return ((int)(Parameters * turn / every), (int)(Parameters * (turn + 1) / every));
    }
}
