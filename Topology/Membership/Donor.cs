using System.Buffers;
using System.Buffers.Binary;
using DecentralizedLion.Codecs;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Snapshots;

namespace DecentralizedLion.Topology.Membership;

/// <summary>Answers who is behind: records of the journal, pieces of checkpoints. It never sends what it was not asked for.</summary>
sealed class Donor(Outbox outbox, IJournal journal, ISnapshotStore snapshots, Action askForSnapshot)
{
    // Of a vote, so many records are a quarter of a checkpoint at most.
    public const int Recent = 8;

    readonly byte[] reply = new byte[FetchAnswer.HeadLength + Ring.PieceLength];
    readonly ArrayBufferWriter<byte> encoded = new();
    (long Step, ChainDigest Digest) kept;

    /// <summary>Answers an ask.</summary>
    /// <param name="from">Who asks.</param>
    /// <param name="ask">What for.</param>
    /// <param name="committed">The newest step that is known here to be committed.</param>
    public void Answer(int from, in FetchAsk ask, long committed)
    {
        var answer = new FetchAnswer(ask.Id, FetchResult.Gone, ask.Step, 0, committed, default, default);
        int length = 0;
        switch (ask.Kind)
        {
            case FetchKind.Records:
                (answer, length) = Records(ask, answer, ask.Newest ? journal.Last : committed);
                break;
            case FetchKind.SnapshotInfo or FetchKind.MomentumInfo:
                if (snapshots.Newest(PartOf(ask.Kind), Math.Min(ask.Step, committed)) is { } newest && IsKept(newest.Step))
                {
                    answer = answer with
                    {
                        Result = FetchResult.Bytes,
                        Step = newest.Step,
                        Total = newest.Length,
                        Sha = newest.Sha,
                        Chain = journal.ChainAt(newest.Step),
                    };
                    if (ask.Kind == FetchKind.SnapshotInfo && newest.Step < ask.Offset)
                    {
                        answer = answer with { Result = FetchResult.Later };
                        askForSnapshot();
                    }
                }
                break;
            default:
                if (snapshots.Newest(PartOf(ask.Kind), ask.Step) is { } snapshot && snapshot.Step == ask.Step && snapshot.Sha == ask.Digest)
                {
                    length = (int)Math.Min(Ring.PieceLength, Math.Max(0, snapshot.Length - ask.Offset));
                    if (length > 0 && snapshots.TryRead(snapshot, ask.Offset, reply.AsSpan(FetchAnswer.HeadLength, length)))
                        answer = answer with { Result = FetchResult.Bytes, Total = snapshot.Length, Sha = snapshot.Sha };
                    else
                        length = 0;
                }
                break;
        }
        answer.Write(reply);
        outbox.Bulk(from, FrameKind.Piece, answer.Step, reply.AsSpan(0, FetchAnswer.HeadLength + length));
    }

    static SnapshotPart PartOf(FetchKind kind) =>
        kind is FetchKind.SnapshotInfo or FetchKind.Snapshot ? SnapshotPart.Shared : SnapshotPart.Momentum;

    bool IsKept(long step) => step >= journal.First && step <= journal.Last;

    (FetchAnswer Answer, int Length) Records(in FetchAsk ask, FetchAnswer answer, long limit)
    {
        long before = ask.Step - 1;
        FetchResult result = before > journal.Last ? FetchResult.Behind
            : before < journal.First ? FetchResult.TooFar
            : journal.ChainAt(before) != ask.Digest ? FetchResult.OtherChain
            : before >= limit ? FetchResult.UpToDate : FetchResult.Bytes;
        if (result != FetchResult.Bytes || !Encode(ask.Step))
            return (answer with { Result = result == FetchResult.Bytes ? FetchResult.Gone : result }, 0);

        ReadOnlySpan<byte> first = encoded.WrittenSpan;
        answer = answer with { Result = FetchResult.Bytes, Total = first.Length };
        Span<byte> room = reply.AsSpan(FetchAnswer.HeadLength);
        if (ask.Offset >= first.Length)
            return (answer with { Result = FetchResult.Gone }, 0);
        // A large record goes in pieces, small ones as many as fit.
        int length = (int)Math.Min(room.Length, first.Length - ask.Offset);
        first.Slice((int)ask.Offset, length).CopyTo(room);
        if (ask.Offset == 0 && length == first.Length)
        {
            for (long step = ask.Step + 1; step <= limit && Encode(step) && length + encoded.WrittenCount <= room.Length; step++)
            {
                encoded.WrittenSpan.CopyTo(room[length..]);
                length += encoded.WrittenCount;
            }
        }
        return (answer, length);
    }

    bool Encode(long step)
    {
        if (kept.Step == step && kept.Digest == journal.ChainAt(step))
            return true;
        if (journal.Read(step) is not { } record)
            return false;
        RecordBytes.Write(record, encoded);
        kept = (step, record.Digest);
        return true;
    }
}

/// <summary>A record as it travels: its length, its bytes, its chain digest.</summary>
static class RecordBytes
{
    /// <summary>No record of such a step is longer.</summary>
    public static long Longest(IReadOnlyList<StepPart> parts, int members) => StepRecord.Longest(parts, members);

    public static void Write(StepRecord record, ArrayBufferWriter<byte> output)
    {
        output.ResetWrittenCount();
        output.GetSpan(sizeof(int));
        output.Advance(sizeof(int));
        record.Write(output);
        output.Write(record.Digest.Bytes.Span);
        Span<byte> all = System.Runtime.InteropServices.MemoryMarshal.AsMemory(output.WrittenMemory).Span;
        BinaryPrimitives.WriteInt32LittleEndian(all, all.Length - sizeof(int));
    }

    /// <summary>Reads the first record of some bytes; null when it is none of such steps, or not whole.</summary>
    public static StepRecord? TryRead(ref ReadOnlyMemory<byte> bytes, Func<long, IReadOnlyList<StepPart>> parts)
    {
        if (bytes.Length < sizeof(int))
            return null;
        int length = BinaryPrimitives.ReadInt32LittleEndian(bytes.Span);
        if (length <= ChainDigest.Length || length > bytes.Length - sizeof(int))
            return null;
        ReadOnlyMemory<byte> body = bytes.Slice(sizeof(int), length);
        bytes = bytes[(sizeof(int) + length)..];
        return StepRecord.TryRead(body[..^ChainDigest.Length], parts, new ChainDigest(body.Span[^ChainDigest.Length..]));
    }
}
