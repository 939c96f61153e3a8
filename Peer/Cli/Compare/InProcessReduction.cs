using System.Buffers;
using DecentralizedLion.Codecs.Reductions;

namespace DecentralizedLion.Peer.Cli.Compare;

/// <summary>
/// The reduction of a ring of workers in one process: each chunk's ballots added in the order in which the ring adds them, so
/// that the outcome has the bits of a real ring's.
/// </summary>
static class InProcessReduction
{
    /// <summary>The outcome of one part.</summary>
    /// <param name="bucket">The part.</param>
    /// <param name="ballots">Each voter's, by place.</param>
    /// <param name="step">The step.</param>
    /// <param name="previous">The previous signs; of a vote only.</param>
    /// <param name="weights">Each ballot's weight, by place; null: all count one vote.</param>
    public static Aggregate Of(Bucket bucket, IReadOnlyList<BallotBucket> ballots, long step, ReadOnlySpan<ulong> previous,
        IReadOnlyList<int>? weights = null)
    {
        var (reduction, words, workers) = (bucket.Reduction, bucket.Words, ballots.Count);
        weights ??= [.. ballots.Select(_ => 1)];
        var votes = new VoteTotal(workers, weights.Sum()).Counted;
        var planes = new ulong[reduction.AggregatePlanes(votes) * words];
        if (reduction.IsGathered)
        {
            for (var worker = 0; worker < workers; worker++)
                ballots[worker].Planes.CopyTo(planes.AsSpan(worker * words));
            return new Aggregate(planes, null);
        }
        var zeros = new ulong[reduction.AggregateZeroPlanes(votes) * words];
        var any = false;
        for (var chunk = 0; chunk < workers; chunk++)
        {
            var first = (int)((long)words * chunk / workers);
            var length = (int)((long)words * (chunk + 1) / workers) - first;
            if (length > 0)
                any |= Decide(bucket, ballots, weights, chunk, first, length, step, previous, planes, zeros);
        }
        return new Aggregate(planes, any ? zeros : null);
    }

    static bool Decide(Bucket bucket, IReadOnlyList<BallotBucket> ballots, IReadOnlyList<int> weights, int chunk, int first,
        int length, long step, ReadOnlySpan<ulong> previous, Span<ulong> planes, Span<ulong> zeros)
    {
        var (reduction, workers) = (bucket.Reduction, ballots.Count);
        var votes = new VoteTotal(workers, weights.Sum()).Counted;
        var most = Math.Max(reduction.SumPlanes(votes), reduction.AggregatePlanes(votes)) * length;
        var memory = ArrayPool<ulong>.Shared.Rent(5 * most);
        Span<ulong> sums = memory.AsSpan(0, most), sumZeros = memory.AsSpan(most, most), scratch = memory.AsSpan(2 * most, most),
            outcome = memory.AsSpan(3 * most, most), outcomeZeros = memory.AsSpan(4 * most, most);
        var begin = ballots[chunk].Range(first, length, scratch);
        begin.Planes.CopyTo(sums);
        begin.Zeros.CopyTo(sumZeros);
        var sum = new PartialSum(sums[..begin.Planes.Length], sumZeros[..begin.Zeros.Length],
            new VoteTotal(1, weights[chunk]));
        for (var hop = 1; hop < workers; hop++)
        {
            var place = (chunk + hop) % workers;
            var ballot = ballots[place].Range(first, length, scratch, weights[place]);
            var total = sum.Total.With(weights[place]);
            var size = reduction.SumPlanes(total.Counted) * length;
            var zeroSize = sum.Zeros.IsEmpty && ballot.Zeros.IsEmpty ? 0 : size;
            reduction.Add(sum, ballot, sums[..size], sumZeros[..zeroSize]);
            sum = new PartialSum(sums[..size], sumZeros[..zeroSize], total);
        }
        var result = outcome[..(reduction.AggregatePlanes(votes) * length)];
        var resultZeros = outcomeZeros[..(reduction.AggregateZeroPlanes(votes) * length)];
        var tail = first + length == bucket.Words ? bucket.TailMask : ulong.MaxValue;
        var any = reduction.Complete(sum,
            new RangeContext(step, first, tail, previous.IsEmpty ? previous : previous.Slice(first, length)),
            result, resultZeros);
        reduction.Store(result, first, length, planes, bucket.Words);
        if (any)
            reduction.Store(resultZeros, first, length, zeros, bucket.Words);
        ArrayPool<ulong>.Shared.Return(memory);
        return any;
    }
}
