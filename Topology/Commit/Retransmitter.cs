using System.Buffers;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Membership;
using DecentralizedLion.Topology.Transport;
using MessagePack;
using Polly;
using Polly.Retry;

namespace DecentralizedLion.Topology.Commit;

/// <summary>
/// Receiver-driven retransmission: a member requests exactly the segments that it is missing. A neighbour that does not have them
/// yet answers with the member that it waits for itself, so that the report names the cause and not the neighbour. When a
/// neighbour does not answer at all, the link to it is marked as broken, and a later view's order avoids it.
/// </summary>
sealed class Retransmitter
{
    const int SegmentsMax = 128;

    // How many asks in a row go unanswered, and for how long, before a link is taken to be broken, and for how long it is. One
    // long frame may take seconds.
    const int UnansweredMax = 4;
    static readonly TimeSpan unansweredFor = TimeSpan.FromSeconds(8), brokenFor = TimeSpan.FromSeconds(30);

    readonly RingOptions options;
    readonly MeasuredTimings timings;
    readonly FrameSender frameSender;
    readonly RemotePeer[] peers;
    readonly TimeProvider clock;
    readonly ResiliencePipeline<bool> retry;
    readonly List<SegmentId> missing = [];
    readonly StallCause?[] answers;
    readonly (int Count, long First)[] unanswered; // requests to a peer since anything of a step came from it

    public Retransmitter(RingOptions options, MeasuredTimings timings, FrameSender frameSender, RemotePeer[] peers,
        TimeProvider clock, Func<double> random)
    {
        (this.options, this.timings, this.frameSender, this.peers, this.clock) = (options, timings, frameSender, peers, clock);
        answers = new StallCause?[options.PeerIds.Count];
        unanswered = new (int, long)[options.PeerIds.Count];
        retry = new ResiliencePipelineBuilder<bool> { TimeProvider = clock }.AddRetry(new RetryStrategyOptions<bool>
        {
            ShouldHandle = static arguments => ValueTask.FromResult(arguments.Outcome.Result is false),
            MaxRetryAttempts = options.Timings.ResendAttempts,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            Delay = options.Timings.ResendDelay,
            MaxDelay = options.Timings.ResendDelayMax,
            Randomizer = random,
            // An answer that is on its way is not asked for again. Null: as above.
            DelayGenerator = arguments => ValueTask.FromResult(timings.ResendPause(arguments.AttemptNumber) * (1 + random() / 2)),
        }).Build();
    }

    /// <summary>Called when a peer has answered none of several requests.</summary>
    public Action<int>? Unanswered { private get; set; }

    /// <summary>The number of times that frames were asked for again.</summary>
    public long Retries { get; private set; }

    /// <summary>Watches the open step for as long as the ring runs.</summary>
    /// <param name="current">The steps in hand; null: none at present.</param>
    /// <param name="waiting">Called when asking did not help: whom the step waits for.</param>
    /// <param name="stop">Ends the watch.</param>
    public async Task RunAsync(Func<InflightSteps?> current, Action<InflightStep, StallCause> waiting, CancellationToken stop)
    {
        (InflightStep? step, long progress) seen = default;
        while (!stop.IsCancellationRequested)
        {
            await Task.Delay(timings.ResendDelay, clock, stop);
            InflightStep? step = current()?.Current is { Exchange.Started: true } open ? open : null;
            if (step is null || (step, step.Progress) != seen)
            {
                seen = (step, step?.Progress ?? 0);
                continue;
            }
            ResilienceContext context = ResilienceContextPool.Shared.Get(continueOnCapturedContext: true, stop);
            // Once a pursuit: the answer to the last ask may still be on its way when the operator is told.
            Array.Clear(answers);
            try
            {
                var pursued = (Self: this, Step: step, step.Progress, Current: current);
                bool moved = await retry.ExecuteAsync(static (_, pursued) =>
                {
                    if (pursued.Step.Progress != pursued.Progress || pursued.Current()?.Current != pursued.Step)
                        return ValueTask.FromResult(true);
                    pursued.Self.RequestMissing(pursued.Step);
                    return ValueTask.FromResult(false);
                }, context, pursued);
                if (!moved && current()?.Current == step)
                    waiting(step, FindStallCause(step));
            }
            finally
            {
                ResilienceContextPool.Shared.Return(context);
            }
        }
    }

    /// <summary>Answers an ask from the steps in hand.</summary>
    /// <returns>False when the payload is not an ask.</returns>
    public bool OnResendRequest(int from, long number, ReadOnlyMemory<byte> payload, InflightSteps inflight)
    {
        if (!TryDecode(payload, missing))
            return false;
        InflightStep? step = inflight.Find(number);
        if (step is null || !step.Exchange.Started)
        {
            if (number >= inflight.Current.Exchange.Step)
                SendNotReady(from, number, new StallCause(options.SelfIndex, StallReason.Computing));
            return true;
        }
        int sent = 0;
        foreach (SegmentId id in missing)
            sent += step.Exchange.Resend(from, id) ? 1 : 0;
        inflight.SendStepAck(from, step);
        if (sent == 0 && step.Record is null)
            SendNotReady(from, number, FindStallCause(step));
        return true;
    }

    /// <summary>Notes a neighbour's "not yet".</summary>
    public bool OnNotReady(int from, ReadOnlySpan<byte> payload)
    {
        if (payload.Length != 2 || payload[0] >= options.PeerIds.Count || payload[1] > (byte)StallReason.Silent)
            return false;
        answers[from] = new StallCause(payload[0], (StallReason)payload[1]);
        MarkResponsive(from);
        return true;
    }

    /// <summary>A peer sent something of a step: whatever it was asked, it is not deaf.</summary>
    public void MarkResponsive(int from) => unanswered[from] = default;

    /// <summary>Asks at once for all that is missing of a step: others may have sent it before this member was ready for
    /// it.</summary>
    public void RequestMissing(InflightStep step)
    {
        foreach (int member in step.Exchange.View.Members)
        {
            if (member == options.SelfIndex)
                continue;
            missing.Clear();
            step.Exchange.AddMissing(member, missing, SegmentsMax);
            if (missing.Count == 0 && (!step.Exchange.Complete || step.Tally.HasAcked(member)))
                continue;
            CountRequest(member);
            Retries++;
            frameSender.SendControl(member, FrameKind.ResendRequest, step.Exchange.Step, Encode(missing));
        }
    }

    /// <summary>Notes a request. After several without an answer the link is taken to be broken; requests go on, to find out
    /// whether it still is.</summary>
    void CountRequest(int member)
    {
        if (IsSilent(member))
            return; // it is suspected in its time
        var (count, first) = unanswered[member];
        unanswered[member] = count == 0 ? (1, clock.GetTimestamp()) : (count + 1, first);
        if (count < UnansweredMax || clock.GetElapsedTime(first) < unansweredFor)
            return;
        peers[member].MarkLinkBroken(brokenFor);
        Unanswered?.Invoke(member);
    }

    /// <summary>Whom a started step waits for, as far as we know.</summary>
    StallCause FindStallCause(InflightStep step)
    {
        StallCause? cause = null;
        foreach (int member in step.Exchange.View.Members)
        {
            if (member == options.SelfIndex)
                continue;
            missing.Clear();
            step.Exchange.AddMissing(member, missing, 1);
            bool owes = missing.Count > 0 || (step.Exchange.Complete && !step.Tally.HasAcked(member));
            if (!owes)
                continue;
            if (IsSilent(member))
                return new StallCause(member, StallReason.Silent);
            cause ??= answers[member] ?? new StallCause(member, StallReason.Late);
        }
        return cause ?? new StallCause(options.SelfIndex, StallReason.Computing);
    }

    bool IsSilent(int member) => peers[member].Silence > 4 * options.Timings.HeartbeatInterval;

    void SendNotReady(int to, long step, StallCause cause) =>
        frameSender.SendControl(to, FrameKind.NotReady, step, [(byte)cause.Member, (byte)cause.Reason]);

    static ReadOnlySpan<byte> Encode(List<SegmentId> ids)
    {
        var output = new ArrayBufferWriter<byte>(16 + ids.Count * 9);
        var writer = new MessagePackWriter(output);
        writer.WriteArrayHeader(3 * ids.Count);
        foreach (SegmentId id in ids)
        {
            writer.Write(id.Chunk);
            writer.Write(id.Hop);
            writer.Write(id.Segment);
        }
        writer.Flush();
        return output.WrittenSpan;
    }

    static bool TryDecode(ReadOnlyMemory<byte> payload, List<SegmentId> ids)
    {
        ids.Clear();
        try
        {
            var reader = new MessagePackReader(payload);
            int numbers = reader.ReadArrayHeader();
            if (numbers % 3 != 0 || numbers > 3 * SegmentsMax)
                return false;
            for (int number = 0; number < numbers; number += 3)
                ids.Add(new SegmentId(reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32()));
            // or one short ask would be answered with one segment many times
            return reader.End && ids.Distinct().Count() == ids.Count;
        }
        catch (Exception e) when (MessagePackReading.IsMalformed(e))
        {
            return false;
        }
    }
}
