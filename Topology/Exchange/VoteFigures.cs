using System.Buffers;
using System.Numerics;
using DecentralizedLion.Codecs;

namespace DecentralizedLion.Topology.Exchange;

/// <summary>What a member sees of the votes in the sums that it decides itself: how much they agree, ties, zeros.</summary>
public sealed class VoteFigures
{
    /// <summary>How many parameters were decided.</summary>
    public long Decided { get; private set; }

    /// <summary>Sum over them of |votes for − votes against|.</summary>
    public long Margin { get; private set; }

    /// <summary>How many were even.</summary>
    public long Ties { get; private set; }

    /// <summary>How many have the verdict (or the mean) zero.</summary>
    public long Zeros { get; private set; }

    /// <summary>Adds what was decided of a range; nothing where the part is no count of signs.</summary>
    /// <param name="map">How the part is cut.</param>
    /// <param name="range">The range, not empty.</param>
    /// <param name="whole">The sum of all ballots.</param>
    /// <param name="signs">A vote's verdict.</param>
    /// <param name="zeros">Where it is zero.</param>
    internal void Add(ChunkMap map, WordRange range, Sum whole, ReadOnlySpan<ulong> signs, ReadOnlySpan<ulong> zeros)
    {
        if (map.Part.Reduction is MajorityVote)
        {
            AddVote(map, range, whole, signs, zeros);
        }
        else if (map.Part.Reduction is Average)
        {
            // Its outcome has no sign of its own.
            ulong[] verdict = ArrayPool<ulong>.Shared.Rent(2 * range.Length);
            Span<ulong> plus = verdict.AsSpan(0, range.Length), none = verdict.AsSpan(range.Length, range.Length);
            int planes = map.Part.Reduction.SumPlanes(whole.Ballots);
            Majority.Decide(whole.Planes, planes, whole.Zeros, whole.Zeros.IsEmpty ? 0 : planes, whole.Ballots, TieRule.Zero, default, 0, 0,
                map.TailMask(range), plus, none);
            AddVote(map, range, whole, plus, none);
            ArrayPool<ulong>.Shared.Return(verdict);
        }
    }

    void AddVote(ChunkMap map, WordRange range, Sum whole, ReadOnlySpan<ulong> signs, ReadOnlySpan<ulong> zeros)
    {
        int planes = map.Part.Reduction.SumPlanes(whole.Ballots), abstentions = whole.Zeros.IsEmpty ? 0 : planes;
        ulong tail = map.TailMask(range);
        Decided += Math.Min(map.Parameters - 64L * range.Start, 64L * range.Length);
        Margin += Agreement.Margin(whole.Planes, planes, whole.Zeros, abstentions, whole.Ballots, signs, zeros, tail);
        Ties += Agreement.Ties(whole.Planes, planes, whole.Zeros, abstentions, whole.Ballots, range.Length, tail);
        foreach (ulong word in zeros)
            Zeros += BitOperations.PopCount(word);
    }
}
