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

    /// <summary>Answers an ask.</summary>
    /// <param name="from">Who asks.</param>
    /// <param name="request">What for.</param>
    /// <param name="committed">The newest step that is known here to be committed.</param>
    public void OnFetchRequest(int from, in FetchRequest request, long committed)
    {
        var answer = new FetchResponse(request.Id, FetchResult.Gone, request.Step, 0, committed, default, default);
        int length = 0;
        switch (request.Kind)
        {
            case FetchKind.Records:
                (answer, length) = Records(request, answer, request.IncludeUncommitted ? journal.LastStep : committed);
                break;
            case FetchKind.SnapshotInfo or FetchKind.MomentumInfo:
                if (snapshots.Newest(KindOf(request.Kind), Math.Min(request.Step, committed)) is { } newest
                    && IsInJournal(newest.Step))
                {
                    answer = answer with
                    {
                        Result = FetchResult.Bytes,
                        Step = newest.Step,
                        Total = newest.Length,
                        Sha = newest.Sha,
                        Chain = journal.DigestAfter(newest.Step),
                    };
                    if (request.Kind == FetchKind.SnapshotInfo && newest.Step < request.Offset)
                    {
                        answer = answer with { Result = FetchResult.Later };
                        askForSnapshot();
                    }
                }
                break;
            default:
                if (snapshots.Newest(KindOf(request.Kind), request.Step) is { } snapshot && snapshot.Step == request.Step
                    && snapshot.Sha == request.Digest)
                {
                    length = (int)Math.Min(Ring.PieceLength, Math.Max(0, snapshot.Length - request.Offset));
                    if (length > 0 && snapshots.TryRead(snapshot, request.Offset, reply.AsSpan(FetchResponse.HeadLength, length)))
                        answer = answer with { Result = FetchResult.Bytes, Total = snapshot.Length, Sha = snapshot.Sha };
                    else
                        length = 0;
                }
                break;
        }
        answer.Write(reply);
        frameSender.SendBulk(from, FrameKind.FetchResponse, answer.Step, reply.AsSpan(0, FetchResponse.HeadLength + length));
    }

    static SnapshotKind KindOf(FetchKind kind) =>
        kind is FetchKind.SnapshotInfo or FetchKind.Snapshot ? SnapshotKind.Shared : SnapshotKind.Momentum;

    bool IsInJournal(long step) => step >= journal.BaseStep && step <= journal.LastStep;

    (FetchResponse Answer, int Length) Records(in FetchRequest request, FetchResponse answer, long limit)
    {
        long before = request.Step - 1;
        FetchResult result = before > journal.LastStep ? FetchResult.Behind
            : before < journal.BaseStep ? FetchResult.TooFar
            : journal.DigestAfter(before) != request.Digest ? FetchResult.OtherChain
            : before >= limit ? FetchResult.UpToDate : FetchResult.Bytes;
        if (result != FetchResult.Bytes || !Encode(request.Step))
            return (answer with { Result = result == FetchResult.Bytes ? FetchResult.Gone : result }, 0);

        ReadOnlySpan<byte> first = encoded.WrittenSpan;
        answer = answer with { Result = FetchResult.Bytes, Total = first.Length };
        Span<byte> room = reply.AsSpan(FetchResponse.HeadLength);
        if (request.Offset >= first.Length)
            return (answer with { Result = FetchResult.Gone }, 0);
        // A large record goes in pieces, small ones as many as fit.
        int length = (int)Math.Min(room.Length, first.Length - request.Offset);
        first.Slice((int)request.Offset, length).CopyTo(room);
        if (request.Offset == 0 && length == first.Length)
        {
            for (long step = request.Step + 1;
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
