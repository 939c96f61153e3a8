using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Transport;
using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Topology.Exchange;

/// <summary>
/// One step's exchange, all its parts, as one member sees it (docs/protocol.md#exchange). No I/O and no clock: frames go in by
/// <see cref="Accept"/>, segments go out through <see cref="ISegmentSender"/>. Repeats and any order are harmless.
/// </summary>
sealed class StepExchange
{
    readonly Dictionary<(int From, SegmentId Slot), EarlyFrame> early = [];
    readonly BucketExchange[] buckets;
    readonly uint[] lossBits, scratchLosses;
    readonly BallotWeights weights;
    PeerSet knownVoters, knownRelays;
    PeerSet? finalVoters;
    Aggregate[]? aggregates;

    /// <summary>Begins to take part in a step.</summary>
    /// <param name="view">The members and their order.</param>
    /// <param name="self">Our roster index, a member of the view.</param>
    /// <param name="step">The step's number.</param>
    /// <param name="layout">What the step carries and how it is cut: one chunk per member of the view.</param>
    /// <param name="kind">Ring or direct.</param>
    /// <param name="previous">The previous signs, all words, where ties repeat it; read when deciding, so it must be
    /// that of step − 1 then.</param>
    public StepExchange(View view, int self, long step, StepLayout layout, ExchangeKind kind, ReadOnlyMemory<ulong> previous)
    {
        (View, Self, Step, Layout) = (view, self, step, layout);
        Position = view.PositionOf(self);
        ArgumentOutOfRangeException.ThrowIfNegative(Position, nameof(self));
        ArgumentOutOfRangeException.ThrowIfNotEqual(layout.Chunks, view.Count, nameof(layout));
        weights = view.WeightsAt(step);
        (lossBits, scratchLosses) = (new uint[view.IndexMax + 1], new uint[view.Count]);
        buckets = new BucketExchange[layout.Buckets.Count];
        for (int index = 0; index < buckets.Length; index++)
        {
            buckets[index] = layout.Buckets[index].Reduction.IsGathered ? new AllGather(this, index, kind == ExchangeKind.Ring)
                : kind == ExchangeKind.Ring ? new RingAllReduce(this, index, previous)
                : new DirectAllReduce(this, index, previous);
        }
    }

    /// <summary>The sender of segments.</summary>
    public required ISegmentSender Sender { internal get; init; }

    /// <summary>Gives memory of a length for an aggregate, which is overwritten, or null: new memory is taken.</summary>
    public Func<int, ulong[]?>? RentPlanes { private get; init; }

    /// <summary>Receives how long the parts of the exchange take; null: nobody asks.</summary>
    public RingProfile? Profile { internal get; init; }

    /// <summary>The view it belongs to.</summary>
    public View View { get; }

    /// <summary>Our roster index.</summary>
    public int Self { get; }

    /// <summary>The step's number.</summary>
    public long Step { get; }

    /// <summary>The buckets of the step, and how they are cut.</summary>
    public StepLayout Layout { get; }

    /// <summary>Our own word has been given: voter or relay, the same for every chunk.</summary>
    public bool Started { get; private set; }

    /// <summary>The whole outcome is here.</summary>
    public bool Complete => Array.TrueForAll(buckets, bucket => bucket.Open == 0);

    /// <summary>Grows with every frame that brought something new; to tell "slow" from "stuck".</summary>
    public long Progress { get; private set; }

    /// <summary>The aggregates, bucket by bucket.</summary>
    /// <exception cref="InvalidOperationException">It is not <see cref="Complete"/>.</exception>
    public Aggregate[] Aggregates => Complete ? aggregates ??= [.. buckets.Select(bucket => bucket.Aggregate)]
        : throw new InvalidOperationException($"step {Step} is not complete");

    /// <summary>Whose ballots were counted; known when <see cref="Complete"/>.</summary>
    public PeerSet Voters => finalVoters ?? (Complete ? knownVoters : default);

    /// <summary>The statistics of the votes that this member counted itself.</summary>
    public VoteStatistics Statistics { get; } = new();

    /// <summary>Our place in the ring.</summary>
    internal int Position { get; }

    /// <summary>Our ballot, null for a relay.</summary>
    internal Ballot? Ballot { get; private set; }

    /// <summary>The loss that a voter reported, as float bits.</summary>
    public uint LossBitsOf(int member) => lossBits[member];

    /// <summary>Gives our word: a ballot, or null to relay. Sends what can be sent and takes up what came early.</summary>
    /// <param name="ballot">Must not change until the step is forgotten.</param>
    /// <param name="loss">Our loss on the mini-batch; ignored for a relay.</param>
    /// <exception cref="ArgumentException">The ballot has other parts than the step.</exception>
    public void Start(Ballot? ballot, float loss)
    {
        if (Started)
            throw new InvalidOperationException($"step {Step} was started already");
        if (ballot is not null && !Fits(ballot))
            throw new ArgumentException(
                $"the ballot has parts of {string.Join(", ", ballot.Buckets.Select(bucket => bucket.Bucket.Length))} elements, "
                + $"step {Step} has {string.Join(", ", Layout.Buckets.Select(bucket => bucket.Length))}", nameof(ballot));
        (Started, Ballot) = (true, ballot);
        Profile?.Skip();
        if (ballot is null)
        {
            knownRelays = knownRelays.With(Self);
        }
        else
        {
            knownVoters = knownVoters.With(Self);
            lossBits[Self] = BitConverter.SingleToUInt32Bits(loss);
        }
        foreach (BucketExchange bucket in buckets)
            bucket.Begin();
        foreach (var ((from, id), frame) in early)
        {
            Layout.TryFind(id.Chunk, id.Segment, out int index, out int segment);
            Take(from, buckets[index], id with { Segment = segment }, new SegmentFrame(frame.Kind, frame.CountPlanes,
                frame.AbstentionPlanes, frame.Voters, TotalOf(frame.Voters), frame.Payload));
        }
        DropEarly();
    }

    /// <summary>Takes a frame of this step.</summary>
    /// <param name="from">Roster index of the peer whose link it came over.</param>
    /// <param name="header">The envelope; its run, session, view and step were checked before.</param>
    /// <param name="payload">The payload, not yet believed.</param>
    /// <returns>Null when it was taken or kept, else why it was dropped.</returns>
    public DropReason? Accept(int from, in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        int fromPosition = View.PositionOf(from);
        if (fromPosition < 0 || !Layout.TryFind(header.Chunk, header.Segment, out int index, out int segment))
            return DropReason.Slot;
        BucketExchange bucket = buckets[index];
        var id = new SegmentId(header.Chunk, header.Hop, segment);
        if (!bucket.Expects(fromPosition, header.Kind, id))
            return DropReason.Slot;

        PeerSet covered = header.Kind == FrameKind.Gather ? View.MemberSet : bucket.CoveredBy(fromPosition, id);
        PeerSet relays = covered.Except(header.Voters);
        // An outcome holds our word, so none can be older than it: one that comes before would be forged.
        if ((header.Kind == FrameKind.Gather && !Started)
            || !header.Voters.IsSubsetOf(covered) || header.Voters.Intersects(knownRelays) || relays.Intersects(knownVoters)
            || (header.Kind == FrameKind.Gather && finalVoters is { } final && final != header.Voters))
            return DropReason.Voters;

        var frame = new SegmentFrame(header.Kind, header.CountPlanes, header.AbstentionPlanes, header.Voters,
            TotalOf(header.Voters), payload);
        if (!frame.HasLengthOf(bucket, id))
            return DropReason.Length;
        SegmentId onWire = id with { Segment = header.Segment };
        if (bucket.Has(fromPosition, header.Kind, id) || early.ContainsKey((from, onWire)))
            return DropReason.Repeated;
        if (Started)
            Profile?.OnSegment(header.Hop);
        if (header.Checksum(payload) != header.Crc)
            return DropReason.Checksum;
        if (!frame.IsPlausible(bucket, id))
            return DropReason.Content;
        if (Started)
            Profile?.OnDone(StepPart.Check);

        Progress++;
        (knownVoters, knownRelays) = (knownVoters.Union(header.Voters), knownRelays.Union(relays));
        if (Started)
            Take(from, bucket, id, frame);
        else
            early.Add((from, onWire), EarlyFrame.Copy(header, payload));
        return null;
    }

    /// <summary>Lists what is still to come, of each part the oldest hops first.</summary>
    /// <param name="from">Roster index of a peer; only frames that it must send are listed.</param>
    /// <param name="ids">Where they are added.</param>
    /// <param name="most">At most so many.</param>
    public void AddMissing(int from, List<SegmentId> ids, int most)
    {
        int fromPosition = View.PositionOf(from);
        if (fromPosition < 0 || fromPosition == Position)
            return;
        foreach (BucketExchange bucket in buckets)
            bucket.Missing(fromPosition, ids, most);
    }

    /// <summary>Sends a frame again, if it is ours to send and there is something to send.</summary>
    /// <returns>Whether it was sent; false: not yet, or not ours.</returns>
    public bool Resend(int to, SegmentId id)
    {
        int toPosition = View.PositionOf(to);
        Profile?.OnInterrupted();
        return toPosition >= 0 && toPosition != Position && Started
            && Layout.TryFind(id.Chunk, id.Segment, out int index, out int segment)
            && buckets[index].Resend(toPosition, id with { Segment = segment });
    }

    /// <summary>Holds what was seen of votes on the way against the majority, which must be whole and be that of a
    /// quorum.</summary>
    public SpotChecks Check()
    {
        var checks = new SpotChecks();
        foreach (BucketExchange bucket in buckets)
            bucket.Check(checks);
        return checks;
    }

    /// <summary>Gives back what was rented; nothing may be called after it.</summary>
    public void Release()
    {
        DropEarly();
        foreach (BucketExchange bucket in buckets)
            bucket.Release();
    }

    /// <summary>A slot of a part as it travels.</summary>
    internal SegmentId OnWire(int index, SegmentId id) => id with { Segment = Layout.FirstOf(index, id.Chunk) + id.Segment };

    /// <summary>The weight of a member's ballot.</summary>
    internal int WeightOf(int member) => weights[member];

    /// <summary>The ballots and votes of some voters.</summary>
    internal VoteTotal TotalOf(PeerSet voters) => weights.TotalOf(voters);

    /// <summary>True when a member has said that it votes.</summary>
    internal bool IsVoter(int member) => knownVoters.Contains(member);

    /// <summary>All members' words are known: these are the voters.</summary>
    internal void Settle(PeerSet voters)
    {
        finalVoters ??= voters;
        if (finalVoters != voters)
            throw new InvalidOperationException(
                $"step {Step}: one sum has the ballots of {voters}, another those of {finalVoters}");
    }

    /// <summary>Memory for an aggregate.</summary>
    internal ulong[] Memory(int length) => RentPlanes?.Invoke(length) ?? new ulong[length];

    /// <summary>The losses that travel beside a sum or an outcome, in the voters' order.</summary>
    internal ReadOnlySpan<uint> LossesOf(PeerSet voters)
    {
        int count = 0;
        foreach (int voter in voters)
            scratchLosses[count++] = lossBits[voter];
        return scratchLosses.AsSpan(0, count);
    }

    void DropEarly()
    {
        foreach (EarlyFrame frame in early.Values)
            frame.Return();
        early.Clear();
    }

    bool Fits(Ballot ballot)
    {
        if (ballot.Buckets.Count != buckets.Length)
            return false;
        for (int index = 0; index < buckets.Length; index++)
        {
            Bucket ours = Layout.Buckets[index], theirs = ballot.Buckets[index].Bucket;
            if (theirs.Length != ours.Length || theirs.Words != ours.Words
                || theirs.Reduction.SumPlanes(1) != ours.Reduction.SumPlanes(1)
                || theirs.Reduction.HasZeros != ours.Reduction.HasZeros)
                return false;
        }
        return true;
    }

    void Take(int from, BucketExchange bucket, SegmentId id, SegmentFrame frame)
    {
        WordRange range = bucket.Map.Segment(id.Chunk, id.Segment);
        if (bucket.CarriesLosses(id))
        {
            ReadOnlySpan<uint> losses = frame.LossesAfter(range);
            int next = 0;
            foreach (int voter in frame.Voters)
                lossBits[voter] = losses[next++];
        }
        if (frame.Kind == FrameKind.Reduce)
        {
            bucket.OnSegment(View.PositionOf(from), id, frame.SumOver(range), frame.Voters);
            return;
        }
        finalVoters ??= frame.Voters;
        bucket.OnAggregate(id, frame.SumOver(range));
    }
}
