using System.Buffers;
using DecentralizedLion.Codecs;

using DecentralizedLion.Topology.Views;
namespace DecentralizedLion.Topology.Exchange;

/// <summary>
/// Ring all-reduce of sign counts: at hop h = 1…N−1 the chunk with h ballots in it goes to the successor, who adds its own; its
/// last adder decides it; hops N…2N−2 carry the verdict on. Chunk c starts at place c and is decided at place c−1.
/// </summary>
public sealed class RingExchange : StepExchange
{
    readonly Sum?[] sums;

    /// <inheritdoc cref="StepExchange(View, int, long, ChunkMap, TieRule, ReadOnlyMemory{ulong}, ISegmentSender, ulong[])"/>
    public RingExchange(View view, int self, long step, ChunkMap map, TieRule ties, ReadOnlyMemory<ulong> previous,
        ISegmentSender sender, ulong[]? signs = null) : base(view, self, step, map, ties, previous, sender, signs) => sums = new Sum?[AllSegments];

    int Successor => (Position + 1) % Count;

    int Predecessor => (Position + Count - 1) % Count;

    /// <inheritdoc/>
    public override void Missing(int from, List<Slot> slots, int most)
    {
        if (View.PositionOf(from) != Predecessor || Count == 1)
            return;
        for (int hop = 1; hop <= 2 * Count - 2; hop++)
        {
            int chunk = ChunkAt(hop);
            for (int segment = 0; segment < Map.Segments(chunk); segment++)
            {
                var slot = new Slot(chunk, hop, segment);
                if (Has(Predecessor, hop < Count ? FrameKind.Reduce : FrameKind.Gather, slot))
                    continue;
                if (slots.Count == most)
                    return;
                slots.Add(slot);
            }
        }
    }

    /// <inheritdoc/>
    public override bool Resend(int to, Slot slot)
    {
        bool ours = View.PositionOf(to) == Successor && slot.Hop >= 1 && slot.Hop <= 2 * Count - 2
            && (uint)slot.Chunk < (uint)Count && (uint)slot.Segment < (uint)Map.Segments(slot.Chunk)
            && (slot.Chunk + slot.Hop - 1) % Count == Position;
        if (!ours || !Started)
            return false;
        if (slot.Hop >= Count)
        {
            if (!HasVerdict(slot.Chunk, slot.Segment))
                return false;
            SendVerdict(Successor, slot);
            return true;
        }
        if (slot.Hop == 1)
        {
            SendBallot(Successor, slot);
            return true;
        }
        if (sums[IndexOf(slot.Chunk, slot.Segment)] is not { } sum)
            return false;
        SendSum(slot, sum);
        return true;
    }

    /// <inheritdoc/>
    public override void Forget()
    {
        base.Forget();
        foreach (Sum? sum in sums)
        {
            if (sum is not null)
                ArrayPool<ulong>.Shared.Return(sum.Planes);
        }
        Array.Clear(sums);
    }

    /// <inheritdoc/>
    protected override void OnStarted()
    {
        for (int segment = 0; segment < Map.Segments(Position); segment++)
        {
            if (Count > 1)
                SendBallot(Successor, new Slot(Position, 1, segment));
            else
                DecideAlone(segment);
        }
    }

    /// <inheritdoc/>
    protected override bool Expects(int fromPosition, FrameKind kind, Slot slot) =>
        fromPosition == Predecessor && Count > 1
        && (kind == FrameKind.Reduce ? slot.Hop >= 1 && slot.Hop < Count : slot.Hop >= Count && slot.Hop <= 2 * Count - 2)
        && ChunkAt(slot.Hop) == slot.Chunk;

    /// <inheritdoc/>
    protected override VoterSet CoveredBy(int fromPosition, Slot slot)
    {
        var set = default(VoterSet);
        for (int hop = 0; hop < slot.Hop; hop++)
            set = set.With(View.Members[(slot.Chunk + hop) % Count]);
        return set;
    }

    /// <inheritdoc/>
    protected override bool Has(int fromPosition, FrameKind kind, Slot slot) =>
        HasVerdict(slot.Chunk, slot.Segment) || (kind == FrameKind.Reduce && sums[IndexOf(slot.Chunk, slot.Segment)] is not null);

    /// <inheritdoc/>
    protected override void TakeCounts(int fromPosition, Slot slot, PlaneBlock block)
    {
        WordRange range = Map.Segment(slot.Chunk, slot.Segment);
        bool myZeros = Ballot is not null && Ballot.HasZeros(range.Start, range.Length);
        VoterSet voters = Ballot is null ? block.Voters : block.Voters.With(Self);
        int width = BitPlanes.Width(voters.Count);
        int abstentionPlanes = block.AbstentionPlanes > 0 || myZeros ? width : 0;
        ulong[] planes = ArrayPool<ulong>.Shared.Rent((width + abstentionPlanes) * range.Length);
        var sum = new Sum(planes, width, abstentionPlanes, voters);
        if (Ballot is null)
        {
            block.Counts.CopyTo(planes);
            block.Abstentions.CopyTo(planes.AsSpan(width * range.Length));
        }
        else
        {
            CountPlanes.Add(block.Counts, block.CountPlanes, Ballot.Signs.Slice(range.Start, range.Length),
                sum.Counts(range.Length), width);
            if (abstentionPlanes > 0)
            {
                CountPlanes.Add(block.Abstentions, block.AbstentionPlanes, Ballot.Zeros.Slice(range.Start, range.Length),
                    sum.Abstentions(range.Length), abstentionPlanes);
            }
        }

        if (slot.Hop < Count - 1)
        {
            sums[IndexOf(slot.Chunk, slot.Segment)] = sum;
            SendSum(slot with { Hop = slot.Hop + 1 }, sum);
            return;
        }
        Decide(slot.Chunk, slot.Segment, sum.Counts(range.Length), width, sum.Abstentions(range.Length), abstentionPlanes, voters);
        ArrayPool<ulong>.Shared.Return(planes);
        SendVerdict(Successor, slot with { Hop = Count });
    }

    /// <inheritdoc/>
    protected override void Audit(SpotChecks checks)
    {
        for (int chunk = 0; chunk < Count; chunk++)
        {
            // After us it went from place to place up to the one before the chunk's first, who decided it.
            var suspects = default(VoterSet);
            for (int place = Successor; place != chunk; place = (place + 1) % Count)
                suspects = suspects.With(View.Members[place]);
            for (int segment = 0; segment < Map.Segments(chunk); segment++)
            {
                WordRange range = Map.Segment(chunk, segment);
                if (range.Length == 0 || sums[IndexOf(chunk, segment)] is not { CountPlanes: > 0 } sum)
                    continue;
                int word = SpotChecks.WordOf(range, Step), at = word - range.Start;
                checks.Audit(sum.Counts(range.Length)[at..], sum.CountPlanes, sum.AbstentionPlanes == 0 ? default : sum.Abstentions(range.Length)[at..],
                    sum.AbstentionPlanes, range.Length, sum.Voters.Count, Voters.Count, Signs[word], Zeros?[word] ?? 0, Map.TailMask(new WordRange(word, 1)), suspects);
            }
        }
    }

    /// <inheritdoc/>
    protected override void OnVerdict(Slot slot)
    {
        if (slot.Hop < 2 * Count - 2)
            SendVerdict(Successor, slot with { Hop = slot.Hop + 1 });
    }

    /// <summary>The chunk that arrives at our place at a hop: the one whose first sender is that many places before us.</summary>
    int ChunkAt(int hop) => ((Position - hop) % Count + Count) % Count;

    void SendSum(Slot slot, Sum sum)
    {
        int length = Map.Segment(slot.Chunk, slot.Segment).Length;
        var header = new SegmentHeader(FrameKind.Reduce, Step, slot, sum.CountPlanes, sum.AbstentionPlanes, sum.Voters);
        Sender.Send(View.Members[Successor], header, sum.Counts(length), sum.Abstentions(length), LossesOf(slot, sum.Voters));
    }

    void DecideAlone(int segment)
    {
        WordRange range = Map.Segment(Position, segment);
        if (Ballot is null)
            Decide(Position, segment, default, 0, default, 0, default);
        else
            Decide(Position, segment, Ballot.Signs.Slice(range.Start, range.Length), 1,
                Ballot.Zeros.Slice(range.Start, range.Length), 1, default(VoterSet).With(Self));
    }

    sealed record Sum(ulong[] Planes, int CountPlanes, int AbstentionPlanes, VoterSet Voters)
    {
        public Span<ulong> Counts(int length) => Planes.AsSpan(0, CountPlanes * length);

        public Span<ulong> Abstentions(int length) => Planes.AsSpan(CountPlanes * length, AbstentionPlanes * length);
    }
}
