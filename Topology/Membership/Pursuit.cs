using System.Buffers;
using DecentralizedLion.Codecs;
using DecentralizedLion.Topology.Exchange;
using MessagePack;
using Polly;
using Polly.Retry;

namespace DecentralizedLion.Topology.Membership;

/// <summary>
/// Receiver-driven resend: who waits knows what it waits for, and asks for exactly that. "Not yet, I wait for P" is an answer,
/// so that nobody blames an innocent neighbour.
/// </summary>
sealed class Pursuit
{
    const int MostSlots = 128;

    readonly MemberOptions options;
    readonly Outbox outbox;
    readonly Liveness liveness;
    readonly TimeProvider clock;
    readonly ResiliencePipeline<bool> retry;
    readonly List<Slot> missing = [];
    readonly WaitCause?[] answers;

    public Pursuit(MemberOptions options, Outbox outbox, Liveness liveness, TimeProvider clock, Func<double> random)
    {
        (this.options, this.outbox, this.liveness, this.clock) = (options, outbox, liveness, clock);
        answers = new WaitCause?[options.Names.Count];
        retry = new ResiliencePipelineBuilder<bool> { TimeProvider = clock }.AddRetry(new RetryStrategyOptions<bool>
        {
            ShouldHandle = static arguments => ValueTask.FromResult(arguments.Outcome.Result is false),
            MaxRetryAttempts = options.Timings.ResendAttempts,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            Delay = options.Timings.ResendAfter,
            MaxDelay = options.Timings.ResendAtMostEvery,
            Randomizer = random,
        }).Build();
    }

    /// <summary>Watches the open step for as long as the ring runs.</summary>
    /// <param name="table">The steps in hand.</param>
    /// <param name="waiting">Called when asking did not help: whom the step waits for.</param>
    /// <param name="stop">Ends the watch.</param>
    public async Task WatchAsync(StepTable table, Action<StepInHand, WaitCause> waiting, CancellationToken stop)
    {
        (StepInHand? step, long progress) seen = default;
        while (!stop.IsCancellationRequested)
        {
            await Task.Delay(options.Timings.ResendAfter, clock, stop);
            StepInHand? step = table.Open;
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
                var pursued = (Self: this, Step: step, step.Progress);
                bool moved = await retry.ExecuteAsync(static (_, pursued) =>
                {
                    if (pursued.Step.Progress != pursued.Progress || pursued.Step.Done.Task.IsCompleted)
                        return ValueTask.FromResult(true);
                    pursued.Self.AskAgain(pursued.Step);
                    return ValueTask.FromResult(false);
                }, context, pursued);
                if (!moved && !step.Done.Task.IsCompleted)
                    waiting(step, CauseOf(step));
            }
            finally
            {
                ResilienceContextPool.Shared.Return(context);
            }
        }
    }

    /// <summary>Answers an ask from the steps in hand.</summary>
    /// <returns>False when the payload is not an ask.</returns>
    public bool OnAsk(int from, long number, ReadOnlyMemory<byte> payload, StepTable table)
    {
        if (!TryDecode(payload, missing))
            return false;
        StepInHand? step = table.Find(number);
        if (step is null || !step.Exchange.Started)
        {
            if (number > table.LastCommitted)
                Answer(from, number, new WaitCause(options.Self, WaitReason.Computing));
            return true;
        }
        int sent = 0;
        foreach (Slot slot in missing)
            sent += step.Exchange.Resend(from, slot) ? 1 : 0;
        table.SendHeld(from, step);
        if (sent == 0 && step.Record is null)
            Answer(from, number, CauseOf(step));
        return true;
    }

    /// <summary>Notes a neighbour's "not yet".</summary>
    public bool OnNotYet(int from, ReadOnlySpan<byte> payload)
    {
        if (payload.Length != 2 || payload[0] >= options.Names.Count || payload[1] > (byte)WaitReason.Silent)
            return false;
        answers[from] = new WaitCause(payload[0], (WaitReason)payload[1]);
        return true;
    }

    void AskAgain(StepInHand step)
    {
        foreach (int member in step.Exchange.View.Members)
        {
            if (member == options.Self)
                continue;
            missing.Clear();
            step.Exchange.Missing(member, missing, MostSlots);
            if (missing.Count > 0 || !step.Tally.Has(member))
                outbox.Control(member, FrameKind.Ask, step.Exchange.Step, Encode(missing));
        }
    }

    /// <summary>Whom a started step waits for, as far as we know.</summary>
    WaitCause CauseOf(StepInHand step)
    {
        WaitCause? cause = null;
        foreach (int member in step.Exchange.View.Members)
        {
            if (member == options.Self)
                continue;
            missing.Clear();
            step.Exchange.Missing(member, missing, 1);
            bool owes = missing.Count > 0 || (step.Exchange.Complete && !step.Tally.Has(member));
            if (!owes)
                continue;
            if (liveness.SilenceOf(member) > 4 * options.Timings.HeartbeatEvery)
                return new WaitCause(member, WaitReason.Silent);
            cause ??= answers[member] ?? new WaitCause(member, WaitReason.Late);
        }
        return cause ?? new WaitCause(options.Self, WaitReason.Computing);
    }

    void Answer(int to, long step, WaitCause cause) =>
        outbox.Control(to, FrameKind.NotYet, step, [(byte)cause.Member, (byte)cause.Reason]);

    static ReadOnlySpan<byte> Encode(List<Slot> slots)
    {
        var output = new ArrayBufferWriter<byte>(16 + slots.Count * 9);
        var writer = new MessagePackWriter(output);
        writer.WriteArrayHeader(3 * slots.Count);
        foreach (Slot slot in slots)
        {
            writer.Write(slot.Chunk);
            writer.Write(slot.Hop);
            writer.Write(slot.Segment);
        }
        writer.Flush();
        return output.WrittenSpan;
    }

    static bool TryDecode(ReadOnlyMemory<byte> payload, List<Slot> slots)
    {
        slots.Clear();
        try
        {
            var reader = new MessagePackReader(payload);
            int numbers = reader.ReadArrayHeader();
            if (numbers % 3 != 0 || numbers > 3 * MostSlots)
                return false;
            for (int number = 0; number < numbers; number += 3)
                slots.Add(new Slot(reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32()));
            return reader.End;
        }
        catch (Exception e) when (e is EndOfStreamException or MessagePackSerializationException or OverflowException)
        {
            return false;
        }
    }
}

/// <summary>Why a member has nothing to send.</summary>
enum WaitReason : byte
{
    /// <summary>Its gradient is not done.</summary>
    Computing,

    /// <summary>It is alive and has not answered what it waits for.</summary>
    Late,

    /// <summary>Nothing is heard of it.</summary>
    Silent,
}

/// <summary>Whom a step waits for in the end.</summary>
readonly record struct WaitCause(int Member, WaitReason Reason);
