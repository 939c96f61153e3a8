using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Exchange;
using DecentralizedLion.Topology.Transport;
using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Topology.Commit;

/// <summary>
/// The steps a member has in hand in its view: the one being decided, the next one that faster members have begun, and the last
/// one committed, which slower members may still ask for.
/// </summary>
sealed class InflightSteps
{
    // A faster member is at most one step ahead: it cannot finish a step without our word.
    const int Ahead = 2;

    readonly RingOptions options;
    readonly FrameSender frameSender;
    readonly IStepHost host;
    readonly LastCommit lastCommit;
    readonly SortedList<long, InflightStep> steps = [];
    readonly TimeProvider clock;
    StepLayout? layout;

    public InflightSteps(RingOptions options, FrameSender frameSender, View view, LastCommit lastCommit, IStepHost host,
        TimeProvider clock)
    {
        (this.options, this.frameSender, this.View, this.lastCommit, this.host, this.clock) = (options, frameSender, view,
            lastCommit, host, clock);
        Current = GetOrAdd(lastCommit.CommitStep + 1);
        Current.StartedAt = clock.GetTimestamp();
    }

    public View View { get; }

    /// <summary>The step that is decided next.</summary>
    public InflightStep Current { get; private set; }

    public InflightStep? Find(long step) => steps.GetValueOrDefault(step);

    /// <summary>Gives our word for the open step: a ballot, or null to relay.</summary>
    public void Submit(Ballot? ballot, float loss)
    {
        InflightStep step = Current;
        step.Exchange.Start(ballot, loss);
        PersistWhenComplete(step);
    }

    public DropReason? Accept(int from, in FrameHeader header, ReadOnlySpan<byte> payload)
    {
        if (header.Step == lastCommit.CommitStep && steps.ContainsKey(header.Step))
            return DropReason.Repeated;
        if (header.Step <= lastCommit.CommitStep || header.Step > lastCommit.CommitStep + Ahead)
            return DropReason.Step;
        InflightStep step = GetOrAdd(header.Step);
        DropReason? reason = step.Exchange.Accept(from, header, payload);
        if (reason is null)
            PersistWhenComplete(step);
        return reason;
    }

    public DropReason? OnStepAck(int from, long number, Digest record)
    {
        if (number <= lastCommit.CommitStep || number > lastCommit.CommitStep + Ahead)
            return number <= lastCommit.CommitStep ? DropReason.Repeated : DropReason.Step;
        InflightStep step = GetOrAdd(number);
        if (!step.Tally.TryAdd(from, record))
            return DropReason.Repeated;
        step.AckProgress++;
        CommitWhenAcknowledged(step);
        return null;
    }

    /// <summary>Notes that a member has its word ready.</summary>
    /// <param name="from">The member.</param>
    /// <param name="number">The step.</param>
    /// <param name="ago">The time that its message was on its way.</param>
    public void OnReady(int from, long number, TimeSpan ago = default)
    {
        if (number > lastCommit.CommitStep && number <= lastCommit.CommitStep + Ahead)
        {
            InflightStep step = GetOrAdd(number);
            step.ReadyPeers = step.ReadyPeers.With(from);
            long at = clock.GetTimestamp() - (long)(ago.TotalSeconds * clock.TimestampFrequency);
            step.LastReadyAt = Math.Max(step.LastReadyAt ?? at, at);
        }
    }

    public void SendStepAck(int to, InflightStep step)
    {
        if (step.Record is not { } record || !step.IsPersisted)
            return;
        Span<byte> payload = stackalloc byte[StepAck.Length];
        new StepAck(record.Digest, host.WeightsBefore(record.Step)).Write(payload);
        frameSender.SendControl(to, FrameKind.StepAck, record.Step, payload);
    }

    /// <summary>Gives back what was rented.</summary>
    public void Release()
    {
        foreach (InflightStep step in steps.Values)
            step.Exchange.Release();
        steps.Clear();
    }

    InflightStep GetOrAdd(long number)
    {
        if (steps.TryGetValue(number, out InflightStep? step))
            return step;
        IReadOnlyList<Bucket> buckets = options.BucketsOf(number);
        if (!ReferenceEquals(layout?.Buckets, buckets))
            layout = new StepLayout(buckets, View.Count, options.SegmentWords);
        step = new InflightStep(new StepExchange(View, options.SelfIndex, number, layout, View.Exchange.Kind,
            lastCommit.PreviousSigns)
        {
            Sender = frameSender,
            RentPlanes = host.RentPlanes,
            Profile = options.Profile,
        });
        steps.Add(number, step);
        return step;
    }

    void PersistWhenComplete(InflightStep step)
    {
        StepExchange exchange = step.Exchange;
        if (!exchange.Complete || step.Record is not null)
            return;
        step.CompletedAt = clock.GetTimestamp();
        var losses = new List<uint>(exchange.Voters.Count);
        foreach (int voter in exchange.Voters)
            losses.Add(exchange.LossBitsOf(voter));
        StepRates rates = options.RatesOf(exchange.Step);
        step.Record = new StepRecord(exchange.Step, View.Number, View.RunId, View.MemberSet, exchange.Voters, [.. losses],
            BitConverter.SingleToUInt32Bits(rates.LearningRate), BitConverter.SingleToUInt32Bits(rates.WeightDecay),
            exchange.Aggregates, default)
        {
            Batches = InRosterOrder(View.BatchesAt(exchange.Step)),
            NextBatches = InRosterOrder(View.Shares.Batches),
        }.WithDigestAfter(lastCommit.CommitDigest);
        options.Profile?.OnDone(StepPart.Digest);
        if (!host.TryPersist(step.Record))
            return; // what is not in the journal is not held
        step.IsPersisted = true;
        options.Profile?.OnDone(StepPart.Journal);
        step.Tally.TryAdd(options.SelfIndex, step.Record.Digest);
        foreach (int member in View.Members)
        {
            if (member != options.SelfIndex)
                SendStepAck(member, step);
        }
        options.Profile?.OnDone(StepPart.Send);
        CommitWhenAcknowledged(step);
    }

    int[] InRosterOrder(IReadOnlyList<int> batches) =>
        batches.Count == 0 ? [] : [.. View.MemberSet.Select(member => batches[View.PositionOf(member)])];

    void CommitWhenAcknowledged(InflightStep step)
    {
        if (!step.IsPersisted || step.Exchange.Step != lastCommit.CommitStep + 1
            || step.Tally.TryGetCommitted(View) is not { } committed)
            return;
        options.Profile?.OnAcknowledged();
        if (committed != step.Record!.Digest)
        {
            host.OnQuorumDiffers(step.Record, committed, step.Tally.AckedBy(committed));
            return;
        }
        lastCommit.Advance(step.Record);
        while (steps.Count > 0 && steps.GetKeyAtIndex(0) < lastCommit.CommitStep)
        {
            InflightStep old = steps.GetValueAtIndex(0);
            old.Exchange.Release();
            if (old.Record is { } record)
                host.ReturnPlanes(old.Exchange.Step, record.Buckets);
            steps.RemoveAt(0);
        }
        Current = GetOrAdd(lastCommit.CommitStep + 1);
        Current.StartedAt = clock.GetTimestamp();
        host.OnCommitted(step);
    }
}
