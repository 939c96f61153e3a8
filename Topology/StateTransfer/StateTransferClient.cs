using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Snapshots;
using DecentralizedLion.Topology.Transport;
using Polly;
using Polly.Retry;

namespace DecentralizedLion.Topology.StateTransfer;

/// <summary>
/// Fetches what this peer lacks (docs/protocol.md#state-transfer): records while they are cheaper, else a checkpoint, from any
/// member, while the others go on. Asked for piece by piece, and again where an answer stays away; never pushed.
/// </summary>
sealed class StateTransferClient
{
    // A checkpoint is weights and a few planes, and a text in front that tells of them.
    const long SnapshotHeaderBytesMax = 64 << 20;

    // What a record has beside its planes, about; and how many steps are looked at to tell how long records are.
    const long RecordOverhead = 128, SampleMax = 128;

    readonly RingOptions options;
    readonly FrameSender frameSender;
    readonly IJournal journal;
    readonly ISnapshotStore snapshots;
    readonly IStateTransferHost host;
    readonly TimeProvider clock;
    readonly ResiliencePipeline<Answer?> retry;
    readonly WakeSignal arrival, wanted;
    readonly List<byte> partial = [];
    FetchRequest pending;
    int pendingFrom = -1;
    Answer? arrived;
    int lastId;
    TimeSpan typicalRoundTrip;
    long missed; // when a snapshot was fetched last, in steps
    (int Donor, long Began)? reported;

    public StateTransferClient(RingOptions options, FrameSender frameSender, IJournal journal, ISnapshotStore snapshots,
        IStateTransferHost host, TimeProvider clock, Func<double> random)
    {
        (this.options, this.frameSender, this.journal, this.snapshots, this.host, this.clock) = (options, frameSender, journal,
            snapshots, host, clock);
        (arrival, wanted) = (new WakeSignal(clock), new WakeSignal(clock));
        retry = new ResiliencePipelineBuilder<Answer?> { TimeProvider = clock }.AddRetry(new RetryStrategyOptions<Answer?>
        {
            ShouldHandle = static arguments => ValueTask.FromResult(arguments.Outcome.Result is null),
            MaxRetryAttempts = 3,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            Delay = options.Timings.ResendDelay / 4,
            MaxDelay = options.Timings.ResendDelayMax,
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

    /// <summary>Bytes of answers that were of use.</summary>
    public long BytesFetched { get; private set; }

    /// <summary>There may be something to fetch.</summary>
    public void Wake() => wanted.Set();

    /// <summary>Takes an answer; false when it is not to the ask that is open.</summary>
    public bool OnFetchResponse(int from, ReadOnlySpan<byte> payload)
    {
        if (FetchResponse.TryRead(payload) is not { } response || response.Id != pending.Id || from != pendingFrom)
            return false;
        arrived = new Answer(response, payload[FetchResponse.HeadLength..].ToArray());
        pendingFrom = -1;
        arrival.Set();
        return true;
    }

    /// <summary>Fetches whatever is lacking, for as long as the ring runs.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            bool moved = false;
            if (host.Target is not { } target)
            {
                missed = 0;
                ReportCaughtUp();
            }
            else
            {
                foreach (int donor in host.CandidateDonors(target).ToArray())
                {
                    moved = target.State is { } state ? await FetchExactSnapshotAsync(donor, target.Step, state, stop)
                        : await FetchRecordsAsync(donor, target, stop);
                    stop.ThrowIfCancellationRequested();
                    if (moved || host.Target != target)
                        break;
                }
            }
            if (!moved)
                await wanted.WaitAsync(options.Timings.TickInterval);
        }
    }

    void ReportCaughtUp()
    {
        if (reported is { } told)
            host.Raise(new(RingEventKind.Fetched, told.Donor, $"all steps up to {journal.LastStep} are here",
                clock.GetElapsedTime(told.Began)));
        reported = null;
    }

    Task ThrottleAsync(TimeSpan took, CancellationToken stop)
    {
        // What took longer than a piece may was no transfer: answers were lost, or this process was stopped.
        TimeSpan counts = took < options.Timings.PieceTimeout ? took : options.Timings.PieceTimeout;
        return Task.Delay(counts * (1 / options.Timings.FetchTimeShare - 1), clock, stop);
    }

    /// <summary>Asks one donor for records. True when that brought something.</summary>
    async Task<bool> FetchRecordsAsync(int donor, FetchTarget target, CancellationToken stop)
    {
        long last = journal.LastStep;
        if (last >= target.Step)
        {
            // With what lies before all that is here nothing can be compared.
            return target.Step >= journal.BaseStep && journal.DigestAfter(target.Step) != target.Chain
                && await FindCommonStepAsync(donor, target, target.Step, stop);
        }
        Answer? cheaper = !target.IncludeUncommitted && IsSnapshotCheaper(host.CommittedOf(donor) - last)
            && host.CanTruncate(donor, long.MaxValue)
            ? await QueryNewestSnapshotAsync(donor, stop) : null;
        if (journal.LastStep != last || host.Target is null)
            return true; // the member went on without it
        if (cheaper is not null && EstimateRecordBytes(cheaper.Head.Committed - last)
            > cheaper.Head.Total + EstimateRecordBytes(cheaper.Head.Committed - cheaper.Head.Step))
        {
            missed = cheaper.Head.Committed - last;
            return await InstallSnapshotAsync(donor, cheaper, stop);
        }
        long start = clock.GetTimestamp();
        if (await AskAsync(donor, FetchKind.Records, last + 1, partial.Count, journal.DigestAfter(last),
            target.IncludeUncommitted, stop) is not { } answer)
            return false;
        if (journal.LastStep != last || host.Target is null)
            return true; // the member went on without it
        switch (answer.Head.Result)
        {
            case FetchResult.Bytes when answer.Head.Total
                > RecordCodec.LengthMax(options.BucketsOf(last + 1), options.PeerIds.Count):
                partial.Clear();
                return false; // no record is so long: nothing is collected for it
            case FetchResult.Bytes:
                if (reported is null && answer.Head.Committed - last > 1)
                {
                    host.Raise(new(RingEventKind.Fetched, donor,
                        $"fetching steps {last + 1} to {answer.Head.Committed} from {options.PeerIds[donor]}"));
                    reported = (donor, clock.GetTimestamp());
                }
                bool moved = AppendRecords(donor, answer);
                // Who comes back leaves the links to those who train, except where these wait for it, and for the last few.
                if (moved && !target.IncludeUncommitted && answer.Head.Committed - journal.LastStep > Donor.RecentRecords)
                    await ThrottleAsync(clock.GetElapsedTime(start), stop);
                return moved;
            case FetchResult.UpToDate:
                ReportCaughtUp();
                host.OnRecordsFetched(donor, answer.Head.Committed, upToDate: true);
                return false;
            case FetchResult.OtherChain:
                return await FindCommonStepAsync(donor, target, last, stop);
            case FetchResult.TooFar:
                if (!host.CanTruncate(donor, long.MaxValue) || await QueryNewestSnapshotAsync(donor, stop) is not { } newest)
                    return false;
                missed = answer.Head.Committed - last;
                return await InstallSnapshotAsync(donor, newest, stop);
            case FetchResult.Behind when target.Step == long.MaxValue:
                return await FindCommonStepAsync(donor, target, Math.Min(last, answer.Head.Committed + 1), stop);
            default:
                partial.Clear();
                return false;
        }
    }

    bool AppendRecords(int donor, Answer answer)
    {
        ReadOnlyMemory<byte> bytes = answer.Bytes;
        if (partial.Count > 0 || bytes.Length < answer.Head.Total)
        {
            partial.AddRange(answer.Bytes);
            BytesFetched += answer.Bytes.Length;
            if (partial.Count < answer.Head.Total)
                return true;
            bytes = partial.ToArray();
            BytesFetched -= bytes.Length;
        }
        partial.Clear();
        bool any = false;
        int whole = bytes.Length;
        while (RecordCodec.TryRead(ref bytes, options.BucketsOf) is { } record)
        {
            // Believed only as far as it follows from what is here.
            if (record.Step != journal.LastStep + 1
                || record.WithDigestAfter(journal.DigestAfter(journal.LastStep)).Digest != record.Digest)
                break;
            journal.Append(record);
            any = true;
        }
        BytesFetched += whole;
        if (any)
            // the ring goes on meanwhile; what is left it waits for
            host.OnRecordsFetched(donor, answer.Head.Committed, upToDate: journal.LastStep >= answer.Head.Committed);
        return any;
    }

    /// <summary>Looks for the last step that a donor's chain and ours have in common, in growing strides back, and cuts off the
    /// rest.</summary>
    async Task<bool> FindCommonStepAsync(int donor, FetchTarget target, long from, CancellationToken stop)
    {
        for (long back = 1; from - back >= journal.BaseStep; back *= 2)
        {
            long last = journal.LastStep, common = from - back;
            if (!host.CanTruncate(donor, common + 1))
                return false; // the donor is behind, not elsewhere
            if (await AskAsync(donor, FetchKind.Records, common + 1, 0, journal.DigestAfter(common), target.IncludeUncommitted,
                stop) is not { } answer
                || journal.LastStep != last || !host.CanTruncate(donor, common + 1))
                return false;
            switch (answer.Head.Result)
            {
                case FetchResult.Bytes or FetchResult.UpToDate:
                    host.TruncateAfter(common);
                    return true;
                case FetchResult.OtherChain or FetchResult.Behind:
                    continue;
            }
            break;
        }
        return host.CanTruncate(donor, journal.BaseStep + 1) && await QueryNewestSnapshotAsync(donor, stop) is { } newest
            && await InstallSnapshotAsync(donor, newest, stop);
    }

    /// <summary>The checkpoint that a run begins with, or one to mend damaged weights from.</summary>
    async Task<bool> FetchExactSnapshotAsync(int donor, long atMost, Digest wantedSha, CancellationToken stop)
    {
        if (await AskAsync(donor, FetchKind.SnapshotInfo, atMost, 0, default, false, stop)
            is not { Head.Result: FetchResult.Bytes } newest
            || !IsPlausibleLength(newest, options.ReplicatedStateBytes) || host.Target?.State != wantedSha
            || (wantedSha != default && newest.Head.Sha != wantedSha))
            return false;
        var snapshot = new SnapshotInfo(SnapshotKind.Shared, newest.Head.Step, newest.Head.Total, newest.Head.Sha);
        if (wantedSha == default && snapshots.Newest(SnapshotKind.Shared, snapshot.Step) is { } own && own == snapshot)
        {
            host.OnSnapshotPresent(own);
            return true;
        }
        return await InstallSnapshotAsync(donor, newest, stop);
    }

    /// <summary>A donor's newest checkpoint. If that is old, the donor writes another and is given some time for it; how far the
    /// ring goes meanwhile does not matter.</summary>
    async Task<Answer?> QueryNewestSnapshotAsync(int donor, CancellationToken stop)
    {
        // So many records are a quarter of a checkpoint at most: not worth writing another.
        long recent = Math.Clamp(options.ReplicatedStateBytes / 4 / Math.Max(1, EstimateRecordBytes(1) - RecordOverhead), 1,
            Donor.RecentRecords);
        long least = Math.Max(0, host.CommittedOf(donor) - recent);
        for (int time = 0; ; time++)
        {
            if (await AskAsync(donor, FetchKind.SnapshotInfo, long.MaxValue, time < 20 ? least : 0, default, false, stop)
                is not { } answer)
                return null;
            if (answer.Head.Result != FetchResult.Later)
                return answer.Head.Result == FetchResult.Bytes && IsPlausibleLength(answer, options.ReplicatedStateBytes)
                    ? answer : null;
            await Task.Delay(options.Timings.TickInterval, clock, stop);
        }
    }

    /// <summary>True when so many records are more than a checkpoint. After one, records are fetched, unless that was of no help:
    /// in the time it took the ring went further on than this peer was behind.</summary>
    bool IsSnapshotCheaper(long records) => records > 2 * missed
        && EstimateRecordBytes(records) > options.ReplicatedStateBytes + EstimateRecordBytes(1) * Donor.RecentRecords;

    /// <summary>Fetches a checkpoint piece by piece; what an earlier try brought is not fetched again.</summary>
    async Task<bool> InstallSnapshotAsync(int donor, Answer newest, CancellationToken stop)
    {
        if (host.Target is not { } target)
            return false; // it takes part by now: its journal is not to be replaced
        var snapshot = new SnapshotInfo(SnapshotKind.Shared, newest.Head.Step, newest.Head.Total, newest.Head.Sha);
        long start = clock.GetTimestamp();
        host.Raise(new(RingEventKind.Fetched, donor,
            $"fetching the snapshot of step {snapshot.Step} from {options.PeerIds[donor]} ({snapshot.Length:N0} bytes)"));
        bool own = snapshots.Newest(SnapshotKind.Shared, snapshot.Step) == snapshot;
        if (!own && !await FetchPiecesAsync(donor, FetchKind.Snapshot, snapshot, stop))
            return false;
        if (snapshot.Step > 0 && options.LocalStateBytes > 0 && host.WantsMomentum
            && await AskAsync(donor, FetchKind.MomentumInfo, snapshot.Step, 0, default, false, stop)
            is { Head.Result: FetchResult.Bytes } momentum
            && IsPlausibleLength(momentum, options.LocalStateBytes)
            && !await FetchPiecesAsync(donor, FetchKind.Momentum,
                new SnapshotInfo(SnapshotKind.Momentum, momentum.Head.Step, momentum.Head.Total, momentum.Head.Sha), stop))
            return false;
        if (host.Target != target)
            return false; // what was lacking is no longer
        host.OnSnapshotInstalled(snapshot, newest.Head.Chain);
        host.Raise(new(RingEventKind.Fetched, donor, $"the snapshot of step {snapshot.Step} is here",
            clock.GetElapsedTime(start)));
        return true;
    }

    async Task<bool> FetchPiecesAsync(int donor, FetchKind kind, SnapshotInfo snapshot, CancellationToken stop)
    {
        for (long at = snapshots.Received(snapshot); at < snapshot.Length; at = snapshots.Received(snapshot))
        {
            long start = clock.GetTimestamp();
            if (await AskAsync(donor, kind, snapshot.Step, at, snapshot.Sha, false, stop)
                is not { Head.Result: FetchResult.Bytes } piece
                || piece.Bytes.Length == 0 || piece.Bytes.Length > snapshot.Length - at)
                return false;
            snapshots.Receive(snapshot, piece.Bytes);
            BytesFetched += piece.Bytes.Length;
            await ThrottleAsync(clock.GetElapsedTime(start), stop);
        }
        if (snapshots.Complete(snapshot))
            return true;
        host.Raise(new(RingEventKind.Fetched, donor,
            $"what came of the snapshot of step {snapshot.Step} was damaged; it is fetched again"));
        return false;
    }

    /// <summary>True when a checkpoint may be as long as a donor says: nothing more is written to this disk.</summary>
    bool IsPlausibleLength(Answer info, long about) =>
        info.Head.Total <= about + 4L * sizeof(ulong) * BitPlanes.Words(options.ParameterCount) + SnapshotHeaderBytesMax;

    /// <summary>About the bytes of so many records after the last that is here.</summary>
    long EstimateRecordBytes(long records)
    {
        long looked = Math.Min(records, SampleMax), bytes = 0;
        for (long step = journal.LastStep + 1; step <= journal.LastStep + looked; step++)
            bytes += StepRecord.PlaneBytes(options.BucketsOf(step), options.PeerIds.Count) + RecordOverhead;
        return looked <= 0 ? 0 : bytes * records / looked; // what steps carry changes slowly, or comes again soon
    }

    async Task<Answer?> AskAsync(int donor, FetchKind kind, long step, long offset, Digest digest, bool upToHeld,
        CancellationToken stop)
    {
        ResilienceContext context = ResilienceContextPool.Shared.Get(continueOnCapturedContext: true, stop);
        try
        {
            var request = (Self: this, Donor: donor, Ask: new FetchRequest(0, kind, step, offset, digest, upToHeld));
            return await retry.ExecuteAsync(static (context, request) =>
                request.Self.AskOnceAsync(request.Donor, request.Ask, context.CancellationToken), context, request);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    async ValueTask<Answer?> AskOnceAsync(int donor, FetchRequest request, CancellationToken stop)
    {
        pending = request with { Id = ++lastId };
        (pendingFrom, arrived) = (donor, null);
        long start = clock.GetTimestamp();
        frameSender.SendControl(donor, FrameKind.FetchRequest, request.Step, pending.Encode());
        // Long enough for a piece on this link, as far as it is known; a lost frame is not to cost more than it must.
        TimeSpan patience = typicalRoundTrip == default
            ? options.Timings.PieceTimeout / 4 : 4 * typicalRoundTrip + options.Timings.ResendDelay;
        await arrival.WaitAsync(patience < options.Timings.PieceTimeout ? patience : options.Timings.PieceTimeout);
        stop.ThrowIfCancellationRequested();
        if (arrived is not null)
            typicalRoundTrip = clock.GetElapsedTime(start);
        else
            typicalRoundTrip *= 2;
        return arrived;
    }

    sealed record Answer(FetchResponse Head, byte[] Bytes);
}
