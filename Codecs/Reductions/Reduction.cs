using DecentralizedLion.Codecs.Bits;

namespace DecentralizedLion.Codecs.Reductions;

/// <summary>
/// The arithmetic that makes the aggregate of one bucket of a step out of the members' ballots (docs/protocol.md#exchange). All
/// numbers travel as planes: a plane has one 64-bit word for 64 parameters, n words of a range; k planes over the range are k·n
/// words. No state: the same on every member.
/// </summary>
abstract class Reduction
{
    /// <summary>The words of a plane over a part of so many elements.</summary>
    public virtual int Words(int length) => BitPlanes.Words(length);

    /// <summary>The valid bits of a part's last word.</summary>
    public virtual ulong TailMask(int length) => BitPlanes.TailMask(length);

    /// <summary>The planes of a sum that counts so many votes (<see cref="VoteTotal.Counted"/>); a ballot is the sum of one, and
    /// the sum of none has no planes.</summary>
    public abstract int SumPlanes(int votes);

    /// <summary>True when as many zero planes may go along with a sum, where any of its ballots abstains.</summary>
    public virtual bool HasZeros => false;

    /// <summary>True when ballots must be added in one fixed order, because rounding depends on it.</summary>
    public virtual bool IsOrdered => false;

    /// <summary>True when nothing is added: each member's ballot goes to all as it is, and the aggregate is all of them, in the
    /// voters' order.</summary>
    public virtual bool IsGathered => false;

    /// <summary>The planes of the outcome of so many votes (<see cref="VoteTotal.Counted"/>).</summary>
    public abstract int AggregatePlanes(int votes);

    /// <summary>The zero planes of an outcome that has any.</summary>
    public virtual int AggregateZeroPlanes(int votes) => 0;

    /// <summary>sum ← sum + ballot.</summary>
    /// <param name="sum">A sum of h ballots, h ≥ 1.</param>
    /// <param name="ballot">One ballot and its weight.</param>
    /// <param name="planes">SumPlanes of the votes of all h + 1 · n words; may begin at the memory of the sum's planes.</param>
    /// <param name="zeros">As many, when either has zeros, else empty; may begin at the memory of the sum's zeros.</param>
    public abstract void Add(PartialSum sum, PartialSum ballot, Span<ulong> planes, Span<ulong> zeros);

    /// <summary>The outcome of a range.</summary>
    /// <param name="whole">The sum of all voters' ballots.</param>
    /// <param name="context">Where the range lies.</param>
    /// <param name="planes">OutcomePlanes · n words.</param>
    /// <param name="zeros">OutcomeZeroPlanes · n words; always written.</param>
    /// <returns>Whether the outcome has any zero.</returns>
    public abstract bool Complete(PartialSum whole, RangeContext context, Span<ulong> planes, Span<ulong> zeros);

    /// <summary>True when an honest sum can look like this: a frame that cannot is dropped.</summary>
    /// <param name="sum">What arrived, n words a plane.</param>
    /// <param name="tailMask">The valid bits of the last word.</param>
    public abstract bool IsPlausibleSum(PartialSum sum, ulong tailMask);

    /// <summary>True when an honest aggregate can look like this.</summary>
    /// <param name="outcome">What arrived; its total is the voters'.</param>
    /// <param name="tailMask">The valid bits of the last word.</param>
    public abstract bool IsPlausibleAggregate(PartialSum outcome, ulong tailMask);

    /// <summary>True when so many planes of a range lie together in those of a whole bucket.</summary>
    public virtual bool AreContiguous(int planes) => planes <= 1;

    /// <summary>Puts a range's planes to their place in the planes of a whole part.</summary>
    /// <param name="range">k · n words.</param>
    /// <param name="first">The range's first word.</param>
    /// <param name="words">n.</param>
    /// <param name="whole">k planes of <paramref name="stride"/> words.</param>
    /// <param name="stride">The words of the whole part's plane.</param>
    public virtual void Store(ReadOnlySpan<ulong> range, int first, int words, Span<ulong> whole, int stride)
    {
        for (int from = 0, to = first; from < range.Length; from += words, to += stride)
            range.Slice(from, words).CopyTo(whole[to..]);
    }

    /// <summary>The planes of a range of a whole part, one after the other.</summary>
    /// <param name="whole">Planes of <paramref name="stride"/> words.</param>
    /// <param name="planes">How many.</param>
    /// <param name="stride">The words of the whole part's plane.</param>
    /// <param name="first">The range's first word.</param>
    /// <param name="words">n.</param>
    /// <param name="scratch">At least planes · n words, written only where the planes do not lie together already.</param>
    public virtual ReadOnlySpan<ulong> Load(ReadOnlySpan<ulong> whole, int planes, int stride, int first, int words,
        Span<ulong> scratch)
    {
        if (AreContiguous(planes))
            return planes == 0 ? default : whole.Slice(first, words);
        for (int plane = 0; plane < planes; plane++)
            whole.Slice(plane * stride + first, words).CopyTo(scratch[(plane * words)..]);
        return scratch[..(planes * words)];
    }

    /// <summary>True when no plane has a bit beyond the last parameter.</summary>
    protected static bool TailIsClear(ReadOnlySpan<ulong> planes, int words, ulong tailMask)
    {
        if (tailMask == ulong.MaxValue || words == 0)
            return true;
        for (int last = words - 1; last < planes.Length; last += words)
        {
            if ((planes[last] & ~tailMask) != 0)
                return false;
        }
        return true;
    }
}
