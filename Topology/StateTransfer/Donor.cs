using System.Buffers;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Snapshots;
using DecentralizedLion.Topology.Transport;

namespace DecentralizedLion.Topology.StateTransfer;

/// <summary>Answers who is behind: records of the journal, pieces of checkpoints. It never sends what it was not asked
/// for.</summary>
sealed class Donor(FrameSender frameSender, IJournal journal, ISnapshotStore snapshots, Action askForSnapshot)
{
    // Of a vote, so many records are a quarter of a checkpoint at most.
    public const int RecentRecords = 8;

    readonly byte[] reply = new byte[FetchResponse.HeadLength + Ring.PieceLength];
    readonly ArrayBufferWriter<byte> encoded = new();
    (long Step, Digest Digest) encodedStep;
    readonly Dictionary<int, FetchRequest> latest = []; // by the peer that asked

    /// <summary>Answers a request.</summary>
    /// <param name="from">The peer that asks.</param>
    /// <param name="request">The request.</param>
    /// <param name="committed">The newest step that is known here to be committed.</param>
    public void OnFetchRequest(int from, FetchRequest request, long committed)
    {
        (FetchResponse answer, int length) = request switch
        {
            RecordsRequest records => Records(records, committed),
            SnapshotInfoRequest info => (SnapshotInfo(info, committed), 0),
            SnapshotPieceRequest piece => SnapshotPiece(piece, committed),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
        if (answer.Result == FetchResult.Bytes)
            Retain(from, request);
        answer.Write(reply);
        frameSender.SendBulk(from, FrameKind.FetchResponse, answer.Step, reply.AsSpan(0, FetchResponse.HeadLength + length));
    }

    /// <summary>Keeps what a peer is fetching. One that asks for the same again and again does not get on, and nothing is kept
    /// for it any longer.</summary>
    void Retain(int peer, FetchRequest request)
    {
        request = request with { Id = 0 };
        if (latest.TryGetValue(peer, out FetchRequest? before) && before == request)
            return;
        latest[peer] = request;
        if (request is RecordsRequest records)
            snapshots.Retain(peer, records.FirstStep - 1);
        else if (request is SnapshotPieceRequest piece)
            snapshots.Retain(peer, piece.SnapshotStep);
    }

    FetchResponse SnapshotInfo(SnapshotInfoRequest request, long committed)
    {
        if (snapshots.Newest(request.Snapshot, Math.Min(request.StepMax, committed)) is not { } newest
            || !IsInJournal(newest.Step))
            return FetchResponse.Refused(request, FetchResult.Gone, committed);
        var answer = FetchResponse.SnapshotInfo(request, newest, journal.DigestAfter(newest.Step), committed);
        if (request.Snapshot != SnapshotKind.Shared || newest.Step >= request.StepMin)
            return answer;
        askForSnapshot();
        return answer with { Result = FetchResult.Later };
    }

    (FetchResponse Answer, int Length) SnapshotPiece(SnapshotPieceRequest request, long committed)
    {
        if (snapshots.Newest(request.Snapshot, request.SnapshotStep) is { } snapshot && snapshot.Step == request.SnapshotStep
            && snapshot.Sha == request.Sha)
        {
            int length = (int)Math.Min(Ring.PieceLength, Math.Max(0, snapshot.Length - request.Offset));
            if (length > 0 && snapshots.TryRead(snapshot, request.Offset, reply.AsSpan(FetchResponse.HeadLength, length)))
                return (FetchResponse.SnapshotPiece(request, snapshot, committed), length);
        }
        return (FetchResponse.Refused(request, FetchResult.Gone, committed), 0);
    }

    bool IsInJournal(long step) => step >= journal.BaseStep && step <= journal.LastStep;

    (FetchResponse Answer, int Length) Records(RecordsRequest request, long committed)
    {
        long before = request.FirstStep - 1, limit = request.IncludeUncommitted ? journal.LastStep : committed;
        FetchResult result = before > journal.LastStep ? FetchResult.Behind
            : before < journal.BaseStep ? FetchResult.TooFar
            : journal.DigestAfter(before) != request.DigestBefore ? FetchResult.OtherChain
            : before >= limit ? FetchResult.UpToDate : FetchResult.Bytes;
        if (result == FetchResult.Bytes && !Encode(request.FirstStep))
            result = FetchResult.Gone;
        if (result != FetchResult.Bytes)
            return (FetchResponse.Refused(request, result, committed), 0);

        ReadOnlySpan<byte> first = encoded.WrittenSpan;
        var answer = FetchResponse.Records(request, first.Length, committed);
        Span<byte> room = reply.AsSpan(FetchResponse.HeadLength);
        if (request.Offset >= first.Length)
            return (answer with { Result = FetchResult.Gone }, 0);
        // A large record goes in pieces, small ones as many as fit.
        int length = (int)Math.Min(room.Length, first.Length - request.Offset);
        first.Slice((int)request.Offset, length).CopyTo(room);
        if (request.Offset == 0 && length == first.Length)
        {
            for (long step = request.FirstStep + 1;
                step <= limit && Encode(step) && length + encoded.WrittenCount <= room.Length; step++)
            {
                encoded.WrittenSpan.CopyTo(room[length..]);
                length += encoded.WrittenCount;
            }
        }
        return (answer, length);
    }

    bool Encode(long step)
    {
        if (encodedStep.Step == step && encodedStep.Digest == journal.DigestAfter(step))
            return true;
        if (journal.Read(step) is not { } record)
            return false;
        RecordCodec.Write(record, encoded);
        encodedStep = (step, record.Digest);
        return true;
    }
}
