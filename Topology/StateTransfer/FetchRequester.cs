using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Transport;
using Polly;
using Polly.Retry;

namespace DecentralizedLion.Topology.StateTransfer;

/// <summary>Asks donors, one request at a time, and again where an answer stays away.</summary>
sealed class FetchRequester
{
    readonly FrameSender frameSender;
    readonly RingTimings timings;
    readonly TimeProvider clock;
    readonly ResiliencePipeline<FetchedPiece?> retry;
    readonly WakeSignal arrival;
    FetchRequest? pending;
    int pendingFrom = -1;
    FetchedPiece? arrived;
    int lastId;
    TimeSpan typicalRoundTrip;

    public FetchRequester(FrameSender frameSender, RingTimings timings, TimeProvider clock, Func<double> random)
    {
        (this.frameSender, this.timings, this.clock) = (frameSender, timings, clock);
        arrival = new WakeSignal(clock);
        retry = new ResiliencePipelineBuilder<FetchedPiece?> { TimeProvider = clock }.AddRetry(
            new RetryStrategyOptions<FetchedPiece?>
            {
                ShouldHandle = static arguments => ValueTask.FromResult(arguments.Outcome.Result is null),
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

    /// <summary>The number of times that something was asked for again.</summary>
    public long Retries { get; private set; }

    /// <summary>Takes an answer; false when it is not to the request that is open.</summary>
    public bool OnFetchResponse(int from, ReadOnlySpan<byte> payload)
    {
        if (FetchResponse.TryRead(payload) is not { } response || response.Id != pending?.Id || from != pendingFrom)
            return false;
        arrived = new FetchedPiece(response, payload[FetchResponse.HeadLength..].ToArray());
        pendingFrom = -1;
        arrival.Set();
        return true;
    }

    /// <summary>Asks a donor; null when no answer comes. The request's id is given here.</summary>
    public async Task<FetchedPiece?> AskAsync(int donor, FetchRequest request, CancellationToken stop)
    {
        ResilienceContext context = ResilienceContextPool.Shared.Get(continueOnCapturedContext: true, stop);
        try
        {
            return await retry.ExecuteAsync(static (context, ask) =>
                ask.Self.AskOnceAsync(ask.Donor, ask.Request, context.CancellationToken), context,
                (Self: this, Donor: donor, Request: request));
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    async ValueTask<FetchedPiece?> AskOnceAsync(int donor, FetchRequest request, CancellationToken stop)
    {
        pending = request with { Id = ++lastId };
        (pendingFrom, arrived) = (donor, null);
        long start = clock.GetTimestamp();
        frameSender.SendControl(donor, FrameKind.FetchRequest, request.Step, pending.Encode());
        // Long enough for a piece on this link, as far as it is known; a lost frame is not to cost more than it must.
        TimeSpan patience = typicalRoundTrip == default
            ? timings.PieceTimeout / 4 : 4 * typicalRoundTrip + timings.ResendDelay;
        await arrival.WaitAsync(patience < timings.PieceTimeout ? patience : timings.PieceTimeout);
        stop.ThrowIfCancellationRequested();
        if (arrived is not null)
            typicalRoundTrip = clock.GetElapsedTime(start);
        else
            typicalRoundTrip *= 2;
        return arrived;
    }
}
