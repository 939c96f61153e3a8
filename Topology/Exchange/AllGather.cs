using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Transport;

namespace DecentralizedLion.Topology.Exchange;

/// <summary>
/// The exchange of a bucket that nobody adds up: each member's own ballot goes to all as it is, on N−1 hops round the ring or
/// straight to each. Chunk c is the ballot of the member at place c, or an empty word of one that only relays.
/// </summary>
sealed class AllGather : BucketExchange
{
    readonly bool isRing;
    readonly ulong[] planes;
    Aggregate? aggregate;

    /// <inheritdoc cref="BucketExchange(StepExchange, int)"/>
    /// <param name="step">The step's exchange.</param>
    /// <param name="index">The index of the bucket.</param>
    /// <param name="isRing">Round the ring, or direct.</param>
    public AllGather(StepExchange step, int index, bool isRing) : base(step, index)
    {
        this.isRing = isRing;
        planes = step.Memory(Count * Map.Words);
    }

    /// <inheritdoc/>
    public override Aggregate Aggregate => aggregate ??= new Aggregate(VotersPlanes(), null);

    /// <inheritdoc/>
    public override void Begin()
    {
        for (int segment = 0; segment < Map.Segments(Position); segment++)
        {
            var id = new SegmentId(Position, 1, segment);
            WordRange range = Map.Segment(Position, segment);
            if (Ballot is not null)
                Ballot.Planes.Slice(range.Start, range.Length).CopyTo(RangeOf(id));
            MarkDone(id);
            Step.Profile?.OnDone(StepPart.Add);
            if (isRing && Count > 1)
                SendOn(Successor, id);
            for (int distance = 1; !isRing && distance < Count; distance++)
                SendOn((Position + distance) % Count, id);
        }
    }

    /// <inheritdoc/>
    public override bool Expects(int fromPosition, FrameKind kind, SegmentId id) =>
        kind == FrameKind.Reduce && id.Chunk != Position
        && fromPosition == SourceOf(id.Chunk) && id.Hop == HopTo(Position, id.Chunk);

    /// <inheritdoc/>
    public override PeerSet CoveredBy(int fromPosition, SegmentId id) => default(PeerSet).With(Step.View.Members[id.Chunk]);

    /// <inheritdoc/>
    public override bool Has(int fromPosition, FrameKind kind, SegmentId id) => IsDone(id);

    /// <inheritdoc/>
    public override void OnSegment(int fromPosition, SegmentId id, PartialSum sum, PeerSet voters)
    {
        sum.Planes.CopyTo(RangeOf(id));
        MarkDone(id);
        Step.Profile?.OnDone(StepPart.Add);
        if (isRing && id.Hop < Count - 1)
            SendOn(Successor, id with { Hop = id.Hop + 1 });
    }

    /// <inheritdoc/>
    public override void OnAggregate(SegmentId id, PartialSum outcome) =>
        throw new InvalidOperationException("nobody decides what is gathered");

    /// <inheritdoc/>
    public override void Missing(int fromPosition, List<SegmentId> ids, int most)
    {
        for (int distance = 1; distance < Count; distance++)
        {
            int chunk = (Position - distance + Count) % Count;
            if (SourceOf(chunk) == fromPosition)
                AddMissing(fromPosition, FrameKind.Reduce, chunk, HopTo(Position, chunk), ids, most);
        }
    }

    /// <inheritdoc/>
    public override bool Resend(int toPosition, SegmentId id)
    {
        bool ours = isRing ? toPosition == Successor && id.Chunk != Successor : id.Chunk == Position;
        if (!ours || id.Hop != HopTo(toPosition, id.Chunk) || !IsDone(id))
            return false;
        SendOn(toPosition, id);
        return true;
    }

    /// <summary>The place that a chunk comes from to ours.</summary>
    int SourceOf(int chunk) => isRing ? Predecessor : chunk;

    /// <summary>The hop that brings a chunk to a place.</summary>
    int HopTo(int position, int chunk) => isRing ? (position - chunk + Count) % Count : 1;

    /// <summary>The words of a segment: ballots are in the order of the members' roster indices.</summary>
    Span<ulong> RangeOf(SegmentId id)
    {
        WordRange range = Map.Segment(id.Chunk, id.Segment);
        return planes.AsSpan(RankOf(Step.View.Members[id.Chunk]) * Map.Words + range.Start, range.Length);
    }

    void SendOn(int toPosition, SegmentId id)
    {
        int owner = Step.View.Members[id.Chunk];
        if (Step.IsVoter(owner))
            Send(FrameKind.Reduce, toPosition, id, new PartialSum(RangeOf(id), default, 1), 1, default(PeerSet).With(owner));
        else
            Send(FrameKind.Reduce, toPosition, id, default, 0, default);
    }

    ulong[] VotersPlanes()
    {
        PeerSet voters = Step.Voters;
        if (voters.Count == Count)
            return planes;
        var theirs = new ulong[voters.Count * Map.Words];
        int next = 0;
        foreach (int voter in voters)
            planes.AsSpan(RankOf(voter) * Map.Words, Map.Words).CopyTo(theirs.AsSpan(next++ * Map.Words));
        return theirs;
    }

    int RankOf(int member)
    {
        int rank = 0;
        foreach (int other in Step.View.Members)
            rank += other < member ? 1 : 0;
        return rank;
    }
}
