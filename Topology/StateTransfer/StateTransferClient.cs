using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Snapshots;

namespace DecentralizedLion.Topology.StateTransfer;

/// <summary>
/// Fetches what this peer lacks (docs/protocol.md#state-transfer): records while they are cheaper, else a checkpoint, from any
/// member, while the others go on. Asked for piece by piece, and again where an answer stays away; never pushed.
/// </summary>
sealed class StateTransferClient
{
    readonly RingOptions options;
    readonly FetchRequester requester;
    readonly IJournal journal;
    readonly IStateTransferHost host;
    readonly TimeProvider clock;
    readonly SnapshotTransfer snapshotTransfer;
    readonly RecordLengths recordLengths;
    readonly TransferThrottle throttle;
    readonly WakeSignal wanted;
    readonly List<byte> partial = [];
    long recordBytes;
    long missed; // steps that were missing when a snapshot was fetched last
    long fewest = long.MaxValue; // the fewest steps that have been missing in this transfer
    (int Donor, long Began, long After, ProgressReporter Progress)? reported;

    public StateTransferClient(RingOptions options, FetchRequester requester, IJournal journal, ISnapshotStore snapshots,
        IStateTransferHost host, TimeProvider clock)
    {
        (this.options, this.requester, this.journal, this.host, this.clock) = (options, requester, journal, host, clock);
        wanted = new WakeSignal(clock);
        throttle = new TransferThrottle(options.Timings, clock);
        recordLengths = new RecordLengths(options, journal);
        snapshotTransfer = new SnapshotTransfer(options, requester, snapshots, host, recordLengths, clock);
    }

    /// <summary>The number of times that something was asked for again.</summary>
    public long Retries => requester.Retries;

    /// <summary>Bytes of answers that were of use.</summary>
    public long BytesFetched => recordBytes + snapshotTransfer.BytesFetched;

    /// <summary>There may be something to fetch.</summary>
    public void Wake() => wanted.Set();

    /// <summary>Takes an answer; false when it is not to the request that is open.</summary>
    public bool OnFetchResponse(int from, ReadOnlySpan<byte> payload) => requester.OnFetchResponse(from, payload);

    /// <summary>A peer's process has ended: what it was asked for is asked of another.</summary>
    public void OnPeerGone(int peer) => requester.OnPeerGone(peer);

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
                    moved = target.State is { } state ? await snapshotTransfer.FetchExactAsync(donor, target, state, stop)
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

    void ReportFetching(int donor, long committed)
    {
        if (reported is { } fetching)
        {
            if (fetching.Progress.Report(journal.LastStep - fetching.After, committed - fetching.After) is { } report)
                host.Raise(new(RingEventKind.Fetched, donor, $"fetching steps up to {committed}: {report}"));
            return;
        }
        if (committed - journal.LastStep <= 1)
            return;
        host.Raise(new(RingEventKind.Fetched, donor,
            $"fetching steps {journal.LastStep + 1} to {committed} from {options.PeerIds[donor]}"));
        reported = (donor, clock.GetTimestamp(), journal.LastStep,
            new ProgressReporter(clock, options.Timings.ReportInterval, first: 0));
    }

    void ReportCaughtUp()
    {
        if (reported is { } fetching)
            host.Raise(new(RingEventKind.Fetched, fetching.Donor, $"all steps up to {journal.LastStep} are here",
                clock.GetElapsedTime(fetching.Began)));
        reported = null;
        fewest = long.MaxValue;
    }

    /// <summary>Leaves the links to those who train, after records that were appended: unless these wait for this peer, for the
    /// last few, and where the ring made as many steps meanwhile, so that a peer with pauses would never have all.</summary>
    Task LeaveLinksAsync(long behind, FetchTarget target, CancellationToken stop)
    {
        bool gains = behind < fewest;
        fewest = Math.Min(fewest, behind);
        if (gains && !target.IncludeUncommitted && behind > Donor.RecentRecords)
            return throttle.PauseAsync(stop);
        throttle.Skip();
        return Task.CompletedTask;
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
        FetchResponse? newest = !target.IncludeUncommitted && IsSnapshotCheaper(host.CommittedOf(donor) - last)
            && host.CanTruncate(donor, long.MaxValue)
            ? await snapshotTransfer.QueryNewestAsync(donor, journal.LastStep, stop) : null;
        if (journal.LastStep != last || host.Target is null)
            return true; // the member went on without it
        if (newest is { } cheaper && recordLengths.Estimate(cheaper.Committed - last)
            > cheaper.WholeLength + recordLengths.Estimate(cheaper.Committed - cheaper.Step))
        {
            (missed, fewest) = (cheaper.Committed - last, long.MaxValue);
            return await snapshotTransfer.InstallAsync(donor, cheaper, stop);
        }
        long start = clock.GetTimestamp();
        var request = new RecordsRequest(0, last + 1, partial.Count, journal.DigestAfter(last), target.IncludeUncommitted);
        if (await requester.AskAsync(donor, request, stop) is not { } answer)
            return false;
        if (journal.LastStep != last || host.Target is null)
            return true; // the member went on without it
        switch (answer.Head.Result)
        {
            case FetchResult.Bytes when answer.Head.WholeLength
                > RecordCodec.LengthMax(options.BucketsOf(last + 1), options.VotesMax):
                partial.Clear();
                return false; // no record is so long: nothing is collected for it
            case FetchResult.Bytes:
                ReportFetching(donor, answer.Head.Committed);
                bool moved = AppendRecords(donor, answer, target.Step);
                throttle.Add(clock.GetElapsedTime(start));
                if (journal.LastStep > last)
                    await LeaveLinksAsync(answer.Head.Committed - journal.LastStep, target, stop);
                return moved;
            case FetchResult.UpToDate:
                ReportCaughtUp();
                host.OnRecordsFetched(donor, answer.Head.Committed, upToDate: true);
                return false;
            case FetchResult.OtherChain:
                return await FindCommonStepAsync(donor, target, last, stop);
            case FetchResult.TooFar:
                if (!host.CanTruncate(donor, long.MaxValue)
                    || await snapshotTransfer.QueryNewestAsync(donor, journal.LastStep, stop) is not { } snapshot)
                    return false;
                (missed, fewest) = (answer.Head.Committed - last, long.MaxValue);
                return await snapshotTransfer.InstallAsync(donor, snapshot, stop);
            case FetchResult.Behind when target.Step == long.MaxValue:
                return await FindCommonStepAsync(donor, target, Math.Min(last, answer.Head.Committed + 1), stop);
            default:
                partial.Clear();
                return false;
        }
    }

    bool AppendRecords(int donor, FetchedPiece answer, long last)
    {
        ReadOnlyMemory<byte> bytes = answer.Bytes;
        if (partial.Count > 0 || bytes.Length < answer.Head.WholeLength)
        {
            partial.AddRange(answer.Bytes);
            recordBytes += answer.Bytes.Length;
            if (partial.Count < answer.Head.WholeLength)
                return true;
            bytes = partial.ToArray();
            recordBytes -= bytes.Length;
        }
        partial.Clear();
        bool any = false;
        int whole = bytes.Length;
        while (journal.LastStep < last && RecordCodec.TryRead(ref bytes, options.BucketsOf) is { } record)
        {
            // Believed only as far as it follows from what is here.
            if (record.Step != journal.LastStep + 1
                || record.WithDigestAfter(journal.DigestAfter(journal.LastStep)).Digest != record.Digest)
                break;
            journal.Append(record);
            any = true;
        }
        recordBytes += whole;
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
            var request = new RecordsRequest(0, common + 1, 0, journal.DigestAfter(common), target.IncludeUncommitted);
            if (await requester.AskAsync(donor, request, stop) is not { } answer
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
        return host.CanTruncate(donor, journal.BaseStep + 1)
            && await snapshotTransfer.QueryNewestAsync(donor, journal.LastStep, stop) is { } newest
            && await snapshotTransfer.InstallAsync(donor, newest, stop);
    }

    /// <summary>True when so many records are more than a checkpoint. After one, records are fetched, unless that was of no help:
    /// in the time it took the ring went further on than this peer was behind.</summary>
    bool IsSnapshotCheaper(long records) => records > 2 * missed
        && recordLengths.Estimate(records) > options.ReplicatedStateBytes + recordLengths.Estimate(1) * Donor.RecentRecords;
}
