using System.Buffers;
using DecentralizedLion.Codecs;

using DecentralizedLion.Topology.Views;
namespace DecentralizedLion.Topology.Exchange;

/// <summary>
/// Direct all-reduce: hop 1 sends each chunk's signs straight to its owner (place c owns chunk c), who counts and decides;
/// hop 2 sends the verdict to all. The same ballots give the same verdict as the ring, bit for bit.
/// </summary>
public sealed class DirectExchange : StepExchange
{
    readonly Tally[] tallies;

    /// <inheritdoc cref="StepExchange(View, int, long, ChunkMap, TieRule, ReadOnlyMemory{ulong}, ISegmentSender, ulong[])"/>
    public DirectExchange(View view, int self, long step, ChunkMap map, TieRule ties, ReadOnlyMemory<ulong> previous,
        ISegmentSender sender, ulong[]? signs = null) : base(view, self, step, map, ties, previous, sender, signs)
    {
        tallies = new Tally[map.Segments(Position)];
        for (int segment = 0; segment < tallies.Length; segment++)
            tallies[segment] = new Tally();
    }

    /// <inheritdoc/>
    public override void Missing(int from, List<Slot> slots, int most)
    {
        int fromPosition = View.PositionOf(from);
        if (fromPosition < 0 || fromPosition == Position)
            return;
        Add(FrameKind.Reduce, Position, 1);
        Add(FrameKind.Gather, fromPosition, 2);

        void Add(FrameKind kind, int chunk, int hop)
        {
            for (int segment = 0; segment < Map.Segments(chunk) && slots.Count < most; segment++)
            {
                var slot = new Slot(chunk, hop, segment);
                if (!Has(fromPosition, kind, slot))
                    slots.Add(slot);
            }
        }
    }

    /// <inheritdoc/>
    public override bool Resend(int to, Slot slot)
    {
        int toPosition = View.PositionOf(to);
        if (toPosition < 0 || toPosition == Position || !Started || (uint)slot.Chunk >= (uint)Count
            || (uint)slot.Segment >= (uint)Map.Segments(slot.Chunk))
            return false;
        if (slot.Hop == 1 && slot.Chunk == toPosition)
        {
            SendBallot(toPosition, slot);
            return true;
        }
        if (slot.Hop != 2 || slot.Chunk != Position || !HasVerdict(slot.Chunk, slot.Segment))
            return false;
        SendVerdict(toPosition, slot);
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
    protected override void OnStarted()
    {
        // Each sender begins with its successor's chunk, so that not all send to one owner at once.
        for (int distance = 1; distance < Count; distance++)
        {
            int to = (Position + distance) % Count;
            for (int segment = 0; segment < Map.Segments(to); segment++)
                SendBallot(to, new Slot(to, 1, segment));
        }
        for (int segment = 0; segment < tallies.Length; segment++)
        {
            if (Ballot is not null)
            {
                WordRange range = Map.Segment(Position, segment);
                bool zeros = Ballot.HasZeros(range.Start, range.Length);
                tallies[segment].Add(Ballot.Signs.Slice(range.Start, range.Length),
                    zeros ? Ballot.Zeros.Slice(range.Start, range.Length) : default, Self, Count);
            }
            tallies[segment].Heard = tallies[segment].Heard.With(Self);
            DecideWhenWhole(segment);
        }
    }

    /// <inheritdoc/>
    protected override bool Expects(int fromPosition, FrameKind kind, Slot slot) => fromPosition != Position
        && (kind == FrameKind.Reduce ? slot.Hop == 1 && slot.Chunk == Position : slot.Hop == 2 && slot.Chunk == fromPosition);

    /// <inheritdoc/>
    protected override VoterSet CoveredBy(int fromPosition, Slot slot) => default(VoterSet).With(View.Members[fromPosition]);

    /// <inheritdoc/>
    protected override bool Has(int fromPosition, FrameKind kind, Slot slot) => kind == FrameKind.Gather
        ? HasVerdict(slot.Chunk, slot.Segment)
        : tallies[slot.Segment].Heard.Contains(View.Members[fromPosition]);

    /// <inheritdoc/>
    protected override void TakeCounts(int fromPosition, Slot slot, PlaneBlock block)
    {
        Tally tally = tallies[slot.Segment];
        int member = View.Members[fromPosition];
        if (block.Voters.Count > 0)
            tally.Add(block.Counts, block.Abstentions, member, Count);
        tally.Heard = tally.Heard.With(member);
        DecideWhenWhole(slot.Segment);
    }

    /// <inheritdoc/>
    protected override void OnVerdict(Slot slot)
    {
        // The owner sends to all; nobody passes on.
    }

    void DecideWhenWhole(int segment)
    {
        Tally tally = tallies[segment];
        if (tally.Heard != View.Set)
            return;
        Decide(Position, segment, tally.Counts.Span, tally.Counts.Planes, tally.Abstentions.Span, tally.Abstentions.Planes,
            tally.Voters);
        tally.Release();
        for (int distance = 1; distance < Count; distance++)
            SendVerdict((Position + distance) % Count, new Slot(Position, 2, segment));
    }

    /// <summary>The count of one segment of our chunk, in whatever order the ballots come.</summary>
    sealed class Tally
    {
        public PooledPlanes Counts { get; } = new();

        public PooledPlanes Abstentions { get; } = new();

        public VoterSet Voters { get; private set; }

        public VoterSet Heard { get; set; }

        public void Add(ReadOnlySpan<ulong> signs, ReadOnlySpan<ulong> zeros, int member, int members)
        {
            Counts.Add(signs, BitPlanes.Width(members));
            if (zeros.Length > 0)
                Abstentions.Add(zeros, BitPlanes.Width(members));
            Voters = Voters.With(member);
        }

        public void Release()
        {
            Counts.Release();
            Abstentions.Release();
        }
    }

    /// <summary>Count planes in rented memory; none before the first plane is added.</summary>
    sealed class PooledPlanes
    {
        ulong[] rented = [];
        int words;

        public int Planes { get; private set; }

        public Span<ulong> Span => rented.AsSpan(0, Planes * words);

        public void Add(ReadOnlySpan<ulong> plane, int planes)
        {
            if (Planes == 0)
            {
                (Planes, words) = (planes, plane.Length);
                rented = ArrayPool<ulong>.Shared.Rent(planes * words);
                Span.Clear();
            }
            CountPlanes.Add(Span, Planes, plane, Span, Planes);
        }

        public void Release()
        {
            if (Planes > 0)
                ArrayPool<ulong>.Shared.Return(rented);
            (rented, words, Planes) = ([], 0, 0);
        }
    }
}
