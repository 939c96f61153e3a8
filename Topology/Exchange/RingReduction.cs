using System.Buffers;
using DecentralizedLion.Codecs;

namespace DecentralizedLion.Topology.Exchange;

/// <summary>
/// Ring all-reduce: at hop h = 1…N−1 the chunk with h ballots in it goes to the successor, who adds its own; its last adder decides it;
/// hops N…2N−2 carry the outcome on. Chunk c starts at place c and is decided at place c−1.
/// </summary>
sealed class RingReduction : ReducedPart
{
    readonly KeptSum?[] sums;

    /// <inheritdoc cref="ReducedPart(StepExchange, int, ReadOnlyMemory{ulong})"/>
    public RingReduction(StepExchange step, int index, ReadOnlyMemory<ulong> previous) : base(step, index, previous) =>
        sums = new KeptSum?[Segments];

    /// <inheritdoc/>
    public override void Missing(int fromPosition, List<Slot> slots, int most)
    {
        if (fromPosition != Predecessor)
            return;
        for (int hop = 1; hop <= 2 * Count - 2; hop++)
            AddMissing(fromPosition, hop < Count ? FrameKind.Reduce : FrameKind.Gather, ChunkAt(hop), hop, slots, most);
    }

    /// <inheritdoc/>
    public override bool Resend(int toPosition, Slot slot)
    {
        bool ours = toPosition == Successor && slot.Hop >= 1 && slot.Hop <= 2 * Count - 2 && (slot.Chunk + slot.Hop - 1) % Count == Position;
        if (!ours)
            return false;
        if (slot.Hop >= Count)
        {
            if (!IsDone(slot))
                return false;
            SendOutcome(Successor, slot);
            return true;
        }
        if (slot.Hop == 1)
        {
            SendMine(Successor, slot);
            return true;
        }
        if (sums[IndexOf(slot)] is not { } sum)
            return false;
        SendSum(slot, sum);
        return true;
    }

    /// <inheritdoc/>
    public override void Forget()
    {
        base.Forget();
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
            var slot = new Slot(Position, 1, segment);
            if (Count > 1)
                SendMine(Successor, slot);
            else
                Decide(slot, Mine(Map.Segment(Position, segment)), Me);
        }
    }

    /// <inheritdoc/>
    public override bool Expects(int fromPosition, FrameKind kind, Slot slot) => fromPosition == Predecessor && Count > 1
        && (kind == FrameKind.Reduce ? slot.Hop >= 1 && slot.Hop < Count : slot.Hop >= Count && slot.Hop <= 2 * Count - 2)
        && ChunkAt(slot.Hop) == slot.Chunk;

    /// <inheritdoc/>
    public override VoterSet CoveredBy(int fromPosition, Slot slot)
    {
        var set = default(VoterSet);
        for (int hop = 0; hop < slot.Hop; hop++)
            set = set.With(Step.View.Members[(slot.Chunk + hop) % Count]);
        return set;
    }

    /// <inheritdoc/>
    public override bool Has(int fromPosition, FrameKind kind, Slot slot) =>
        IsDone(slot) || (kind == FrameKind.Reduce && sums[IndexOf(slot)] is not null);

    /// <inheritdoc/>
    protected override void Add(int fromPosition, Slot slot, Sum sum, VoterSet voters)
    {
        WordRange range = Map.Segment(slot.Chunk, slot.Segment);
        Sum mine = Mine(range);
        KeptSum kept = sum.Ballots == 0 ? KeptSum.Of(mine, Reduction, range.Length, Me)
            : Ballot is null ? KeptSum.Of(sum, Reduction, range.Length, voters)
            : KeptSum.Of(sum, mine, Reduction, range.Length, voters.With(Step.Self));
        if (slot.Hop < Count - 1)
        {
            sums[IndexOf(slot)] = kept;
            SendSum(slot with { Hop = slot.Hop + 1 }, kept);
            return;
        }
        Decide(slot, kept.Sum, kept.Voters);
        ArrayPool<ulong>.Shared.Return(kept.Memory);
        SendOutcome(Successor, slot with { Hop = Count });
    }

    /// <inheritdoc/>
    protected override void PassOn(Slot slot)
    {
        if (slot.Hop < 2 * Count - 2)
            SendOutcome(Successor, slot with { Hop = slot.Hop + 1 });
    }

    /// <inheritdoc/>
    protected override void Audit(SpotChecks checks, Outcome verdict)
    {
        for (int chunk = 0; chunk < Count; chunk++)
        {
            // After us it went from place to place up to the one before the chunk's first, who decided it.
            var suspects = default(VoterSet);
            for (int place = Successor; place != chunk; place = (place + 1) % Count)
                suspects = suspects.With(Step.View.Members[place]);
            for (int segment = 0; segment < Map.Segments(chunk); segment++)
            {
                WordRange range = Map.Segment(chunk, segment);
                if (range.Length == 0 || sums[IndexOf(new Slot(chunk, 0, segment))] is not { Planes: > 0 } sum)
                    continue;
                int word = SpotChecks.WordOf(range, Step.Step), at = word - range.Start;
                checks.Audit(sum.Sum.Planes[at..], sum.Planes, sum.ZeroPlanes == 0 ? default : sum.Sum.Zeros[at..], sum.ZeroPlanes, range.Length,
                    sum.Voters.Count, Step.Voters.Count, verdict.Planes[word], verdict.Zeros?[word] ?? 0, Map.TailMask(new WordRange(word, 1)), suspects);
            }
        }
    }

    /// <summary>The chunk that arrives at our place at a hop: the one whose first sender is that many places before us.</summary>
    int ChunkAt(int hop) => ((Position - hop) % Count + Count) % Count;

    void SendSum(Slot slot, KeptSum sum) => Send(FrameKind.Reduce, Successor, slot, sum.Sum, sum.Planes, sum.Voters);

    /// <summary>A sum in rented memory: it is sent again when the successor asks.</summary>
    sealed record KeptSum(ulong[] Memory, int Planes, int ZeroPlanes, int Words, VoterSet Voters)
    {
        public Sum Sum => new(Memory.AsSpan(0, Planes * Words), Memory.AsSpan(Planes * Words, ZeroPlanes * Words), Voters.Count);

        Span<ulong> PlaneWords => Memory.AsSpan(0, Planes * Words);

        Span<ulong> ZeroWords => Memory.AsSpan(Planes * Words, ZeroPlanes * Words);

        /// <summary>The very same.</summary>
        public static KeptSum Of(Sum sum, Reduction reduction, int words, VoterSet voters)
        {
            KeptSum kept = Rent(reduction.SumPlanes(voters.Count), sum.Zeros.IsEmpty, words, voters);
            sum.Planes.CopyTo(kept.PlaneWords);
            sum.Zeros.CopyTo(kept.ZeroWords);
            return kept;
        }

        /// <summary>One ballot more.</summary>
        public static KeptSum Of(Sum sum, Sum ballot, Reduction reduction, int words, VoterSet voters)
        {
            KeptSum kept = Rent(reduction.SumPlanes(voters.Count), sum.Zeros.IsEmpty && ballot.Zeros.IsEmpty, words, voters);
            reduction.Add(sum, ballot, kept.PlaneWords, kept.ZeroWords);
            return kept;
        }

        static KeptSum Rent(int planes, bool withoutZeros, int words, VoterSet voters)
        {
            int zeroPlanes = withoutZeros ? 0 : planes;
            return new KeptSum(ArrayPool<ulong>.Shared.Rent((planes + zeroPlanes) * words), planes, zeroPlanes, words, voters);
        }
    }
}
