using DecentralizedLion.Codecs;
using Polly;
using Polly.Retry;

namespace DecentralizedLion.Topology.Membership;

/// <summary>Fetches the replicated state from another peer in pieces, each asked for until it comes, and serves it to others.</summary>
sealed class StateTransfer
{
    public const int PieceLength = 1 << 20;

    readonly Outbox outbox;
    readonly IReplicaState state;
    readonly TimeProvider clock;
    readonly TimeSpan patience;
    readonly ResiliencePipeline<bool> retry;
    readonly byte[] scratch = new byte[PieceLength];
    TaskCompletionSource<bool>? arrival;
    int source, piece;

    public StateTransfer(MemberOptions options, Outbox outbox, IReplicaState state, TimeProvider clock, Func<double> random)
    {
        (this.outbox, this.state, this.clock, patience) = (outbox, state, clock, options.Timings.PieceTimeout);
        retry = new ResiliencePipelineBuilder<bool> { TimeProvider = clock }.AddRetry(new RetryStrategyOptions<bool>
        {
            ShouldHandle = static arguments => ValueTask.FromResult(arguments.Outcome.Result is false),
            MaxRetryAttempts = int.MaxValue,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            Delay = options.Timings.ResendAfter,
            MaxDelay = options.Timings.ResendAtMostEvery,
            Randomizer = random,
        }).Build();
    }

    /// <summary>Replaces our state by another peer's.</summary>
    public async Task FetchAsync(int from, CancellationToken stop)
    {
        source = from;
        long pieces = (state.Length + PieceLength - 1) / PieceLength;
        for (piece = 0; piece < pieces; piece++)
        {
            ResilienceContext context = ResilienceContextPool.Shared.Get(continueOnCapturedContext: true, stop);
            try
            {
                await retry.ExecuteAsync(static (context, self) => self.AskOnceAsync(context.CancellationToken), context, this);
            }
            finally
            {
                ResilienceContextPool.Shared.Return(context);
            }
        }
    }

    public void OnAsk(int from, int asked)
    {
        long offset = (long)asked * PieceLength;
        if (offset >= state.Length)
            return;
        Span<byte> bytes = scratch.AsSpan(0, (int)Math.Min(PieceLength, state.Length - offset));
        state.Read(offset, bytes);
        outbox.Piece(from, FrameKind.StatePiece, state.Step, asked, bytes);
    }

    /// <summary>Takes a piece; false when it is not the one asked for.</summary>
    public bool OnPiece(int from, int number, uint crc, ReadOnlySpan<byte> payload)
    {
        long offset = (long)number * PieceLength;
        if (arrival is null || from != source || number != piece || payload.Length != Math.Min(PieceLength, state.Length - offset)
            || Crc32C.Of(payload) != crc)
            return false;
        state.Write(offset, payload);
        arrival.TrySetResult(true);
        return true;
    }

    async ValueTask<bool> AskOnceAsync(CancellationToken stop)
    {
        arrival = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        outbox.Piece(source, FrameKind.StateAsk, 0, piece, default);
        using var timer = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Task late = Task.Delay(patience, clock, timer.Token);
        bool came = await Task.WhenAny(arrival.Task, late) == arrival.Task;
        timer.Cancel();
        stop.ThrowIfCancellationRequested();
        if (!came)
            arrival = null;
        return came;
    }
}
