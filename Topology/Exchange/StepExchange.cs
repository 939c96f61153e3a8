using System.Runtime.InteropServices;
using DecentralizedLion.Codecs;
using DecentralizedLion.Topology.Links;
using DecentralizedLion.Topology.Views;

namespace DecentralizedLion.Topology.Exchange;

/// <summary>
/// One step's reduce-scatter, decision and all-gather as one member sees it (section 5). No I/O and no clock: frames go in by
/// <see cref="Accept"/>, segments go out through <see cref="ISegmentSender"/>. Repeats and any order are harmless.
/// </summary>
public abstract class StepExchange
{
    readonly Dictionary<(int From, Slot Slot), KeptFrame> early = [];
    readonly List<(int Member, int Word, ulong Signs, ulong Zeros)> seen = [];
    readonly bool[] decided;
    readonly int[] firstIndex;
    readonly uint[] lossBits;
    readonly ulong[] scratchZeros;
    readonly uint[] scratchLosses;
    ulong[]? verdictZeros;
    VoterSet knownVoters, knownRelays;
    VoterSet? finalVoters;
    int undecided;

    /// <summary>Begins to take part in a step.</summary>
    /// <param name="view">The members and their order.</param>
    /// <param name="self">Our roster index, a member of the view.</param>
    /// <param name="step">The step's number.</param>
    /// <param name="map">How the vector is cut: one chunk per member of the view.</param>
    /// <param name="ties">The tie rule.</param>
    /// <param name="previous">The previous verdict's signs, all words; read when deciding, so it must be that of step − 1 then.</param>
    /// <param name="sender">Where segments go.</param>
    /// <param name="signs">Where the verdict's signs are put, all words; what is there before is overwritten. Null: new memory.</param>
    protected StepExchange(View view, int self, long step, ChunkMap map, TieRule ties, ReadOnlyMemory<ulong> previous,
        ISegmentSender sender, ulong[]? signs)
    {
        (View, Self, Step, Map, Ties, Previous, Sender) = (view, self, step, map, ties, previous, sender);
        Position = view.PositionOf(self);
        ArgumentOutOfRangeException.ThrowIfNegative(Position, nameof(self));
        ArgumentOutOfRangeException.ThrowIfNotEqual(map.Chunks, view.Count, nameof(map));
        firstIndex = new int[view.Count];
        int segments = 0;
        for (int chunk = 0; chunk < view.Count; chunk++)
        {
            firstIndex[chunk] = segments;
            segments += map.Segments(chunk);
        }
        decided = new bool[segments];
        undecided = segments;
        lossBits = new uint[VoterSet.Capacity];
        scratchZeros = new ulong[map.SegmentWords];
        scratchLosses = new uint[view.Count];
        Signs = signs ?? new ulong[map.Words];
        ArgumentOutOfRangeException.ThrowIfNotEqual(Signs.Length, map.Words, nameof(signs));
    }

    /// <summary>The view it belongs to.</summary>
    public View View { get; }

    /// <summary>Our roster index.</summary>
    public int Self { get; }

    /// <summary>The step's number.</summary>
    public long Step { get; }

    /// <summary>Our own word has been given: voter or relay, the same for every chunk.</summary>
    public bool Started { get; private set; }

    /// <summary>The whole verdict is here.</summary>
    public bool Complete => undecided == 0;

    /// <summary>Grows with every frame that brought something new; to tell "slow" from "stuck".</summary>
    public long Progress { get; private set; }

    /// <summary>The verdict's signs, one bit a parameter; whole when <see cref="Complete"/>.</summary>
    public ulong[] Signs { get; }

    /// <summary>The verdict's zeros, null when there is none.</summary>
    public ulong[]? Zeros => verdictZeros;

    /// <summary>Whose ballots were counted; known when <see cref="Complete"/>.</summary>
    public VoterSet Voters => finalVoters ?? default;

    /// <summary>Sum over the parameters that this member decided of |votes for − votes against|.</summary>
    public long Margin { get; private set; }

    /// <summary>How many parameters this member decided.</summary>
    public long Decided { get; private set; }

    /// <summary>Our place in the ring.</summary>
    protected int Position { get; }

    /// <summary>How the vector is cut.</summary>
    protected ChunkMap Map { get; }

    /// <summary>The tie rule.</summary>
    protected TieRule Ties { get; }

    /// <summary>The previous verdict's signs.</summary>
    protected ReadOnlyMemory<ulong> Previous { get; }

    /// <summary>Where segments go.</summary>
    protected ISegmentSender Sender { get; }

    /// <summary>Our ballot, null for a relay.</summary>
    protected Ballot? Ballot { get; private set; }

    /// <summary>The number of members.</summary>
    protected int Count => View.Count;

    /// <summary>The loss that a voter reported, as float bits.</summary>
    public uint LossBitsOf(int member) => lossBits[member];

    /// <summary>Gives our word: a ballot, or null to relay. Sends what can be sent and takes up what came early.</summary>
    /// <param name="ballot">Must not change until the step is forgotten.</param>
    /// <param name="loss">Our loss on the mini-batch; ignored for a relay.</param>
    public void Start(Ballot? ballot, float loss)
    {
        if (Started)
            throw new InvalidOperationException($"step {Step} was started already");
        if (ballot is not null && ballot.Parameters != Map.Parameters)
            throw new ArgumentException($"the ballot has {ballot.Parameters} parameters, the model {Map.Parameters}", nameof(ballot));
        (Started, Ballot) = (true, ballot);
        if (ballot is null)
        {
            knownRelays = knownRelays.With(Self);
        }
        else
        {
            knownVoters = knownVoters.With(Self);
            lossBits[Self] = BitConverter.SingleToUInt32Bits(loss);
        }
        OnStarted();
        foreach (var ((from, slot), frame) in early)
            Take(from, slot, frame.Kind, frame.CountPlanes, frame.AbstentionPlanes, frame.Voters, frame.Payload);
        early.Clear();
    }

    /// <summary>Takes a frame of this step.</summary>
    /// <param name="from">Roster index of the peer whose link it came over.</param>
    /// <param name="header">The envelope; its run, session, view and step were checked before.</param>
    /// <param name="payload">The payload, not yet believed.</param>
    /// <returns>Null when it was taken or kept, else why it was dropped.</returns>
    public DropReason? Accept(int from, in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        int fromPosition = View.PositionOf(from);
        if (fromPosition < 0 || (uint)header.Chunk >= (uint)Count || (uint)header.Segment >= (uint)Map.Segments(header.Chunk))
            return DropReason.Place;
        var slot = new Slot(header.Chunk, header.Hop, header.Segment);
        if (!Expects(fromPosition, header.Kind, slot))
            return DropReason.Place;

        VoterSet covered = header.Kind == FrameKind.Gather ? View.Set : CoveredBy(fromPosition, slot);
        VoterSet relays = covered.Except(header.Voters);
        // A verdict holds our word, so none can be older than it: one that comes before would be forged.
        if ((header.Kind == FrameKind.Gather && !Started)
            || !header.Voters.IsSubsetOf(covered) || header.Voters.Intersects(knownRelays) || relays.Intersects(knownVoters)
            || (header.Kind == FrameKind.Gather && finalVoters is { } final && final != header.Voters))
            return DropReason.Voters;

        int width = header.Kind == FrameKind.Gather ? 1 : BitPlanes.Width(header.Voters.Count);
        WordRange range = Map.Segment(slot.Chunk, slot.Segment);
        int planes = header.CountPlanes + header.AbstentionPlanes;
        int losses = CarriesLosses(slot) ? header.Voters.Count : 0;
        if (header.CountPlanes != width || (header.AbstentionPlanes != 0 && header.AbstentionPlanes != width)
            || payload.Length != (long)range.Length * planes * sizeof(ulong) + losses * sizeof(uint))
            return DropReason.Length;

        if (Has(fromPosition, header.Kind, slot) || early.ContainsKey((from, slot)))
            return DropReason.Repeated;
        if (header.Checksum(payload) != header.Crc)
            return DropReason.Checksum;
        if (!TailsAreClear(payload, range, planes) || !CountsCanBe(payload, range, header))
            return DropReason.Content;

        Progress++;
        (knownVoters, knownRelays) = (knownVoters.Union(header.Voters), knownRelays.Union(relays));
        if (Started)
            Take(from, slot, header.Kind, header.CountPlanes, header.AbstentionPlanes, header.Voters, payload);
        else
            early.Add((from, slot), new(header.Kind, header.CountPlanes, header.AbstentionPlanes, header.Voters, payload.ToArray()));
        return null;
    }

    /// <summary>Lists what is still to come, oldest hops first.</summary>
    /// <param name="from">Roster index of a peer; only frames that it must send are listed.</param>
    /// <param name="slots">Where they are added.</param>
    /// <param name="most">At most so many.</param>
    public abstract void Missing(int from, List<Slot> slots, int most);

    /// <summary>Sends a frame again, if it is ours to send and there is something to send.</summary>
    /// <returns>Whether it was sent; false: not yet, or not ours.</returns>
    public abstract bool Resend(int to, Slot slot);

    /// <summary>Holds what was seen on the way against the verdict, which must be whole and be that of a quorum.</summary>
    public SpotChecks Check()
    {
        var checks = new SpotChecks();
        foreach (var (member, word, signs, zeros) in seen)
        {
            if (Ballot is null)
                break; // there is nothing to compare them with
            ulong counted = Map.TailMask(new WordRange(word, 1)) & ~(zeros | Ballot.Zeros[word] | (verdictZeros?[word] ?? 0));
            checks.Compare(member, signs, Ballot.Signs[word], Signs[word], counted);
        }
        Audit(checks);
        return checks;
    }

    /// <summary>Gives back what was rented; nothing may be called after it.</summary>
    public virtual void Forget() => early.Clear();

    /// <summary>Holds the sums that were passed on against the verdict.</summary>
    protected virtual void Audit(SpotChecks checks)
    {
    }

    /// <summary>Our word was given: send what needs nothing from others.</summary>
    protected abstract void OnStarted();

    /// <summary>Whether this slot comes from that place to ours with that kind.</summary>
    protected abstract bool Expects(int fromPosition, FrameKind kind, Slot slot);

    /// <summary>Whose words are inside a reduce frame.</summary>
    protected abstract VoterSet CoveredBy(int fromPosition, Slot slot);

    /// <summary>Whether a frame was taken before.</summary>
    protected abstract bool Has(int fromPosition, FrameKind kind, Slot slot);

    /// <summary>Adds a checked reduce segment; started.</summary>
    protected abstract void TakeCounts(int fromPosition, Slot slot, PlaneBlock block);

    /// <summary>A verdict segment from elsewhere was stored: pass it on if that is ours to do.</summary>
    protected abstract void OnVerdict(Slot slot);

    /// <summary>Whether a segment's verdict is here.</summary>
    protected bool HasVerdict(int chunk, int segment) => decided[firstIndex[chunk] + segment];

    /// <summary>Index of a segment among all segments of all chunks.</summary>
    protected int IndexOf(int chunk, int segment) => firstIndex[chunk] + segment;

    /// <summary>The number of segments of all chunks.</summary>
    protected int AllSegments => decided.Length;

    /// <summary>Decides a segment whose count is whole, and stores the verdict.</summary>
    protected void Decide(int chunk, int segment, ReadOnlySpan<ulong> counts, int countPlanes, ReadOnlySpan<ulong> abstentions,
        int abstentionPlanes, VoterSet voters)
    {
        WordRange range = Map.Segment(chunk, segment);
        finalVoters ??= voters;
        if (finalVoters != voters)
            throw new InvalidOperationException($"step {Step}: chunk {chunk} counts {voters}, another chunk {finalVoters}");
        Span<ulong> signs = Signs.AsSpan(range.Start, range.Length);
        Span<ulong> zeros = scratchZeros.AsSpan(0, range.Length);
        bool any = Majority.Decide(counts, countPlanes, abstentions, abstentionPlanes, voters.Count, Ties,
            Previous.Span.Slice(range.Start, range.Length), Step, range.Start, Map.TailMask(range), signs, zeros);
        if (any)
            zeros.CopyTo(EnsureZeros().AsSpan(range.Start));
        Margin += Agreement.Margin(counts, countPlanes, abstentions, abstentionPlanes, voters.Count, signs, zeros, Map.TailMask(range));
        Decided += Math.Min(Map.Parameters - 64L * range.Start, 64L * range.Length);
        MarkDecided(chunk, segment);
    }

    /// <summary>Sends a decided segment.</summary>
    protected void SendVerdict(int toPosition, Slot slot)
    {
        WordRange range = Map.Segment(slot.Chunk, slot.Segment);
        ReadOnlySpan<ulong> zeros = verdictZeros is null ? default : verdictZeros.AsSpan(range.Start, range.Length);
        if (!zeros.ContainsAnyExcept(0UL))
            zeros = default;
        var header = new SegmentHeader(FrameKind.Gather, Step, slot, 1, zeros.IsEmpty ? 0 : 1, Voters);
        Sender.Send(View.Members[toPosition], header, Signs.AsSpan(range.Start, range.Length), zeros, LossesOf(slot, Voters));
    }

    /// <summary>Sends our own ballot's segment, or an empty one as a relay.</summary>
    protected void SendBallot(int toPosition, Slot slot)
    {
        int member = View.Members[toPosition];
        WordRange range = Map.Segment(slot.Chunk, slot.Segment);
        if (Ballot is null)
        {
            Sender.Send(member, new SegmentHeader(FrameKind.Reduce, Step, slot, 0, 0, default), default, default, default);
            return;
        }
        bool zeros = Ballot.HasZeros(range.Start, range.Length);
        VoterSet voters = default(VoterSet).With(Self);
        Sender.Send(member, new SegmentHeader(FrameKind.Reduce, Step, slot, 1, zeros ? 1 : 0, voters),
            Ballot.Signs.Slice(range.Start, range.Length), zeros ? Ballot.Zeros.Slice(range.Start, range.Length) : default,
            LossesOf(slot, voters));
    }

    /// <summary>The losses that travel with a slot, in the voters' order.</summary>
    protected ReadOnlySpan<uint> LossesOf(Slot slot, VoterSet voters)
    {
        if (!CarriesLosses(slot))
            return default;
        int count = 0;
        foreach (int voter in voters)
            scratchLosses[count++] = lossBits[voter];
        return scratchLosses.AsSpan(0, count);
    }

    static bool CarriesLosses(Slot slot) => slot is { Chunk: 0, Segment: 0 };

    void Take(int from, Slot slot, FrameKind kind, int countPlanes, int abstentionPlanes, VoterSet voters,
        ReadOnlySpan<byte> payload)
    {
        WordRange range = Map.Segment(slot.Chunk, slot.Segment);
        int bytes = range.Length * (countPlanes + abstentionPlanes) * sizeof(ulong);
        if (CarriesLosses(slot))
        {
            ReadOnlySpan<uint> losses = MemoryMarshal.Cast<byte, uint>(payload[bytes..]);
            int next = 0;
            foreach (int voter in voters)
                lossBits[voter] = losses[next++];
        }
        ReadOnlySpan<ulong> planes = MemoryMarshal.Cast<byte, ulong>(payload[..bytes]);
        if (kind == FrameKind.Reduce)
        {
            int split = countPlanes * range.Length;
            if (countPlanes == 1 && range.Length > 0 && voters.Count == 1 && voters.Contains(from))
            {
                int word = SpotChecks.WordOf(range, Step) - range.Start;
                seen.Add((from, range.Start + word, planes[word], abstentionPlanes == 0 ? 0 : planes[split + word]));
            }
            TakeCounts(View.PositionOf(from), slot, new PlaneBlock(planes[..split], countPlanes, planes[split..], abstentionPlanes, voters));
            return;
        }
        finalVoters ??= voters;
        planes[..range.Length].CopyTo(Signs.AsSpan(range.Start));
        if (abstentionPlanes != 0)
            planes[range.Length..].CopyTo(EnsureZeros().AsSpan(range.Start));
        MarkDecided(slot.Chunk, slot.Segment);
        OnVerdict(slot);
    }

    bool TailsAreClear(ReadOnlySpan<byte> payload, WordRange range, int planes)
    {
        ulong tail = Map.TailMask(range);
        if (tail == ulong.MaxValue || range.Length == 0)
            return true;
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(payload[..(range.Length * planes * sizeof(ulong))]);
        for (int plane = 1; plane <= planes; plane++)
        {
            if ((words[plane * range.Length - 1] & ~tail) != 0)
                return false;
        }
        return true;
    }

    /// <summary>No more votes and abstentions than voters; of a verdict, nothing +1 and zero at once.</summary>
    static bool CountsCanBe(ReadOnlySpan<byte> payload, WordRange range, in FrameHeader header)
    {
        int counts = header.CountPlanes * range.Length, abstentions = header.AbstentionPlanes * range.Length;
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(payload[..((counts + abstentions) * sizeof(ulong))]);
        return CountBounds.Hold(words[..counts], header.CountPlanes, words[counts..], header.AbstentionPlanes,
            header.Kind == FrameKind.Gather ? 1 : header.Voters.Count);
    }

    ulong[] EnsureZeros() => verdictZeros ??= new ulong[Map.Words];

    void MarkDecided(int chunk, int segment)
    {
        decided[firstIndex[chunk] + segment] = true;
        undecided--;
    }

    readonly record struct KeptFrame(FrameKind Kind, int CountPlanes, int AbstentionPlanes, VoterSet Voters, byte[] Payload);
}

/// <summary>A segment's counts as they arrived.</summary>
public readonly ref struct PlaneBlock(ReadOnlySpan<ulong> counts, int countPlanes, ReadOnlySpan<ulong> abstentions,
    int abstentionPlanes, VoterSet voters)
{
    /// <summary>Count planes, one after the other.</summary>
    public ReadOnlySpan<ulong> Counts { get; } = counts;

    /// <summary>How many.</summary>
    public int CountPlanes { get; } = countPlanes;

    /// <summary>Abstention planes, one after the other.</summary>
    public ReadOnlySpan<ulong> Abstentions { get; } = abstentions;

    /// <summary>How many, possibly none.</summary>
    public int AbstentionPlanes { get; } = abstentionPlanes;

    /// <summary>Whose ballots are inside.</summary>
    public VoterSet Voters { get; } = voters;
}
