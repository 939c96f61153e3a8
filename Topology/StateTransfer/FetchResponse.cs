using System.Buffers.Binary;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Snapshots;

namespace DecentralizedLion.Topology.StateTransfer;

/// <summary>The head of the answer to a request; the bytes follow it. There is a method for each kind of answer, and the fields
/// that a kind does not use are zero.</summary>
readonly record struct FetchResponse
{
    public const int HeadLength = 29 + 2 * Digest.Length;

    /// <summary>The request's id.</summary>
    public int Id { get; init; }

    /// <summary>The result of the request.</summary>
    public FetchResult Result { get; init; }

    /// <summary>The step of the record or the snapshot whose bytes follow or that is described; else the request's.</summary>
    public long Step { get; init; }

    /// <summary>The bytes of that record or snapshot as a whole.</summary>
    public long WholeLength { get; init; }

    /// <summary>The newest step that the donor knows to be committed.</summary>
    public long Committed { get; init; }

    /// <summary>The snapshot's SHA-256.</summary>
    public Digest Sha { get; init; }

    /// <summary>In a description of a snapshot: the chain's digest after its step.</summary>
    public Digest DigestAfter { get; init; }

    /// <summary>An answer without bytes.</summary>
    public static FetchResponse Refused(FetchRequest request, FetchResult result, long committed) =>
        new() { Id = request.Id, Result = result, Step = request.Step, Committed = committed };

    /// <summary>The head of records, the first of which has so many bytes.</summary>
    public static FetchResponse Records(RecordsRequest request, long firstLength, long committed) => new()
    {
        Id = request.Id,
        Result = FetchResult.Bytes,
        Step = request.FirstStep,
        WholeLength = firstLength,
        Committed = committed,
    };

    /// <summary>A snapshot's description.</summary>
    public static FetchResponse SnapshotInfo(
        SnapshotInfoRequest request, in SnapshotInfo snapshot, Digest digestAfter, long committed) => new()
        {
            Id = request.Id,
            Result = FetchResult.Bytes,
            Step = snapshot.Step,
            WholeLength = snapshot.Length,
            Committed = committed,
            Sha = snapshot.Sha,
            DigestAfter = digestAfter,
        };

    /// <summary>The head of a snapshot's piece.</summary>
    public static FetchResponse SnapshotPiece(SnapshotPieceRequest request, in SnapshotInfo snapshot, long committed) => new()
    {
        Id = request.Id,
        Result = FetchResult.Bytes,
        Step = snapshot.Step,
        WholeLength = snapshot.Length,
        Committed = committed,
        Sha = snapshot.Sha,
    };

    /// <summary>The snapshot that is described.</summary>
    public SnapshotInfo ToSnapshot(SnapshotKind kind) => new(kind, Step, WholeLength, Sha);

    public void Write(Span<byte> head)
    {
        BinaryPrimitives.WriteInt32LittleEndian(head, Id);
        head[4] = (byte)Result;
        BinaryPrimitives.WriteInt64LittleEndian(head[5..], Step);
        BinaryPrimitives.WriteInt64LittleEndian(head[13..], WholeLength);
        BinaryPrimitives.WriteInt64LittleEndian(head[21..], Committed);
        Sha.Bytes.CopyTo(head[29..]);
        DigestAfter.Bytes.CopyTo(head[(29 + Digest.Length)..]);
    }

    public static FetchResponse? TryRead(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < HeadLength || payload[4] > (byte)FetchResult.Later)
            return null;
        var answer = new FetchResponse
        {
            Id = BinaryPrimitives.ReadInt32LittleEndian(payload),
            Result = (FetchResult)payload[4],
            Step = BinaryPrimitives.ReadInt64LittleEndian(payload[5..]),
            WholeLength = BinaryPrimitives.ReadInt64LittleEndian(payload[13..]),
            Committed = BinaryPrimitives.ReadInt64LittleEndian(payload[21..]),
            Sha = new Digest(payload.Slice(29, Digest.Length)),
            DigestAfter = new Digest(payload.Slice(29 + Digest.Length, Digest.Length)),
        };
        return answer.Step < 0 || answer.WholeLength < 0 || answer.Committed < 0 ? null : answer;
    }
}
