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
    readonly TimeSpan patience;
    readonly ResiliencePipeline<bool> retry;
    readonly byte[] scratch = new byte[PieceLength];
    readonly Signal arrival;
    int source, piece;
    bool fetching;

    public StateTransfer(MemberOptions options, Outbox outbox, IReplicaState state, TimeProvider clock, Func<double> random)
    {
        (this.outbox, this.state, patience, arrival) = (outbox, state, options.Timings.PieceTimeout, new Signal(clock));
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
    public bool OnPiece(int from, int number, ReadOnlySpan<byte> payload)
    {
        long offset = (long)number * PieceLength;
        if (!fetching || from != source || number != piece || payload.Length != Math.Min(PieceLength, state.Length - offset))
            return false;
        state.Write(offset, payload);
        arrival.Set();
        return true;
    }

    async ValueTask<bool> AskOnceAsync(CancellationToken stop)
    {
        outbox.Piece(source, FrameKind.StateAsk, 0, piece, default);
        fetching = true;
        bool came = await arrival.WaitAsync(patience);
        fetching = false;
        stop.ThrowIfCancellationRequested();
        return came;
    }
}
