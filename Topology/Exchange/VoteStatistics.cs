using System.Buffers;
using System.Numerics;
using DecentralizedLion.Codecs.Reductions;

namespace DecentralizedLion.Topology.Exchange;

/// <summary>The statistics of the votes in the sums that a member decides itself: agreement, ties, zeros.</summary>
public sealed class VoteStatistics
{
    /// <summary>The number of parameters that were decided.</summary>
    public long Decided { get; private set; }

    /// <summary>Sum over them of |votes for − votes against|.</summary>
    public long Margin { get; private set; }

    /// <summary>The number of parameters with a tie.</summary>
    public long Ties { get; private set; }

    /// <summary>The number of parameters whose majority (or mean) is zero.</summary>
    public long Zeros { get; private set; }

    /// <summary>Adds what was decided of a range; nothing where the part is no count of signs.</summary>
    /// <param name="map">How the part is cut.</param>
    /// <param name="range">The range, not empty.</param>
    /// <param name="whole">The sum of all ballots.</param>
    /// <param name="signs">A vote's verdict.</param>
    /// <param name="zeros">Where it is zero.</param>
    /// <param name="anyZero">Whether it is anywhere.</param>
    internal void Add(ChunkMap map, WordRange range, PartialSum whole, ReadOnlySpan<ulong> signs,
        ReadOnlySpan<ulong> zeros, bool anyZero)
    {
        if (map.Bucket.Reduction is MajorityVote)
        {
            AddVote(map, range, whole, signs, zeros, anyZero);
        }
        else if (map.Bucket.Reduction is SignAverage)
        {
            // Its outcome has no sign of its own.
            ulong[] verdict = ArrayPool<ulong>.Shared.Rent(2 * range.Length);
            Span<ulong> plus = verdict.AsSpan(0, range.Length), none = verdict.AsSpan(range.Length, range.Length);
            int planes = map.Bucket.Reduction.SumPlanes(whole.Ballots);
            anyZero = Majority.Decide(whole.Planes, planes, whole.Zeros, whole.Zeros.IsEmpty ? 0 : planes, whole.Ballots,
                TieRule.Zero, default, 0, 0, map.TailMask(range), plus, none);
            AddVote(map, range, whole, plus, none, anyZero);
            ArrayPool<ulong>.Shared.Return(verdict);
        }
    }

    void AddVote(ChunkMap map, WordRange range, PartialSum whole, ReadOnlySpan<ulong> signs,
        ReadOnlySpan<ulong> zeros, bool anyZero)
    {
        int planes = map.Bucket.Reduction.SumPlanes(whole.Ballots), abstentions = whole.Zeros.IsEmpty ? 0 : planes;
        ulong tail = map.TailMask(range);
        Decided += Math.Min(map.Parameters - 64L * range.Start, 64L * range.Length);
        Margin += VoteMargin.Sum(whole.Planes, planes, whole.Zeros, abstentions, whole.Ballots, signs, zeros, tail);
        Ties += VoteMargin.CountTies(whole.Planes, planes, whole.Zeros, abstentions, whole.Ballots, range.Length, tail);
        for (int word = 0; anyZero && word < zeros.Length; word++)
            Zeros += BitOperations.PopCount(zeros[word]);
    }
}
