using System.Buffers;
using DecentralizedLion.Codecs;

namespace DecentralizedLion.Peer.Compare;

/// <summary>
/// What a ring of workers in one process decides: each chunk's ballots added in the order in which the ring adds them, so that the outcome
/// has the bits of a real ring's.
/// </summary>
public static class Fold
{
    /// <summary>The outcome of one part.</summary>
    /// <param name="part">The part.</param>
    /// <param name="ballots">Each voter's, by place.</param>
    /// <param name="step">The step.</param>
    /// <param name="previous">The previous verdict's signs; of a vote only.</param>
    public static Outcome Of(StepPart part, IReadOnlyList<BallotPart> ballots, long step, ReadOnlySpan<ulong> previous)
    {
        var (reduction, words, workers) = (part.Reduction, part.Words, ballots.Count);
        var planes = new ulong[reduction.OutcomePlanes(workers) * words];
        if (reduction.IsGathered)
        {
            for (var worker = 0; worker < workers; worker++)
                ballots[worker].Planes.CopyTo(planes.AsSpan(worker * words));
            return new Outcome(planes, null);
        }
        var zeros = new ulong[reduction.OutcomeZeroPlanes(workers) * words];
        var any = false;
        for (var chunk = 0; chunk < workers; chunk++)
        {
            var first = (int)((long)words * chunk / workers);
            var length = (int)((long)words * (chunk + 1) / workers) - first;
            if (length > 0)
                any |= Decide(part, ballots, chunk, first, length, step, previous, planes, zeros);
        }
        return new Outcome(planes, any ? zeros : null);
    }

    static bool Decide(StepPart part, IReadOnlyList<BallotPart> ballots, int chunk, int first, int length, long step,
        ReadOnlySpan<ulong> previous, Span<ulong> planes, Span<ulong> zeros)
    {
        var (reduction, workers) = (part.Reduction, ballots.Count);
        var most = Math.Max(reduction.SumPlanes(workers), reduction.OutcomePlanes(workers)) * length;
        var memory = ArrayPool<ulong>.Shared.Rent(5 * most);
        Span<ulong> sums = memory.AsSpan(0, most), sumZeros = memory.AsSpan(most, most), scratch = memory.AsSpan(2 * most, most),
            outcome = memory.AsSpan(3 * most, most), outcomeZeros = memory.AsSpan(4 * most, most);
        var begin = ballots[chunk].Range(first, length, scratch);
        begin.Planes.CopyTo(sums);
        begin.Zeros.CopyTo(sumZeros);
        var sum = new Sum(sums[..begin.Planes.Length], sumZeros[..begin.Zeros.Length], 1);
        for (var hop = 1; hop < workers; hop++)
        {
            var ballot = ballots[(chunk + hop) % workers].Range(first, length, scratch);
            var size = reduction.SumPlanes(hop + 1) * length;
            var zeroSize = sum.Zeros.IsEmpty && ballot.Zeros.IsEmpty ? 0 : size;
            reduction.Add(sum, ballot, sums[..size], sumZeros[..zeroSize]);
            sum = new Sum(sums[..size], sumZeros[..zeroSize], hop + 1);
        }
        var result = outcome[..(reduction.OutcomePlanes(workers) * length)];
        var resultZeros = outcomeZeros[..(reduction.OutcomeZeroPlanes(workers) * length)];
        var tail = first + length == part.Words ? part.TailMask : ulong.MaxValue;
        var any = reduction.Decide(sum, new Place(step, first, tail, previous.IsEmpty ? previous : previous.Slice(first, length)), result, resultZeros);
        reduction.Store(result, first, length, planes, part.Words);
        if (any)
            reduction.Store(resultZeros, first, length, zeros, part.Words);
        ArrayPool<ulong>.Shared.Return(memory);
        return any;
    }
}
