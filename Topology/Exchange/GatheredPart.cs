using DecentralizedLion.Codecs;

namespace DecentralizedLion.Topology.Exchange;

/// <summary>
/// A part that nobody adds up: each member's own ballot goes to all as it is, on N−1 hops round the ring or straight to each. Chunk c is
/// the ballot of the member at place c, or an empty word of one that only relays.
/// </summary>
sealed class GatheredPart : PartExchange
{
    readonly bool isRing;
    readonly ulong[] planes;
    Outcome? outcome;

    /// <inheritdoc cref="PartExchange(StepExchange, int)"/>
    /// <param name="step">The step's exchange.</param>
    /// <param name="index">Which of its parts it is.</param>
    /// <param name="isRing">Round the ring, or direct.</param>
    public GatheredPart(StepExchange step, int index, bool isRing) : base(step, index)
    {
        this.isRing = isRing;
        planes = step.Memory(Count * Map.Words);
    }

    /// <inheritdoc/>
    public override Outcome Outcome => outcome ??= new Outcome(VotersPlanes(), null);

    /// <inheritdoc/>
    public override void Begin()
    {
        for (int segment = 0; segment < Map.Segments(Position); segment++)
        {
            var slot = new Slot(Position, 1, segment);
            WordRange range = Map.Segment(Position, segment);
            if (Ballot is not null)
                Ballot.Planes.Slice(range.Start, range.Length).CopyTo(RangeOf(slot));
            MarkDone(slot);
            if (isRing && Count > 1)
                SendOn(Successor, slot);
            for (int distance = 1; !isRing && distance < Count; distance++)
                SendOn((Position + distance) % Count, slot);
        }
    }

    /// <inheritdoc/>
    public override bool Expects(int fromPosition, FrameKind kind, Slot slot) => kind == FrameKind.Reduce && slot.Chunk != Position
        && fromPosition == SourceOf(slot.Chunk) && slot.Hop == HopTo(Position, slot.Chunk);

    /// <inheritdoc/>
    public override VoterSet CoveredBy(int fromPosition, Slot slot) => default(VoterSet).With(Step.View.Members[slot.Chunk]);

    /// <inheritdoc/>
    public override bool Has(int fromPosition, FrameKind kind, Slot slot) => IsDone(slot);

    /// <inheritdoc/>
    public override void Take(int fromPosition, Slot slot, Sum sum, VoterSet voters)
    {
        sum.Planes.CopyTo(RangeOf(slot));
        MarkDone(slot);
        if (isRing && slot.Hop < Count - 1)
            SendOn(Successor, slot with { Hop = slot.Hop + 1 });
    }

    /// <inheritdoc/>
    public override void TakeOutcome(Slot slot, Sum outcome) => throw new InvalidOperationException("nobody decides what is gathered");

    /// <inheritdoc/>
    public override void Missing(int fromPosition, List<Slot> slots, int most)
    {
        for (int distance = 1; distance < Count; distance++)
        {
            int chunk = (Position - distance + Count) % Count;
            if (SourceOf(chunk) == fromPosition)
                AddMissing(fromPosition, FrameKind.Reduce, chunk, HopTo(Position, chunk), slots, most);
        }
    }

    /// <inheritdoc/>
    public override bool Resend(int toPosition, Slot slot)
    {
        bool ours = isRing ? toPosition == Successor && slot.Chunk != Successor : slot.Chunk == Position;
        if (!ours || slot.Hop != HopTo(toPosition, slot.Chunk) || !IsDone(slot))
            return false;
        SendOn(toPosition, slot);
        return true;
    }

    /// <summary>The place that a chunk comes from to ours.</summary>
    int SourceOf(int chunk) => isRing ? Predecessor : chunk;

    /// <summary>The hop that brings a chunk to a place.</summary>
    int HopTo(int position, int chunk) => isRing ? (position - chunk + Count) % Count : 1;

    /// <summary>Where a segment lies: ballots are in the order of the members' roster indices.</summary>
    Span<ulong> RangeOf(Slot slot)
    {
        WordRange range = Map.Segment(slot.Chunk, slot.Segment);
        return planes.AsSpan(RankOf(Step.View.Members[slot.Chunk]) * Map.Words + range.Start, range.Length);
    }

    void SendOn(int toPosition, Slot slot)
    {
        int owner = Step.View.Members[slot.Chunk];
        if (Step.IsVoter(owner))
            Send(FrameKind.Reduce, toPosition, slot, new Sum(RangeOf(slot), default, 1), 1, default(VoterSet).With(owner));
        else
            Send(FrameKind.Reduce, toPosition, slot, default, 0, default);
    }

    ulong[] VotersPlanes()
    {
        VoterSet voters = Step.Voters;
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
