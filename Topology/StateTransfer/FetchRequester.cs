using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Membership;
using DecentralizedLion.Topology.Transport;
using Polly;
using Polly.Retry;

namespace DecentralizedLion.Topology.StateTransfer;

/// <summary>Asks donors, one request at a time, and again where an answer stays away.</summary>
sealed class FetchRequester
{
    readonly FrameSender frameSender;
    readonly RingTimings timings;
    readonly MeasuredTimings measured;
    readonly TimeProvider clock;
    readonly ResiliencePipeline<FetchedPiece?> retry;
    readonly WakeSignal arrival;
    int pendingFrom = -1;
    FetchedPiece? arrived;
    int firstId, lastId;
    bool isGone;
    long began;
    TimeSpan typicalRoundTrip;

    public FetchRequester(FrameSender frameSender, RingTimings timings, MeasuredTimings measured, TimeProvider clock,
        Func<double> random)
    {
        (this.frameSender, this.timings, this.measured, this.clock) = (frameSender, timings, measured, clock);
        arrival = new WakeSignal(clock);
        retry = new ResiliencePipelineBuilder<FetchedPiece?> { TimeProvider = clock }.AddRetry(
            new RetryStrategyOptions<FetchedPiece?>
            {
                ShouldHandle = arguments => ValueTask.FromResult(arguments.Outcome.Result is null && !isGone),
                MaxRetryAttempts = 3,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = timings.ResendDelay / 4,
                MaxDelay = timings.ResendDelayMax,
                Randomizer = random,
                OnRetry = _ =>
                {
                    Retries++;
                    return ValueTask.CompletedTask;
                },
            }).Build();
    }

    /// <summary>Called when a donor has answered none of several tries.</summary>
    public Action<int>? Unanswered { private get; set; }

    /// <summary>The number of times that something was asked for again.</summary>
    public long Retries { get; private set; }

    /// <summary>Takes an answer; false when it is not to the request that is open.</summary>
    public bool OnFetchResponse(int from, ReadOnlySpan<byte> payload)
    {
        // The answer to an earlier try of the same request is as good as one to the last.
        if (from != pendingFrom || FetchResponse.TryRead(payload) is not { } response || response.Id < firstId
            || response.Id > lastId)
            return false;
        arrived = new FetchedPiece(response, payload[FetchResponse.HeadLength..].ToArray());
        pendingFrom = -1;
        arrival.Set();
        return true;
    }

    /// <summary>A peer's process has ended: it is not waited for.</summary>
    public void OnPeerGone(int peer)
    {
        if (peer != pendingFrom)
            return;
        isGone = true;
        arrival.Set();
    }

    /// <summary>Asks a donor; null when no answer comes. The request's id is given here.</summary>
    public async Task<FetchedPiece?> AskAsync(int donor, FetchRequest request, CancellationToken stop)
    {
        (pendingFrom, arrived, firstId, began, isGone) = (donor, null, lastId + 1, clock.GetTimestamp(), false);
        ResilienceContext context = ResilienceContextPool.Shared.Get(continueOnCapturedContext: true, stop);
        try
        {
            FetchedPiece? answer = await retry.ExecuteAsync(static (context, ask) =>
                ask.Self.AskOnceAsync(ask.Donor, ask.Request, context.CancellationToken), context,
                (Self: this, Donor: donor, Request: request));
            if (answer is null && !isGone)
                Unanswered?.Invoke(donor);
            return answer;
        }
        finally
        {
            pendingFrom = -1;
            ResilienceContextPool.Shared.Return(context);
        }
    }

    async ValueTask<FetchedPiece?> AskOnceAsync(int donor, FetchRequest request, CancellationToken stop)
    {
        if (arrived is not null || isGone)
            return arrived; // between two tries
        long start = clock.GetTimestamp();
        frameSender.SendControl(donor, FrameKind.FetchRequest, request.Step, (request with { Id = ++lastId }).Encode());
        // Long enough for a piece on this link, as far as it is known; a lost frame is not to cost more than it must.
        TimeSpan patience = typicalRoundTrip == default
            ? timings.PieceTimeout / 4 : 4 * typicalRoundTrip + timings.ResendDelay;
        if (patience > timings.PieceTimeout)
            patience = timings.PieceTimeout;
        TimeSpan answer = 2 * measured.AnswerTimeOf(donor); // a frame before it may be under way as well
        await arrival.WaitAsync(patience > answer ? patience : answer);
        stop.ThrowIfCancellationRequested();
        if (arrived is { } answered)
            typicalRoundTrip = clock.GetElapsedTime(answered.Head.Id == lastId ? start : began);
        else if (!isGone)
            typicalRoundTrip *= 2;
        return arrived;
    }
}
