using DecentralizedLion.Codecs;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Exchange;
using DecentralizedLion.Topology.Transport;
using DecentralizedLion.Topology.Views;

namespace DecentralizedLion.Topology.Membership;

/// <summary>
/// The steps a member has in hand in its view: the one being decided, the next one that faster members have begun, and the last
/// one committed, which slower members may still ask for.
/// </summary>
sealed class StepTable
{
    // A faster member is at most one step ahead: it cannot finish a step without our word.
    const int Ahead = 2;

    readonly MemberOptions options;
    readonly Outbox outbox;
    readonly IStepHost host;
    readonly Tip tip;
    readonly SortedDictionary<long, StepInHand> steps = [];
    readonly TimeProvider clock;
    StepLayout? layout;

    public StepTable(MemberOptions options, Outbox outbox, View view, Tip tip, IStepHost host, TimeProvider clock)
    {
        (this.options, this.outbox, this.View, this.tip, this.host, this.clock) = (options, outbox, view, tip, host, clock);
        Open = GetOrAdd(tip.Step + 1);
        Open.Began = clock.GetTimestamp();
    }

    public View View { get; }

    /// <summary>The step that is decided next.</summary>
    public StepInHand Open { get; private set; }

    public StepInHand? Find(long step) => steps.GetValueOrDefault(step);

    /// <summary>Gives our word for the open step: a ballot, or null to relay.</summary>
    public void Give(Ballot? ballot, float loss)
    {
        StepInHand step = Open;
        step.Exchange.Start(ballot, loss);
        HoldWhenComplete(step);
    }

    public DropReason? Accept(int from, in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        if (header.Step == tip.Step && steps.ContainsKey(header.Step))
            return DropReason.Repeated;
        if (header.Step <= tip.Step || header.Step > tip.Step + Ahead)
            return DropReason.Step;
        StepInHand step = GetOrAdd(header.Step);
        DropReason? reason = step.Exchange.Accept(from, header, payload);
        if (reason is null)
            HoldWhenComplete(step);
        return reason;
    }

    public DropReason? OnHeld(int from, long number, ChainDigest record)
    {
        if (number <= tip.Step || number > tip.Step + Ahead)
            return number <= tip.Step ? DropReason.Repeated : DropReason.Step;
        StepInHand step = GetOrAdd(number);
        if (!step.Tally.Add(from, record))
            return DropReason.Repeated;
        step.HeldProgress++;
        CommitWhenHeld(step);
        return null;
    }

    /// <summary>Notes that a member has its word ready.</summary>
    public void OnReady(int from, long number)
    {
        if (number > tip.Step && number <= tip.Step + Ahead)
        {
            StepInHand step = GetOrAdd(number);
            step.Ready = step.Ready.With(from);
        }
    }

    public void SendHeld(int to, StepInHand step)
    {
        if (step.Record is not { } record || !step.IsHeld)
            return;
        Span<byte> payload = stackalloc byte[Held.Length];
        new Held(record.Digest, host.WeightsBefore(record.Step)).Write(payload);
        outbox.Control(to, FrameKind.Held, record.Step, payload);
    }

    /// <summary>Gives back what was rented.</summary>
    public void Forget()
    {
        foreach (StepInHand step in steps.Values)
            step.Exchange.Forget();
        steps.Clear();
    }

    StepInHand GetOrAdd(long number)
    {
        if (steps.TryGetValue(number, out StepInHand? step))
            return step;
        IReadOnlyList<StepPart> parts = options.Parts(number);
        if (!ReferenceEquals(layout?.Parts, parts))
            layout = new StepLayout(parts, View.Count, options.SegmentWords);
        step = new StepInHand(new StepExchange(View, options.Self, number, layout, options.Exchange, tip.Previous, outbox, host.TakePlanes));
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
        StepRates rates = options.Rates(exchange.Step);
        step.Record = new StepRecord(exchange.Step, View.Number, View.Lineage, View.Set, exchange.Voters, [.. losses],
            BitConverter.SingleToUInt32Bits(rates.LearningRate), BitConverter.SingleToUInt32Bits(rates.WeightDecay),
            exchange.Outcomes, default).ChainedTo(tip.Chain);
        if (!host.Hold(step.Record))
            return; // what is not in the journal is not held
        step.IsHeld = true;
        step.Tally.Add(options.Self, step.Record.Digest);
        foreach (int member in View.Members)
        {
            if (member != options.Self)
                SendHeld(member, step);
        }
        CommitWhenHeld(step);
    }

    void CommitWhenHeld(StepInHand step)
    {
        if (!step.IsHeld || step.Exchange.Step != tip.Step + 1 || step.Tally.Committed(View) is not { } committed)
            return;
        if (committed != step.Record!.Digest)
        {
            host.HoldsOtherwise(step.Record, committed, step.Tally.HoldersOf(committed));
            return;
        }
        tip.Advance(step.Record);
        foreach (long old in steps.Keys.Where(number => number < tip.Step).ToArray())
        {
            steps[old].Exchange.Forget();
            if (steps[old].Record is { } record)
                host.ReturnPlanes(old, record.Parts);
            steps.Remove(old);
        }
        Open = GetOrAdd(tip.Step + 1);
        Open.Began = clock.GetTimestamp();
        host.Committed(step);
    }
}

/// <summary>What the steps in hand need of the member they are a part of.</summary>
interface IStepHost
{
    /// <summary>Writes a record to the journal; false when it cannot be written, and the member stops.</summary>
    bool Hold(StepRecord record);

    /// <summary>A step was committed; <see cref="Tip"/> stands after it.</summary>
    void Committed(StepInHand step);

    /// <summary>A quorum holds a step otherwise than this member: its own record is wrong.</summary>
    void HoldsOtherwise(StepRecord ours, ChainDigest digest, VoterSet quorum);

    /// <summary>Digest of the slice of the weights that a step compares; zeros when the trainer is not there yet.</summary>
    ChainDigest WeightsBefore(long step);

    /// <summary>Memory of so many words for an outcome, that nobody reads any more; null: none.</summary>
    ulong[]? TakePlanes(int words);

    /// <summary>A step's outcomes are not needed by the ring any more; its trainer may still read them.</summary>
    void ReturnPlanes(long step, Outcome[] outcomes);
}

/// <summary>One step in hand.</summary>
sealed class StepInHand(StepExchange exchange)
{
    public StepExchange Exchange { get; } = exchange;

    public HeldTally Tally { get; } = new();

    /// <summary>Who has said that its word is ready.</summary>
    public VoterSet Ready { get; set; }

    /// <summary>When the step before it was committed.</summary>
    public long Began { get; set; }

    public StepRecord? Record { get; set; }

    /// <summary>The record is in the journal.</summary>
    public bool IsHeld { get; set; }

    public long HeldProgress { get; set; }

    public long Progress => Exchange.Progress + HeldProgress;
}
