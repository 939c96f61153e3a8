using System.Buffers;
using DecentralizedLion.Codecs;

namespace DecentralizedLion.Topology.Exchange;

/// <summary>
/// Direct all-reduce: hop 1 sends each chunk of the ballot straight to its owner (place c owns chunk c), who adds up and decides; hop 2
/// sends the outcome to all. The same ballots give the same outcome as the ring, bit for bit.
/// </summary>
sealed class DirectReduction : ReducedPart
{
    readonly Tally[] tallies;

    /// <inheritdoc cref="ReducedPart(StepExchange, int, ReadOnlyMemory{ulong})"/>
    public DirectReduction(StepExchange step, int index, ReadOnlyMemory<ulong> previous) : base(step, index, previous)
    {
        tallies = new Tally[Map.Segments(Position)];
        for (int segment = 0; segment < tallies.Length; segment++)
            tallies[segment] = new Tally(Reduction, Count, Map.Segment(Position, segment).Length);
    }

    /// <inheritdoc/>
    public override void Missing(int fromPosition, List<Slot> slots, int most)
    {
        AddMissing(fromPosition, FrameKind.Reduce, Position, 1, slots, most);
        AddMissing(fromPosition, FrameKind.Gather, fromPosition, 2, slots, most);
    }

    /// <inheritdoc/>
    public override bool Resend(int toPosition, Slot slot)
    {
        if (slot.Hop == 1 && slot.Chunk == toPosition)
        {
            SendMine(toPosition, slot);
            return true;
        }
        if (slot.Hop != 2 || slot.Chunk != Position || !IsDone(slot))
            return false;
        SendOutcome(toPosition, slot);
        return true;
    }

    /// <inheritdoc/>
    public override void Forget()
    {
        base.Forget();
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
                SendMine(to, new Slot(to, 1, segment));
        }
        for (int segment = 0; segment < tallies.Length; segment++)
            Hear(Position, new Slot(Position, 1, segment), Mine(Map.Segment(Position, segment)));
    }

    /// <inheritdoc/>
    public override bool Expects(int fromPosition, FrameKind kind, Slot slot) => fromPosition != Position
        && (kind == FrameKind.Reduce ? slot.Hop == 1 && slot.Chunk == Position : slot.Hop == 2 && slot.Chunk == fromPosition);

    /// <inheritdoc/>
    public override VoterSet CoveredBy(int fromPosition, Slot slot) => default(VoterSet).With(Step.View.Members[fromPosition]);

    /// <inheritdoc/>
    public override bool Has(int fromPosition, FrameKind kind, Slot slot) => kind == FrameKind.Gather
        ? IsDone(slot)
        : tallies[slot.Segment].Heard.Contains(Step.View.Members[fromPosition]);

    /// <inheritdoc/>
    protected override void Add(int fromPosition, Slot slot, Sum sum, VoterSet voters) => Hear(fromPosition, slot, sum);

    /// <inheritdoc/>
    protected override void PassOn(Slot slot)
    {
        // The owner sends to all; nobody passes on.
    }

    /// <summary>Counts a member's ballot; when it is the last, decides.</summary>
    void Hear(int fromPosition, Slot slot, Sum ballot)
    {
        Tally tally = tallies[slot.Segment];
        int distance = (fromPosition - Position + Count) % Count;
        tally.Hear(Step.View.Members[fromPosition], distance, ballot);
        if (tally.Heard != Step.View.Set)
            return;
        Decide(slot, tally.Whole(), tally.Voters);
        tally.Release();
        for (int to = 1; to < Count; to++)
            SendOutcome((Position + to) % Count, new Slot(Position, 2, slot.Segment));
    }

    /// <summary>
    /// The sum of one segment of our chunk, in rented memory. Ballots are added as they come; where the order matters they are kept until all
    /// are here.
    /// </summary>
    sealed class Tally(Reduction reduction, int members, int words)
    {
        // Of the sum, or of each member's ballot, by its distance from us in the ring.
        readonly ulong[]?[] kept = new ulong[]?[reduction.IsOrdered ? members : 1];
        ulong[]? zeros;
        bool hasZeros;

        public VoterSet Voters { get; private set; }

        public VoterSet Heard { get; private set; }

        public void Hear(int member, int distance, Sum ballot)
        {
            Heard = Heard.With(member);
            if (ballot.Ballots == 0)
                return;
            if (reduction.IsOrdered)
            {
                ballot.Planes.CopyTo(kept[distance] = ArrayPool<ulong>.Shared.Rent(ballot.Planes.Length));
            }
            else
            {
                kept[0] ??= ArrayPool<ulong>.Shared.Rent(reduction.SumPlanes(members) * words);
                Add(Voters.Count, ballot);
            }
            Voters = Voters.With(member);
        }

        /// <summary>The sum of all ballots.</summary>
        public Sum Whole()
        {
            if (!reduction.IsOrdered || Voters.IsEmpty)
                return SumOf(Voters.Count);
            int length = reduction.SumPlanes(1) * words, ballots = 0; // as long for any number of ballots: those that have an order are numbers
            Span<ulong> total = default;
            foreach (ulong[]? ballot in kept)
            {
                if (ballot is null)
                    continue;
                if (ballots++ == 0)
                    total = ballot.AsSpan(0, length);
                else
                    reduction.Add(new Sum(total, default, ballots - 1), new Sum(ballot.AsSpan(0, length), default, 1), total, default);
            }
            return new Sum(total, default, ballots);
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

        void Add(int ballots, Sum ballot)
        {
            Sum sum = SumOf(ballots);
            hasZeros |= !ballot.Zeros.IsEmpty;
            if (hasZeros)
                zeros ??= ArrayPool<ulong>.Shared.Rent(reduction.SumPlanes(members) * words);
            int length = reduction.SumPlanes(ballots + 1) * words;
            Span<ulong> planes = kept[0].AsSpan(0, length), none = hasZeros ? zeros.AsSpan(0, length) : default;
            if (ballots > 0)
            {
                reduction.Add(sum, ballot, planes, none);
                return;
            }
            ballot.Planes.CopyTo(planes);
            ballot.Zeros.CopyTo(none);
        }

        Sum SumOf(int ballots)
        {
            int length = reduction.SumPlanes(ballots) * words;
            return new Sum(kept[0].AsSpan(0, length), hasZeros ? zeros.AsSpan(0, length) : default, ballots);
        }
    }
}
