using System.Buffers;
using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Transport;

namespace DecentralizedLion.Topology.Exchange;

/// <summary>
/// A part whose ballots are added up on their way: whoever has a whole sum of a segment decides it, and the outcome goes to all.
/// How sums travel is the subclasses' matter.
/// </summary>
abstract class AllReduce : BucketExchange
{
    readonly List<(int Member, int Word, ulong Signs, ulong Zeros)> seen = [];
    readonly ReadOnlyMemory<ulong> previous;
    ulong[]? planes, zeros, scratch;

    /// <inheritdoc cref="BucketExchange(StepExchange, int)"/>
    /// <param name="step">The step's exchange.</param>
    /// <param name="index">Which of its parts it is.</param>
    /// <param name="previous">The previous signs, where ties repeat it.</param>
    protected AllReduce(StepExchange step, int index, ReadOnlyMemory<ulong> previous) : base(step, index)
    {
        if (Reduction is not MajorityVote { Ties: TieRule.Previous })
            return;
        if (previous.Length != Map.Words)
            throw new ArgumentException($"part {index} has {Map.Words} words, the previous majority {previous.Length}",
                nameof(previous));
        this.previous = previous;
    }

    /// <inheritdoc/>
    public sealed override Aggregate Aggregate => new(EnsurePlanes(), zeros);

    /// <inheritdoc/>
    public sealed override void OnAggregate(SegmentId id, PartialSum outcome)
    {
        Store(Map.Segment(id.Chunk, id.Segment), outcome.Planes, outcome.Zeros);
        MarkDone(id);
        Step.Profile?.OnDone(StepPart.Decide);
        PassOn(id);
    }

    /// <inheritdoc/>
    public sealed override void OnSegment(int fromPosition, SegmentId id, PartialSum sum, PeerSet voters)
    {
        int from = Step.View.Members[fromPosition];
        WordRange range = Map.Segment(id.Chunk, id.Segment);
        if (Reduction is MajorityVote && range.Length > 0 && sum.Ballots == 1 && voters.Contains(from))
        {
            int word = SpotChecks.WordOf(range, Step.Step) - range.Start;
            seen.Add((from, range.Start + word, sum.Planes[word], sum.Zeros.IsEmpty ? 0 : sum.Zeros[word]));
        }
        Add(fromPosition, id, sum, voters);
    }

    /// <inheritdoc/>
    public sealed override void Check(SpotChecks checks)
    {
        if (Reduction is not MajorityVote)
            return;
        Aggregate majority = Aggregate;
        foreach (var (member, word, signs, none) in seen)
        {
            if (Ballot is null)
                break; // there is nothing to compare them with
            ulong counted = Map.TailMask(new WordRange(word, 1)) & ~(none | Ballot.Zeros[word] | (majority.Zeros?[word] ?? 0));
            checks.Compare(member, signs, Ballot.Planes[word], majority.Planes[word], counted);
        }
        Audit(checks, majority);
    }

    /// <inheritdoc/>
    public override void Release()
    {
        if (scratch is not null)
            ArrayPool<ulong>.Shared.Return(scratch);
        scratch = null;
    }

    /// <summary>Adds a segment of a sum.</summary>
    protected abstract void Add(int fromPosition, SegmentId id, PartialSum sum, PeerSet voters);

    /// <summary>A segment of the outcome came from elsewhere: pass it on if that is ours to do.</summary>
    protected abstract void PassOn(SegmentId id);

    /// <summary>Holds the sums of votes that were passed on against the majority.</summary>
    protected virtual void Audit(SpotChecks checks, Aggregate aggregate)
    {
    }

    /// <summary>Our own ballot over a range, which is valid until the next call; a relay's is empty.</summary>
    protected PartialSum Mine(WordRange range) => Ballot is { } ballot
        ? ballot.Range(range.Start, range.Length, Scratch(Reduction.SumPlanes(1), range.Length),
            Step.WeightOf(Step.Self))
        : default;

    /// <summary>Us, unless we only relay.</summary>
    protected PeerSet Me => Ballot is null ? default : default(PeerSet).With(Step.Self);

    /// <summary>Sends our own ballot's segment, or an empty one as a relay.</summary>
    protected void SendMine(int toPosition, SegmentId id)
    {
        PartialSum mine = Mine(Map.Segment(id.Chunk, id.Segment));
        Send(FrameKind.Reduce, toPosition, id, mine, Reduction.SumPlanes(mine.Counted), Me);
    }

    /// <summary>Decides a segment whose sum is whole, and stores the outcome.</summary>
    protected void Decide(SegmentId id, PartialSum whole, PeerSet voters)
    {
        Step.Settle(voters);
        WordRange range = Map.Segment(id.Chunk, id.Segment);
        int votes = whole.Counted, length = Reduction.AggregatePlanes(votes) * range.Length,
            zeroLength = Reduction.AggregateZeroPlanes(votes) * range.Length;
        ulong[] rented = ArrayPool<ulong>.Shared.Rent(length + zeroLength);
        Span<ulong> decided = rented.AsSpan(0, length), none = rented.AsSpan(length, zeroLength);
        ReadOnlySpan<ulong> before = previous.IsEmpty ? default : previous.Span.Slice(range.Start, range.Length);
        bool any = Reduction.Complete(whole, new RangeContext(Step.Step, range.Start, Map.TailMask(range), before),
            decided, none);
        Store(range, decided, any ? none : default);
        if (range.Length > 0)
            Step.Statistics.Add(Map, range, whole, decided, none, any);
        ArrayPool<ulong>.Shared.Return(rented);
        MarkDone(id);
        Step.Profile?.OnDone(StepPart.Decide);
    }

    /// <summary>Sends a decided segment.</summary>
    protected void SendAggregate(int toPosition, SegmentId id)
    {
        WordRange range = Map.Segment(id.Chunk, id.Segment);
        VoteTotal total = Step.TotalOf(Step.Voters);
        int count = Reduction.AggregatePlanes(total.Counted),
            zeroCount = zeros is null ? 0 : Reduction.AggregateZeroPlanes(total.Counted);
        Span<ulong> room = Scratch(count + zeroCount, range.Length),
            zeroRoom = room.IsEmpty ? default : room[(count * range.Length)..];
        ReadOnlySpan<ulong> none = zeroCount == 0
            ? default : Reduction.Load(zeros, zeroCount, Map.Words, range.Start, range.Length, zeroRoom);
        if (!none.ContainsAnyExcept(0UL))
            none = default;
        ReadOnlySpan<ulong> decided = Reduction.Load(EnsurePlanes(), count, Map.Words, range.Start, range.Length, room);
        Send(FrameKind.Gather, toPosition, id, new PartialSum(decided, none, total), count, Step.Voters);
    }

    void Store(WordRange range, ReadOnlySpan<ulong> decided, ReadOnlySpan<ulong> none)
    {
        Reduction.Store(decided, range.Start, range.Length, EnsurePlanes(), Map.Words);
        if (!none.IsEmpty)
            Reduction.Store(none, range.Start, range.Length,
                zeros ??= new ulong[Reduction.AggregateZeroPlanes(Counted) * Map.Words], Map.Words);
    }

    ulong[] EnsurePlanes() => planes ??= Step.Memory(Reduction.AggregatePlanes(Counted) * Map.Words);

    int Counted => Step.TotalOf(Step.Voters).Counted;

    Span<ulong> Scratch(int planes, int words)
    {
        if (Reduction.AreContiguous(planes))
            return default; // none is needed
        int length = planes * words;
        if (scratch is null || scratch.Length < length)
        {
            if (scratch is not null)
                ArrayPool<ulong>.Shared.Return(scratch);
            scratch = ArrayPool<ulong>.Shared.Rent(length);
        }
        return scratch.AsSpan(0, length);
    }
}
