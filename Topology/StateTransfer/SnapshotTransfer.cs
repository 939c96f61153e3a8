using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Snapshots;

namespace DecentralizedLion.Topology.StateTransfer;

/// <summary>Fetches donors' checkpoints piece by piece, and makes them this peer's.</summary>
sealed class SnapshotTransfer(RingOptions options, FetchRequester requester, ISnapshotStore snapshots,
    IStateTransferHost host, RecordLengths recordLengths, TimeProvider clock)
{
    // A checkpoint is weights and a few planes, and a text in front that tells of them.
    const long SnapshotHeaderBytesMax = 64 << 20;

    readonly TransferThrottle throttle = new(options.Timings, clock);

    /// <summary>Bytes of pieces that were of use.</summary>
    public long BytesFetched { get; private set; }

    /// <summary>Fetches the checkpoint that a run begins with, or one to repair damaged weights from.</summary>
    /// <param name="donor">The donor.</param>
    /// <param name="target">The checkpoint.</param>
    /// <param name="wantedSha">Its SHA-256; zeros: any.</param>
    /// <param name="stop">Ends the transfer.</param>
    public async Task<bool> FetchExactAsync(int donor, FetchTarget target, Digest wantedSha, CancellationToken stop)
    {
        var request = new SnapshotInfoRequest(0, SnapshotKind.Shared, target.Step, target.StateMin);
        if (await requester.AskAsync(donor, request, stop) is not { } newest || host.Target != target)
            return false;
        if (newest.Head.Result is FetchResult.Later or FetchResult.Gone)
            host.OnSnapshotMissing();
        if (newest.Head.Result != FetchResult.Bytes || !IsPlausibleLength(newest, options.ReplicatedStateBytes)
            || (wantedSha != default && newest.Head.Sha != wantedSha))
            return false;
        SnapshotInfo snapshot = newest.Head.ToSnapshot(SnapshotKind.Shared);
        if (snapshot.Step < target.StateMin)
            return false;
        if (wantedSha == default && snapshots.Newest(SnapshotKind.Shared, snapshot.Step) is { } own && own == snapshot)
        {
            host.OnSnapshotPresent(own);
            return true;
        }
        return await InstallAsync(donor, newest.Head, stop);
    }

    /// <summary>Asks for a donor's newest checkpoint, or for the one of which an interrupted fetch has left much. If the newest
    /// is old, the donor writes another and is given some time for it; how far the ring goes meanwhile does not
    /// matter.</summary>
    /// <param name="donor">The donor.</param>
    /// <param name="last">The last step of the journal here.</param>
    /// <param name="stop">Ends the waiting.</param>
    public async Task<FetchResponse?> QueryNewestAsync(int donor, long last, CancellationToken stop)
    {
        if (await QueryBegunAsync(donor, last, stop) is { } begun)
            return begun;
        // So many records are a quarter of a checkpoint at most: not worth writing another.
        long recent = Math.Clamp(
            options.ReplicatedStateBytes / 4 / Math.Max(1, recordLengths.Estimate(1) - RecordLengths.Overhead), 1,
            Donor.RecentRecords);
        long least = Math.Max(0, host.CommittedOf(donor) - recent);
        for (int time = 0; ; time++)
        {
            var request = new SnapshotInfoRequest(0, SnapshotKind.Shared, long.MaxValue, time < 20 ? least : 0);
            if (await requester.AskAsync(donor, request, stop) is not { } answer)
                return null;
            if (answer.Head.Result != FetchResult.Later)
                return answer.Head.Result == FetchResult.Bytes && IsPlausibleLength(answer, options.ReplicatedStateBytes)
                    ? answer.Head : null;
            await Task.Delay(options.Timings.TickInterval, clock, stop);
        }
    }

    /// <summary>Asks for the checkpoint that an interrupted fetch was of; null: there was none, the donor has it no more, or the
    /// records after it are more bytes than what is here of it.</summary>
    async Task<FetchResponse?> QueryBegunAsync(int donor, long last, CancellationToken stop)
    {
        SnapshotInfo? whole = snapshots.Newest(SnapshotKind.Shared) is { } newest && newest.Step > last ? newest : null;
        if ((whole ?? snapshots.Partial) is not { } begun)
            return null;
        long here = whole is null ? snapshots.Received(begun) : begun.Length;
        var request = new SnapshotInfoRequest(0, SnapshotKind.Shared, begun.Step);
        return await requester.AskAsync(donor, request, stop) is { Head: { Result: FetchResult.Bytes } head }
            && head.ToSnapshot(SnapshotKind.Shared) == begun && recordLengths.Estimate(head.Committed - begun.Step) < here
            ? head : null;
    }

    /// <summary>Fetches a checkpoint piece by piece; what an earlier try brought is not fetched again.</summary>
    public async Task<bool> InstallAsync(int donor, FetchResponse newest, CancellationToken stop)
    {
        if (host.Target is not { } target)
            return false; // it takes part by now: its journal is not to be replaced
        SnapshotInfo snapshot = newest.ToSnapshot(SnapshotKind.Shared);
        long start = clock.GetTimestamp();
        host.Raise(new(RingEventKind.Fetched, donor,
            $"fetching the snapshot of step {snapshot.Step} from {options.PeerIds[donor]} ({snapshot.Length:N0} bytes)"));
        bool own = snapshots.Newest(SnapshotKind.Shared, snapshot.Step) == snapshot;
        if (!own && !await FetchPiecesAsync(donor, snapshot, target, stop))
            return false;
        if (snapshot.Step > 0 && options.LocalStateBytes > 0 && host.WantsMomentum
            && await requester.AskAsync(donor, new SnapshotInfoRequest(0, SnapshotKind.Momentum, snapshot.Step), stop)
            is { Head.Result: FetchResult.Bytes } momentum
            && IsPlausibleLength(momentum, options.LocalStateBytes)
            && !await FetchPiecesAsync(donor, momentum.Head.ToSnapshot(SnapshotKind.Momentum), target, stop))
            return false;
        if (host.Target != target)
            return false; // what was lacking is no longer
        host.OnSnapshotInstalled(snapshot, newest.DigestAfter);
        host.Raise(new(RingEventKind.Fetched, donor, $"the snapshot of step {snapshot.Step} has arrived",
            clock.GetElapsedTime(start)));
        return true;
    }

    async Task<bool> FetchPiecesAsync(int donor, SnapshotInfo snapshot, FetchTarget target, CancellationToken stop)
    {
        var progress = new ProgressReporter(clock, options.Timings.ReportInterval, snapshots.Received(snapshot));
        for (long at = snapshots.Received(snapshot); at < snapshot.Length; at = snapshots.Received(snapshot))
        {
            if (progress.Report(at, snapshot.Length) is { } report)
                host.Raise(new(RingEventKind.Fetched, donor, $"fetching the snapshot of step {snapshot.Step}: {report}"));
            long start = clock.GetTimestamp();
            var request = new SnapshotPieceRequest(0, snapshot.Kind, snapshot.Step, at, snapshot.Sha);
            if (await requester.AskAsync(donor, request, stop) is not { Head.Result: FetchResult.Bytes } piece
                || piece.Bytes.Length == 0 || piece.Bytes.Length > snapshot.Length - at)
                return false;
            snapshots.Receive(snapshot, piece.Bytes);
            BytesFetched += piece.Bytes.Length;
            throttle.Add(clock.GetElapsedTime(start));
            await throttle.PauseAsync(stop);
        }
        if (host.Target != target)
            return false; // a run that has begun meanwhile has a state of that step itself, which must not be replaced
        if (snapshots.Complete(snapshot))
            return true;
        host.Raise(new(RingEventKind.Fetched, donor,
            $"what came of the snapshot of step {snapshot.Step} was damaged; it is fetched again"));
        return false;
    }

    /// <summary>True when a checkpoint may be as long as a donor says: nothing more is written to this disk.</summary>
    bool IsPlausibleLength(FetchedPiece info, long about) => info.Head.WholeLength
        <= about + 4L * sizeof(ulong) * BitPlanes.Words(options.ParameterCount) + SnapshotHeaderBytesMax;
}
