using System.Buffers;
using System.Numerics;
using DecentralizedLion.Codecs.Kernels;
using DecentralizedLion.Codecs.Reductions;

namespace DecentralizedLion.Topology.Exchange;

/// <summary>The statistics of the votes in the sums that a member decides itself: agreement, ties, zeros.</summary>
sealed class VoteStatistics
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
    /// <param name="signs">A vote's majority.</param>
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
            ulong[] majority = ArrayPool<ulong>.Shared.Rent(2 * range.Length);
            Span<ulong> plus = majority.AsSpan(0, range.Length), none = majority.AsSpan(range.Length, range.Length);
            var context = new RangeContext(step: 0, firstWord: 0, map.TailMask(range), previous: default);
            anyZero = MajorityKernel.Decide(VoteCounts.Of(whole), TieRule.Zero, context, plus, none);
            AddVote(map, range, whole, plus, none, anyZero);
            ArrayPool<ulong>.Shared.Return(majority);
        }
    }

    void AddVote(ChunkMap map, WordRange range, PartialSum whole, ReadOnlySpan<ulong> signs,
        ReadOnlySpan<ulong> zeros, bool anyZero)
    {
        VoteCounts counts = VoteCounts.Of(whole);
        ulong tail = map.TailMask(range);
        Decided += Math.Min(map.Parameters - 64L * range.Start, 64L * range.Length);
        Margin += VoteMargin.Sum(counts, signs, zeros, tail);
        Ties += VoteMargin.CountTies(counts, range.Length, tail);
        for (int word = 0; anyZero && word < zeros.Length; word++)
            Zeros += BitOperations.PopCount(zeros[word]);
    }
}
