using DecentralizedLion.Codecs;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Snapshots;
using Polly;
using Polly.Retry;

namespace DecentralizedLion.Topology.Membership;

/// <summary>
/// Fetches what this peer lacks (section 6, Coming back): records while they are cheaper, else a checkpoint, from any member, while the
/// others go on. Asked for piece by piece, and again where an answer stays away; never pushed.
/// </summary>
sealed class CatchUp
{
    // A checkpoint is weights and a few planes, and a text in front that tells of them.
    const long MostHead = 64 << 20;

    // What a record has beside its planes, about; and how many steps are looked at to tell how long records are.
    const long UsualAround = 128, MostLooked = 128;

    readonly MemberOptions options;
    readonly Outbox outbox;
    readonly IJournal journal;
    readonly ISnapshotStore snapshots;
    readonly IFetchHost host;
    readonly TimeProvider clock;
    readonly ResiliencePipeline<Answer?> retry;
    readonly Signal arrival, wanted;
    readonly List<byte> partial = [];
    FetchAsk pending;
    int pendingFrom = -1;
    Answer? arrived;
    int lastId;
    TimeSpan usual;
    long missed; // when a snapshot was fetched last, in steps
    (int Donor, long Began)? telling;

    public CatchUp(MemberOptions options, Outbox outbox, IJournal journal, ISnapshotStore snapshots, IFetchHost host, TimeProvider clock,
        Func<double> random)
    {
        (this.options, this.outbox, this.journal, this.snapshots, this.host, this.clock) = (options, outbox, journal, snapshots, host, clock);
        (arrival, wanted) = (new Signal(clock), new Signal(clock));
        retry = new ResiliencePipelineBuilder<Answer?> { TimeProvider = clock }.AddRetry(new RetryStrategyOptions<Answer?>
        {
            ShouldHandle = static arguments => ValueTask.FromResult(arguments.Outcome.Result is null),
            MaxRetryAttempts = 3,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            Delay = options.Timings.ResendAfter / 4,
            MaxDelay = options.Timings.ResendAtMostEvery,
            Randomizer = random,
            OnRetry = _ =>
            {
                Retries++;
                return ValueTask.CompletedTask;
            },
        }).Build();
    }

    /// <summary>How often something was asked for again.</summary>
    public long Retries { get; private set; }

    /// <summary>Bytes of answers that were of use.</summary>
    public long BytesFetched { get; private set; }

    /// <summary>There may be something to fetch.</summary>
    public void Wake() => wanted.Set();

    /// <summary>Takes an answer; false when it is not to the ask that is open.</summary>
    public bool OnPiece(int from, ReadOnlySpan<byte> payload)
    {
        if (FetchAnswer.TryRead(payload) is not { } head || head.Id != pending.Id || from != pendingFrom)
            return false;
        arrived = new Answer(head, payload[FetchAnswer.HeadLength..].ToArray());
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
            if (host.Goal is not { } goal)
            {
                missed = 0;
                SayAllIsHere();
            }
            else
            {
                foreach (int donor in host.Donors(goal).ToArray())
                {
                    moved = goal.State is { } state ? await StateAsync(donor, goal.Step, state, stop) : await RecordsAsync(donor, goal, stop);
                    stop.ThrowIfCancellationRequested();
                    if (moved || host.Goal != goal)
                        break;
                }
            }
            if (!moved)
                await wanted.WaitAsync(options.Timings.LookEvery);
        }
    }

    void SayAllIsHere()
    {
        if (telling is { } told)
            host.Tell(new(RingEventKind.Fetched, told.Donor, $"all steps up to {journal.Last} are here", clock.GetElapsedTime(told.Began)));
        telling = null;
    }

    Task PauseAsync(TimeSpan took, CancellationToken stop)
    {
        // What took longer than a piece may was no transfer: answers were lost, or this process was stopped.
        TimeSpan counts = took < options.Timings.PieceTimeout ? took : options.Timings.PieceTimeout;
        return Task.Delay(counts * (1 / options.Timings.FetchShare - 1), clock, stop);
    }

    /// <summary>Asks one donor for records. True when that brought something.</summary>
    async Task<bool> RecordsAsync(int donor, FetchGoal goal, CancellationToken stop)
    {
        long last = journal.Last;
        if (last >= goal.Step)
        {
            // With what lies before all that is here nothing can be compared.
            return goal.Step >= journal.First && journal.ChainAt(goal.Step) != goal.Chain && await FindCommonAsync(donor, goal, goal.Step, stop);
        }
        Answer? cheaper = !goal.UpToHeld && IsFar(host.CommittedOf(donor) - last) && host.MayCut(donor, long.MaxValue)
            ? await NewestOfAsync(donor, stop) : null;
        if (journal.Last != last || host.Goal is null)
            return true; // the member went on without it
        if (cheaper is not null && Length(cheaper.Head.Committed - last) > cheaper.Head.Total + Length(cheaper.Head.Committed - cheaper.Head.Step))
        {
            missed = cheaper.Head.Committed - last;
            return await SnapshotAsync(donor, cheaper, stop);
        }
        long start = clock.GetTimestamp();
        if (await AskAsync(donor, FetchKind.Records, last + 1, partial.Count, journal.ChainAt(last), goal.UpToHeld, stop) is not { } answer)
            return false;
        if (journal.Last != last || host.Goal is null)
            return true; // the member went on without it
        switch (answer.Head.Result)
        {
            case FetchResult.Bytes when answer.Head.Total > RecordBytes.Longest(options.Parts(last + 1), options.Names.Count):
                partial.Clear();
                return false; // no record is so long: nothing is collected for it
            case FetchResult.Bytes:
                if (telling is null && answer.Head.Committed - last > 1)
                {
                    host.Tell(new(RingEventKind.Fetched, donor, $"fetching steps {last + 1} to {answer.Head.Committed} from {options.Names[donor]}"));
                    telling = (donor, clock.GetTimestamp());
                }
                bool moved = Take(donor, answer);
                // Who comes back leaves the links to those who train, except where these wait for it, and for the last few.
                if (moved && !goal.UpToHeld && answer.Head.Committed - journal.Last > Donor.Recent)
                    await PauseAsync(clock.GetElapsedTime(start), stop);
                return moved;
            case FetchResult.UpToDate:
                SayAllIsHere();
                host.Fetched(donor, answer.Head.Committed, upToDate: true);
                return false;
            case FetchResult.OtherChain:
                return await FindCommonAsync(donor, goal, last, stop);
            case FetchResult.TooFar:
                if (!host.MayCut(donor, long.MaxValue) || await NewestOfAsync(donor, stop) is not { } newest)
                    return false;
                missed = answer.Head.Committed - last;
                return await SnapshotAsync(donor, newest, stop);
            case FetchResult.Behind when goal.Step == long.MaxValue:
                return await FindCommonAsync(donor, goal, Math.Min(last, answer.Head.Committed + 1), stop);
            default:
                partial.Clear();
                return false;
        }
    }

    bool Take(int donor, Answer answer)
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
        while (RecordBytes.TryRead(ref bytes, options.Parts) is { } record)
        {
            // Believed only as far as it follows from what is here.
            if (record.Step != journal.Last + 1 || record.ChainedTo(journal.ChainAt(journal.Last)).Digest != record.Digest)
                break;
            journal.Append(record);
            any = true;
        }
        BytesFetched += whole;
        if (any)
            host.Fetched(donor, answer.Head.Committed, upToDate: journal.Last >= answer.Head.Committed); // the ring goes on meanwhile; what is left it waits for
        return any;
    }

    /// <summary>Looks for the last step that a donor's chain and ours have in common, in growing strides back, and cuts off the rest.</summary>
    async Task<bool> FindCommonAsync(int donor, FetchGoal goal, long from, CancellationToken stop)
    {
        for (long back = 1; from - back >= journal.First; back *= 2)
        {
            long last = journal.Last, common = from - back;
            if (!host.MayCut(donor, common + 1))
                return false; // the donor is behind, not elsewhere
            if (await AskAsync(donor, FetchKind.Records, common + 1, 0, journal.ChainAt(common), goal.UpToHeld, stop) is not { } answer
                || journal.Last != last || !host.MayCut(donor, common + 1))
                return false;
            switch (answer.Head.Result)
            {
                case FetchResult.Bytes or FetchResult.UpToDate:
                    host.Cut(common);
                    return true;
                case FetchResult.OtherChain or FetchResult.Behind:
                    continue;
            }
            break;
        }
        return host.MayCut(donor, journal.First + 1) && await NewestOfAsync(donor, stop) is { } newest && await SnapshotAsync(donor, newest, stop);
    }

    /// <summary>The checkpoint that a run begins with, or one to mend damaged weights from.</summary>
    async Task<bool> StateAsync(int donor, long atMost, ChainDigest wantedSha, CancellationToken stop)
    {
        if (await AskAsync(donor, FetchKind.SnapshotInfo, atMost, 0, default, false, stop) is not { Head.Result: FetchResult.Bytes } newest
            || !IsLikely(newest, options.SharedBytes) || host.Goal?.State != wantedSha || (wantedSha != default && newest.Head.Sha != wantedSha))
            return false;
        var snapshot = new SnapshotInfo(SnapshotPart.Shared, newest.Head.Step, newest.Head.Total, newest.Head.Sha);
        if (wantedSha == default && snapshots.Newest(SnapshotPart.Shared, snapshot.Step) is { } own && own == snapshot)
        {
            host.HasSnapshot(own);
            return true;
        }
        return await SnapshotAsync(donor, newest, stop);
    }

    /// <summary>A donor's newest checkpoint. If that is old, the donor writes another and is given some time for it; how far the ring goes
    /// meanwhile does not matter.</summary>
    async Task<Answer?> NewestOfAsync(int donor, CancellationToken stop)
    {
        // So many records are a quarter of a checkpoint at most: not worth writing another.
        long recent = Math.Clamp(options.SharedBytes / 4 / Math.Max(1, Length(1) - UsualAround), 1, Donor.Recent);
        long least = Math.Max(0, host.CommittedOf(donor) - recent);
        for (int time = 0; ; time++)
        {
            if (await AskAsync(donor, FetchKind.SnapshotInfo, long.MaxValue, time < 20 ? least : 0, default, false, stop) is not { } answer)
                return null;
            if (answer.Head.Result != FetchResult.Later)
                return answer.Head.Result == FetchResult.Bytes && IsLikely(answer, options.SharedBytes) ? answer : null;
            await Task.Delay(options.Timings.LookEvery, clock, stop);
        }
    }

    /// <summary>Whether so many records are more than a checkpoint. After one, records are fetched, unless that was of no help: in the
    /// time it took the ring went further on than this peer was behind.</summary>
    bool IsFar(long records) => records > 2 * missed && Length(records) > options.SharedBytes + Length(1) * Donor.Recent;

    /// <summary>Fetches a checkpoint piece by piece; what an earlier try brought is not fetched again.</summary>
    async Task<bool> SnapshotAsync(int donor, Answer newest, CancellationToken stop)
    {
        if (host.Goal is not { } goal)
            return false; // it takes part by now: its journal is not to be replaced
        var snapshot = new SnapshotInfo(SnapshotPart.Shared, newest.Head.Step, newest.Head.Total, newest.Head.Sha);
        long start = clock.GetTimestamp();
        host.Tell(new(RingEventKind.Fetched, donor, $"fetching the snapshot of step {snapshot.Step} from {options.Names[donor]} ({snapshot.Length:N0} bytes)"));
        bool own = snapshots.Newest(SnapshotPart.Shared, snapshot.Step) == snapshot;
        if (!own && !await PiecesAsync(donor, FetchKind.Snapshot, snapshot, stop))
            return false;
        if (snapshot.Step > 0 && options.OwnBytes > 0 && host.WantsMomentum
            && await AskAsync(donor, FetchKind.MomentumInfo, snapshot.Step, 0, default, false, stop) is { Head.Result: FetchResult.Bytes } momentum
            && IsLikely(momentum, options.OwnBytes)
            && !await PiecesAsync(donor, FetchKind.Momentum,
                new SnapshotInfo(SnapshotPart.Momentum, momentum.Head.Step, momentum.Head.Total, momentum.Head.Sha), stop))
            return false;
        if (host.Goal != goal)
            return false; // what was lacking is no longer
        host.TookSnapshot(snapshot, newest.Head.Chain);
        host.Tell(new(RingEventKind.Fetched, donor, $"the snapshot of step {snapshot.Step} is here", clock.GetElapsedTime(start)));
        return true;
    }

    async Task<bool> PiecesAsync(int donor, FetchKind kind, SnapshotInfo snapshot, CancellationToken stop)
    {
        for (long at = snapshots.Received(snapshot); at < snapshot.Length; at = snapshots.Received(snapshot))
        {
            long start = clock.GetTimestamp();
            if (await AskAsync(donor, kind, snapshot.Step, at, snapshot.Sha, false, stop) is not { Head.Result: FetchResult.Bytes } piece
                || piece.Bytes.Length == 0 || piece.Bytes.Length > snapshot.Length - at)
                return false;
            snapshots.Receive(snapshot, piece.Bytes);
            BytesFetched += piece.Bytes.Length;
            await PauseAsync(clock.GetElapsedTime(start), stop);
        }
        if (snapshots.Complete(snapshot))
            return true;
        host.Tell(new(RingEventKind.Fetched, donor, $"what came of the snapshot of step {snapshot.Step} was damaged; it is fetched again"));
        return false;
    }

    /// <summary>Whether a checkpoint may be as long as a donor says: nothing more is written to this disk.</summary>
    bool IsLikely(Answer info, long about) =>
        info.Head.Total <= about + 4L * sizeof(ulong) * BitPlanes.Words(options.Parameters) + MostHead;

    /// <summary>About the bytes of so many records after the last that is here.</summary>
    long Length(long records)
    {
        long looked = Math.Min(records, MostLooked), bytes = 0;
        for (long step = journal.Last + 1; step <= journal.Last + looked; step++)
            bytes += StepRecord.Planes(options.Parts(step), options.Names.Count) + UsualAround;
        return looked <= 0 ? 0 : bytes * records / looked; // what steps carry changes slowly, or comes again soon
    }

    async Task<Answer?> AskAsync(int donor, FetchKind kind, long step, long offset, ChainDigest digest, bool upToHeld, CancellationToken stop)
    {
        ResilienceContext context = ResilienceContextPool.Shared.Get(continueOnCapturedContext: true, stop);
        try
        {
            var ask = (Self: this, Donor: donor, Ask: new FetchAsk(0, kind, step, offset, digest, upToHeld));
            return await retry.ExecuteAsync(static (context, ask) => ask.Self.AskOnceAsync(ask.Donor, ask.Ask, context.CancellationToken), context, ask);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    async ValueTask<Answer?> AskOnceAsync(int donor, FetchAsk ask, CancellationToken stop)
    {
        pending = ask with { Id = ++lastId };
        (pendingFrom, arrived) = (donor, null);
        long start = clock.GetTimestamp();
        outbox.Control(donor, FrameKind.Fetch, ask.Step, pending.Encode());
        // Long enough for a piece on this link, as far as it is known; a lost frame is not to cost more than it must.
        TimeSpan patience = usual == default ? options.Timings.PieceTimeout / 4 : 4 * usual + options.Timings.ResendAfter;
        await arrival.WaitAsync(patience < options.Timings.PieceTimeout ? patience : options.Timings.PieceTimeout);
        stop.ThrowIfCancellationRequested();
        if (arrived is not null)
            usual = clock.GetElapsedTime(start);
        else
            usual *= 2;
        return arrived;
    }

    sealed record Answer(FetchAnswer Head, byte[] Bytes);
}
