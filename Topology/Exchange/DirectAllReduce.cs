using System.Buffers;
using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Transport;

namespace DecentralizedLion.Topology.Exchange;

/// <summary>
/// Direct all-reduce: hop 1 sends each chunk of the ballot straight to its owner (place c owns chunk c), who adds up and decides;
/// hop 2 sends the outcome to all. The same ballots give the same outcome as the ring, bit for bit.
/// </summary>
sealed class DirectAllReduce : AllReduce
{
    readonly Tally[] tallies;

    /// <inheritdoc cref="AllReduce(StepExchange, int, ReadOnlyMemory{ulong})"/>
    public DirectAllReduce(StepExchange step, int index, ReadOnlyMemory<ulong> previous) : base(step, index, previous)
    {
        tallies = new Tally[Map.Segments(Position)];
        for (int segment = 0; segment < tallies.Length; segment++)
            tallies[segment] = new Tally(Reduction, Count, Step.TotalOf(Step.View.MemberSet).Votes,
                Map.Segment(Position, segment).Length);
    }

    /// <inheritdoc/>
    public override void Missing(int fromPosition, List<SegmentId> ids, int most)
    {
        AddMissing(fromPosition, FrameKind.Reduce, Position, 1, ids, most);
        AddMissing(fromPosition, FrameKind.Gather, fromPosition, 2, ids, most);
    }

    /// <inheritdoc/>
    public override bool Resend(int toPosition, SegmentId id)
    {
        if (id.Hop == 1 && id.Chunk == toPosition)
        {
            SendMine(toPosition, id);
            return true;
        }
        if (id.Hop != 2 || id.Chunk != Position || !IsDone(id))
            return false;
        SendAggregate(toPosition, id);
        return true;
    }

    /// <inheritdoc/>
    public override void Release()
    {
        base.Release();
        foreach (Tally tally in tallies)
            tally.Release();
    }

    /// <inheritdoc/>
    public override void Begin()
    {
        // Each sender begins with its successor's chunk, so that not all send to one owner at once.
        for (int distance = 1; distance < Count; distance++)
        {
            int to = (Position + distance) % Count;
            for (int segment = 0; segment < Map.Segments(to); segment++)
                SendMine(to, new SegmentId(to, 1, segment));
        }
        for (int segment = 0; segment < tallies.Length; segment++)
            OnBallot(Position, new SegmentId(Position, 1, segment), Mine(Map.Segment(Position, segment)));
    }

    /// <inheritdoc/>
    public override bool Expects(int fromPosition, FrameKind kind, SegmentId id) => fromPosition != Position
        && (kind == FrameKind.Reduce ? id.Hop == 1 && id.Chunk == Position : id.Hop == 2 && id.Chunk == fromPosition);

    /// <inheritdoc/>
    public override PeerSet CoveredBy(int fromPosition, SegmentId id) => default(PeerSet).With(Step.View.Members[fromPosition]);

    /// <inheritdoc/>
    public override bool Has(int fromPosition, FrameKind kind, SegmentId id) => kind == FrameKind.Gather
        ? IsDone(id)
        : tallies[id.Segment].Received.Contains(Step.View.Members[fromPosition]);

    /// <inheritdoc/>
    protected override void Add(int fromPosition, SegmentId id, PartialSum sum, PeerSet voters) =>
        OnBallot(fromPosition, id, sum);

    /// <inheritdoc/>
    protected override void PassOn(SegmentId id)
    {
        // The owner sends to all; nobody passes on.
    }

    /// <summary>Counts a member's ballot; when it is the last, decides.</summary>
    void OnBallot(int fromPosition, SegmentId id, PartialSum ballot)
    {
        Tally tally = tallies[id.Segment];
        int distance = (fromPosition - Position + Count) % Count;
        tally.OnBallot(Step.View.Members[fromPosition], distance, ballot);
        Step.Profile?.OnDone(StepPart.Add);
        if (tally.Received != Step.View.MemberSet)
            return;
        Decide(id, tally.Whole(), tally.Voters);
        tally.Release();
        for (int to = 1; to < Count; to++)
            SendAggregate((Position + to) % Count, new SegmentId(Position, 2, id.Segment));
    }

    /// <summary>
    /// The sum of one segment of our chunk, in rented memory. Ballots are added as they come; where the order matters they are
    /// kept until all are here.
    /// </summary>
    sealed class Tally(Reduction reduction, int members, int votesMax, int words)
    {
        // Of the sum, or of each member's ballot, by its distance from us in the ring.
        readonly ulong[]?[] kept = new ulong[]?[reduction.IsOrdered ? members : 1];
        readonly int[] weights = new int[members]; // by distance, too
        VoteTotal total;
        ulong[]? zeros;
        bool hasZeros;

        public PeerSet Voters { get; private set; }

        public PeerSet Received { get; private set; }

        public void OnBallot(int member, int distance, PartialSum ballot)
        {
            Received = Received.With(member);
            if (ballot.Ballots == 0)
                return;
            if (reduction.IsOrdered)
            {
                ballot.Planes.CopyTo(kept[distance] = ArrayPool<ulong>.Shared.Rent(ballot.Planes.Length));
                weights[distance] = ballot.Total.Votes;
            }
            else
            {
                kept[0] ??= ArrayPool<ulong>.Shared.Rent(reduction.SumPlanes(votesMax) * words);
                Add(ballot);
            }
            total = total.With(ballot.Total.Votes);
            Voters = Voters.With(member);
        }

        /// <summary>The sum of all ballots.</summary>
        public PartialSum Whole()
        {
            if (!reduction.IsOrdered || Voters.IsEmpty)
                return SumSoFar();
            // as long for any number of ballots: those that have an order are numbers
            int length = reduction.SumPlanes(1) * words;
            var added = default(VoteTotal);
            Span<ulong> sum = default;
            for (int distance = 0; distance < kept.Length; distance++)
            {
                if (kept[distance] is not { } ballot)
                    continue;
                if (added.Ballots == 0)
                    sum = ballot.AsSpan(0, length);
                else
                    reduction.Add(new PartialSum(sum, default, added),
                        new PartialSum(ballot.AsSpan(0, length), default, new VoteTotal(1, weights[distance])), sum, default);
                added = added.With(weights[distance]);
            }
            return new PartialSum(sum, default, added);
        }

        public void Release()
        {
            foreach (ref ulong[]? memory in kept.AsSpan())
            {
                if (memory is not null)
                    ArrayPool<ulong>.Shared.Return(memory);
                memory = null;
            }
            if (zeros is not null)
                ArrayPool<ulong>.Shared.Return(zeros);
            zeros = null;
        }

        void Add(PartialSum ballot)
        {
            PartialSum sum = SumSoFar();
            hasZeros |= !ballot.Zeros.IsEmpty;
            if (hasZeros)
                zeros ??= ArrayPool<ulong>.Shared.Rent(reduction.SumPlanes(votesMax) * words);
            int length = reduction.SumPlanes(total.With(ballot.Total.Votes).Counted) * words;
            Span<ulong> planes = kept[0].AsSpan(0, length), none = hasZeros ? zeros.AsSpan(0, length) : default;
            if (total.Ballots > 0)
            {
                reduction.Add(sum, ballot, planes, none);
                return;
            }
            ballot.Planes.CopyTo(planes);
            ballot.Zeros.CopyTo(none);
        }

        PartialSum SumSoFar()
        {
            int length = reduction.SumPlanes(total.Counted) * words;
            return new PartialSum(kept[0].AsSpan(0, length), hasZeros ? zeros.AsSpan(0, length) : default, total);
        }
    }
}
