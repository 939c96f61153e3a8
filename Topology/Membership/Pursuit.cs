using System.Buffers;
using DecentralizedLion.Codecs;
using DecentralizedLion.Topology.Exchange;
using MessagePack;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;

namespace DecentralizedLion.Topology.Membership;

/// <summary>
/// Receiver-driven resend: who waits knows what it waits for, and asks for exactly that. "Not yet, I wait for P" is an answer,
/// so that nobody blames an innocent neighbour. A breaker per neighbour opens when it does not answer at all: the link is then taken
/// to be broken, which a later view goes round.
/// </summary>
sealed class Pursuit
{
    const int MostSlots = 128;

    // How many asks in a row go unanswered before a link is taken to be broken, and for how long it is.
    const int Unanswered = 4;
    static readonly TimeSpan BrokenFor = TimeSpan.FromSeconds(30);

    readonly MemberOptions options;
    readonly Outbox outbox;
    readonly Acquaintance[] peers;
    readonly TimeProvider clock;
    readonly ResiliencePipeline<bool> retry;
    readonly ResiliencePipeline<bool>[] breakers;
    readonly List<Slot> missing = [];
    readonly WaitCause?[] answers;
    readonly bool?[] answered;

    public Pursuit(MemberOptions options, Outbox outbox, Acquaintance[] peers, TimeProvider clock, Func<double> random)
    {
        (this.options, this.outbox, this.peers, this.clock) = (options, outbox, peers, clock);
        answers = new WaitCause?[options.Names.Count];
        answered = new bool?[options.Names.Count];
        breakers = [.. Enumerable.Range(0, options.Names.Count).Select(peer => new ResiliencePipelineBuilder<bool> { TimeProvider = clock }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<bool>
            {
                ShouldHandle = static arguments => ValueTask.FromResult(arguments.Outcome.Result is false),
                FailureRatio = 1,
                MinimumThroughput = Unanswered,
                SamplingDuration = BrokenFor,
                BreakDuration = BrokenFor,
                OnOpened = _ =>
                {
                    peers[peer].BreakFor(BrokenFor);
                    return ValueTask.CompletedTask;
                },
            }).Build())];
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

    /// <summary>How often frames were asked for again.</summary>
    public long Retries { get; private set; }

    /// <summary>Watches the open step for as long as the ring runs.</summary>
    /// <param name="current">The steps in hand; null: none at present.</param>
    /// <param name="waiting">Called when asking did not help: whom the step waits for.</param>
    /// <param name="stop">Ends the watch.</param>
    public async Task WatchAsync(Func<StepTable?> current, Action<StepInHand, WaitCause> waiting, CancellationToken stop)
    {
        (StepInHand? step, long progress) seen = default;
        while (!stop.IsCancellationRequested)
        {
            await Task.Delay(options.Timings.ResendAfter, clock, stop);
            StepInHand? step = current()?.Open is { Exchange.Started: true } open ? open : null;
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
                    if (pursued.Step.Progress != pursued.Progress || pursued.Current()?.Open != pursued.Step)
                        return ValueTask.FromResult(true);
                    pursued.Self.AskAgain(pursued.Step);
                    return ValueTask.FromResult(false);
                }, context, pursued);
                if (!moved && current()?.Open == step)
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
            if (number >= table.Open.Exchange.Step)
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
        Answered(from);
        return true;
    }

    /// <summary>A peer sent something of a step: whatever it was asked, it is not deaf.</summary>
    public void Answered(int from) => answered[from] = true;

    /// <summary>Asks at once for all that is missing of a step: others may have sent it before this member was ready for it.</summary>
    public void AskAgain(StepInHand step)
    {
        foreach (int member in step.Exchange.View.Members)
        {
            if (member == options.Self)
                continue;
            missing.Clear();
            step.Exchange.Missing(member, missing, MostSlots);
            if (missing.Count == 0 && (!step.Exchange.Complete || step.Tally.Has(member)))
                continue;
            Judge(member);
            Retries++;
            outbox.Control(member, FrameKind.Ask, step.Exchange.Step, Encode(missing));
        }
    }

    /// <summary>Tells the breaker whether the ask before this one was answered.</summary>
    void Judge(int member)
    {
        try
        {
            if (answered[member] is { } answer)
                breakers[member].Execute(static answer => answer, answer);
        }
        catch (BrokenCircuitException)
        {
            // It is open already: the link is taken to be broken, and this ask is to find out whether it still is.
        }
        answered[member] = false;
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
            if (peers[member].Silence > 4 * options.Timings.HeartbeatEvery)
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
            return reader.End && slots.Distinct().Count() == slots.Count; // or one short ask would be answered with one segment many times
        }
        catch (Exception e) when (MessagePackReading.IsMalformed(e))
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
