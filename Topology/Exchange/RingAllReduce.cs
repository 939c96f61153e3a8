using System.Buffers;
using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Transport;

namespace DecentralizedLion.Topology.Exchange;

/// <summary>
/// Ring all-reduce: at hop h = 1…N−1 the chunk with h ballots in it goes to the successor, who adds its own; its last adder
/// decides it; hops N…2N−2 carry the outcome on. Chunk c starts at place c and is decided at place c−1.
/// </summary>
sealed class RingAllReduce : AllReduce
{
    readonly KeptSum?[] sums;

    /// <inheritdoc cref="AllReduce(StepExchange, int, ReadOnlyMemory{ulong})"/>
    public RingAllReduce(StepExchange step, int index, ReadOnlyMemory<ulong> previous) : base(step, index, previous) =>
        sums = new KeptSum?[Segments];

    /// <inheritdoc/>
    public override void Missing(int fromPosition, List<SegmentId> ids, int most)
    {
        if (fromPosition != Predecessor)
            return;
        for (int hop = 1; hop <= 2 * Count - 2; hop++)
            AddMissing(fromPosition, hop < Count ? FrameKind.Reduce : FrameKind.Gather, ChunkAt(hop), hop, ids, most);
    }

    /// <inheritdoc/>
    public override bool Resend(int toPosition, SegmentId id)
    {
        bool ours = toPosition == Successor && id.Hop >= 1 && id.Hop <= 2 * Count - 2
            && (id.Chunk + id.Hop - 1) % Count == Position;
        if (!ours)
            return false;
        if (id.Hop >= Count)
        {
            if (!IsDone(id))
                return false;
            SendAggregate(Successor, id);
            return true;
        }
        if (id.Hop == 1)
        {
            SendMine(Successor, id);
            return true;
        }
        if (sums[IndexOf(id)] is not { } sum)
            return false;
        SendSum(id, sum);
        return true;
    }

    /// <inheritdoc/>
    public override void Release()
    {
        base.Release();
        foreach (KeptSum? sum in sums)
        {
            if (sum is not null)
                ArrayPool<ulong>.Shared.Return(sum.Memory);
        }
        Array.Clear(sums);
    }

    /// <inheritdoc/>
    public override void Begin()
    {
        for (int segment = 0; segment < Map.Segments(Position); segment++)
        {
            var id = new SegmentId(Position, 1, segment);
            if (Count > 1)
                SendMine(Successor, id);
            else
                Decide(id, Mine(Map.Segment(Position, segment)), Me);
        }
    }

    /// <inheritdoc/>
    public override bool Expects(int fromPosition, FrameKind kind, SegmentId id) => fromPosition == Predecessor && Count > 1
        && (kind == FrameKind.Reduce ? id.Hop >= 1 && id.Hop < Count : id.Hop >= Count && id.Hop <= 2 * Count - 2)
        && ChunkAt(id.Hop) == id.Chunk;

    /// <inheritdoc/>
    public override PeerSet CoveredBy(int fromPosition, SegmentId id)
    {
        var set = default(PeerSet);
        for (int hop = 0; hop < id.Hop; hop++)
            set = set.With(Step.View.Members[(id.Chunk + hop) % Count]);
        return set;
    }

    /// <inheritdoc/>
    public override bool Has(int fromPosition, FrameKind kind, SegmentId id) =>
        IsDone(id) || (kind == FrameKind.Reduce && sums[IndexOf(id)] is not null);

    /// <inheritdoc/>
    protected override void Add(int fromPosition, SegmentId id, PartialSum sum, PeerSet voters)
    {
        WordRange range = Map.Segment(id.Chunk, id.Segment);
        PartialSum mine = Mine(range);
        KeptSum kept = sum.Ballots == 0 ? KeptSum.Of(mine, Reduction, range.Length, Me)
            : Ballot is null ? KeptSum.Of(sum, Reduction, range.Length, voters)
            : KeptSum.Of(sum, mine, Reduction, range.Length, voters.With(Step.Self));
        Step.Profile?.OnDone(StepPart.Add);
        if (id.Hop < Count - 1)
        {
            sums[IndexOf(id)] = kept;
            SendSum(id with { Hop = id.Hop + 1 }, kept);
            return;
        }
        Decide(id, kept.Sum, kept.Voters);
        ArrayPool<ulong>.Shared.Return(kept.Memory);
        SendAggregate(Successor, id with { Hop = Count });
    }

    /// <inheritdoc/>
    protected override void PassOn(SegmentId id)
    {
        if (id.Hop < 2 * Count - 2)
            SendAggregate(Successor, id with { Hop = id.Hop + 1 });
    }

    /// <inheritdoc/>
    protected override void Audit(SpotChecks checks, Aggregate aggregate)
    {
        for (int chunk = 0; chunk < Count; chunk++)
        {
            // After us it went from place to place up to the one before the chunk's first, who decided it.
            var suspects = default(PeerSet);
            for (int place = Successor; place != chunk; place = (place + 1) % Count)
                suspects = suspects.With(Step.View.Members[place]);
            for (int segment = 0; segment < Map.Segments(chunk); segment++)
            {
                WordRange range = Map.Segment(chunk, segment);
                if (range.Length == 0 || sums[IndexOf(new SegmentId(chunk, 0, segment))] is not { Planes: > 0 } sum)
                    continue;
                int word = SpotChecks.WordOf(range, Step.Step), at = word - range.Start;
                var counts = new VoteCounts(sum.Sum.Planes[at..], sum.Planes,
                    sum.ZeroPlanes == 0 ? default : sum.Sum.Zeros[at..], sum.ZeroPlanes, sum.Total.Counted);
                var majority = new SpotChecks.MajorityWord(aggregate.Planes[word], aggregate.Zeros?[word] ?? 0,
                    Map.TailMask(new WordRange(word, 1)));
                checks.Audit(counts, range.Length, sum.Total.Factor, Step.TotalOf(Step.Voters).Votes, majority, suspects);
            }
        }
    }

    /// <summary>The chunk that arrives at our place at a hop: the one whose first sender is that many places before us.</summary>
    int ChunkAt(int hop) => ((Position - hop) % Count + Count) % Count;

    void SendSum(SegmentId id, KeptSum sum) => Send(FrameKind.Reduce, Successor, id, sum.Sum, sum.Planes, sum.Voters);

    /// <summary>A sum in rented memory: it is sent again when the successor asks.</summary>
    sealed record KeptSum(ulong[] Memory, int Planes, int ZeroPlanes, int Words, PeerSet Voters, VoteTotal Total)
    {
        public PartialSum Sum =>
            new(Memory.AsSpan(0, Planes * Words), Memory.AsSpan(Planes * Words, ZeroPlanes * Words), Total);

        Span<ulong> PlaneWords => Memory.AsSpan(0, Planes * Words);

        Span<ulong> ZeroWords => Memory.AsSpan(Planes * Words, ZeroPlanes * Words);

        /// <summary>The very same.</summary>
        public static KeptSum Of(PartialSum sum, Reduction reduction, int words, PeerSet voters)
        {
            KeptSum kept = Rent(reduction.SumPlanes(sum.Counted), sum.Zeros.IsEmpty, words, voters, sum.Total);
            sum.Planes.CopyTo(kept.PlaneWords);
            sum.Zeros.CopyTo(kept.ZeroWords);
            return kept;
        }

        /// <summary>One ballot more.</summary>
        public static KeptSum Of(PartialSum sum, PartialSum ballot, Reduction reduction, int words, PeerSet voters)
        {
            VoteTotal total = sum.Total.With(ballot.Total.Votes);
            KeptSum kept = Rent(reduction.SumPlanes(total.Counted), sum.Zeros.IsEmpty && ballot.Zeros.IsEmpty, words, voters,
                total);
            reduction.Add(sum, ballot, kept.PlaneWords, kept.ZeroWords);
            return kept;
        }

        static KeptSum Rent(int planes, bool withoutZeros, int words, PeerSet voters, VoteTotal total)
        {
            int zeroPlanes = withoutZeros ? 0 : planes;
            return new KeptSum(ArrayPool<ulong>.Shared.Rent((planes + zeroPlanes) * words), planes, zeroPlanes, words, voters,
                total);
        }
    }
}
