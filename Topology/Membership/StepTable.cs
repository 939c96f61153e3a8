using DecentralizedLion.Codecs;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Exchange;
using DecentralizedLion.Topology.Links;

namespace DecentralizedLion.Topology.Membership;

/// <summary>
/// The steps a member has in hand in its view: the one being decided, the next one that faster members have begun, and the last
/// one committed, which slower members may still ask for.
/// </summary>
sealed class StepTable
{
    // A faster member is at most one step ahead: it cannot finish a step without our word.
    const int Ahead = 2;

    // A record's signs stay valid until two more steps were voted on, so the youngest forgotten step's are not used again yet.
    const int ForgottenYetValid = 1;

    readonly MemberOptions options;
    readonly Outbox outbox;
    readonly ChunkMap map;
    readonly SortedDictionary<long, StepInHand> steps = [];
    readonly View view;
    readonly Action<RingException> fail;
    readonly ulong[] previous;
    readonly Queue<ulong[]> spareSigns = [];
    ChainDigest chain;

    public StepTable(MemberOptions options, Outbox outbox, IReplicaState state, View view, ChainDigest chain,
        Action<RingException> fail)
    {
        (this.options, this.outbox, this.view, this.chain, this.fail) = (options, outbox, view, chain, fail);
        previous = [.. state.Previous]; // ours is that of the last committed step, the replica's that of the last applied
        map = new ChunkMap(options.Parameters, view.Count, options.SegmentWords);
        LastCommitted = LastVoted = view.FirstStep - 1;
    }

    public long LastCommitted { get; private set; }

    public long LastVoted { get; private set; }

    /// <summary>The step that was voted on and is not committed yet, or null.</summary>
    public StepInHand? Open => LastVoted > LastCommitted ? steps[LastVoted] : null;

    public StepInHand? Find(long step) => steps.GetValueOrDefault(step);

    public Task<StepRecord?> Vote(in StepVote vote)
    {
        if (vote.Step != LastCommitted + 1 || vote.Step == LastVoted)
            throw new InvalidOperationException($"step {vote.Step} is voted on after step {LastCommitted} was committed and {LastVoted} voted on");
        StepInHand step = GetOrAdd(vote.Step);
        step.Vote = vote;
        LastVoted = vote.Step;
        step.Exchange.Start(vote.Ballot, vote.Loss);
        HoldWhenComplete(step);
        return step.Done.Task;
    }

    public DropReason? Accept(int from, in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        if (header.Step == LastCommitted && steps.ContainsKey(header.Step))
            return DropReason.Repeated;
        if (header.Step <= LastCommitted || header.Step > LastCommitted + Ahead)
            return DropReason.Step;
        StepInHand step = GetOrAdd(header.Step);
        DropReason? reason = step.Exchange.Accept(from, header, payload);
        if (reason is null)
            HoldWhenComplete(step);
        return reason;
    }

    public DropReason? OnHeld(int from, long number, in Held held)
    {
        if (number <= LastCommitted)
        {
            if (!steps.TryGetValue(number, out StepInHand? known) || !known.Tally.Add(from, held))
                return DropReason.Repeated;
            CompareAll(known);
            return null;
        }
        if (number > LastCommitted + Ahead)
            return DropReason.Step;
        StepInHand step = GetOrAdd(number);
        if (!step.Tally.Add(from, held))
            return DropReason.Repeated;
        step.HeldProgress++;
        CommitWhenHeld(step);
        return null;
    }

    public void SendHeld(int to, StepInHand step)
    {
        if (step.Held is not { } held)
            return;
        Span<byte> payload = stackalloc byte[Held.Length];
        held.Write(payload);
        outbox.Control(to, FrameKind.Held, step.Exchange.Step, payload);
    }

    /// <summary>Ends all waits: with a reason, or in order when there is none.</summary>
    public void End(RingException? reason)
    {
        foreach (StepInHand step in steps.Values)
        {
            if (reason is null)
                step.Done.TrySetResult(null);
            else
                step.Done.TrySetException(reason);
        }
    }

    StepInHand GetOrAdd(long number)
    {
        if (steps.TryGetValue(number, out StepInHand? step))
            return step;
        ulong[] signs = spareSigns.Count > ForgottenYetValid ? spareSigns.Dequeue() : new ulong[map.Words];
        StepExchange exchange = options.Exchange == ExchangeKind.Ring
            ? new RingExchange(view, options.Self, number, map, options.Ties, previous, outbox, signs)
            : new DirectExchange(view, options.Self, number, map, options.Ties, previous, outbox, signs);
        step = new StepInHand(exchange);
        steps.Add(number, step);
        return step;
    }

    void HoldWhenComplete(StepInHand step)
    {
        StepExchange exchange = step.Exchange;
        if (!exchange.Complete || step.Record is not null)
            return;
        var losses = new List<uint>(exchange.Voters.Count);
        foreach (int voter in exchange.Voters)
            losses.Add(exchange.LossBitsOf(voter));
        step.Record = new StepRecord(exchange.Step, view.Number, exchange.Voters, [.. losses],
            BitConverter.SingleToUInt32Bits(step.Vote.LearningRate), BitConverter.SingleToUInt32Bits(step.Vote.WeightDecay),
            options.Parameters, exchange.Signs, exchange.Zeros, default).ChainedTo(chain);
        try
        {
            options.Journal?.Append(step.Record);
        }
        catch (IOException e)
        {
            // What is not in the journal is not held.
            fail(new RingException($"step {exchange.Step} cannot be written to the journal: {e.Message}. The ring stops before it; "
                + "make room or mend the disk, and start all peers again."));
            return;
        }
        var held = new Held(step.Record.Digest, step.Vote.Weights);
        step.Held = held;
        step.Tally.Add(options.Self, held);
        foreach (int member in view.Members)
        {
            if (member != options.Self)
                SendHeld(member, step);
        }
        CommitWhenHeld(step);
    }

    void CommitWhenHeld(StepInHand step)
    {
        // A wait that was ended stays ended: whoever voted has gone on without the step, and what is replicated must stay at one step.
        if (step.Done.Task.IsCompleted || step.Record is null || step.Exchange.Step != LastCommitted + 1)
            return;
        if (step.Tally.Committed(view) is not { } committed)
        {
            if (step.Tally.Count == view.Count)
                fail(new DivergenceException(Divergence.WithoutQuorum(options, step), isOurs: true));
            return;
        }
        if (committed != step.Held)
        {
            fail(new DivergenceException(Divergence.OfOurs(options, view, step, committed), isOurs: true));
            return;
        }
        chain = step.Record.Digest;
        step.Record.RememberIn(previous);
        LastCommitted = step.Exchange.Step;
        foreach (long old in steps.Keys.Where(number => number < LastCommitted).ToArray())
        {
            steps[old].Exchange.Forget();
            spareSigns.Enqueue(steps[old].Exchange.Signs);
            steps.Remove(old);
        }
        step.Done.TrySetResult(step.Record);
        CompareAll(step);
    }

    /// <summary>A committed step that another holds otherwise: that member stops, and this ring needs all.</summary>
    void CompareAll(StepInHand step)
    {
        VoterSet others = view.Set.Except(step.Tally.HoldersOf(step.Held!.Value));
        foreach (int member in others)
        {
            if (step.Tally.Has(member))
            {
                fail(new DivergenceException(Divergence.OfAnother(options, member, step), isOurs: false));
                return;
            }
        }
    }
}

/// <summary>One step in hand.</summary>
sealed class StepInHand(StepExchange exchange)
{
    public StepExchange Exchange { get; } = exchange;

    public HeldTally Tally { get; } = new();

    public StepVote Vote { get; set; }

    public StepRecord? Record { get; set; }

    public Held? Held { get; set; }

    public long HeldProgress { get; set; }

    public long Progress => Exchange.Progress + HeldProgress;

    // Continuations run from the loop's queue, not in the middle of a frame.
    public TaskCompletionSource<StepRecord?> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
