using System.Buffers;
using System.Buffers.Binary;
using DecentralizedLion.Codecs;
using DecentralizedLion.Topology.Commit;
using MessagePack;

namespace DecentralizedLion.Topology.Membership;

/// <summary>What is asked for.</summary>
enum FetchKind : byte
{
    /// <summary>Records from a step on, if the chain's digest before it is the one given.</summary>
    Records,

    /// <summary>What the newest checkpoint is; one is written for the asker when it is old.</summary>
    SnapshotInfo,

    /// <summary>A piece of a checkpoint.</summary>
    Snapshot,

    /// <summary>What the newest momentum is.</summary>
    MomentumInfo,

    /// <summary>A piece of a momentum.</summary>
    Momentum,
}

/// <summary>An ask for something too large to be pushed.</summary>
/// <param name="Id">Tells its answer from those to earlier asks.</param>
/// <param name="Kind">What.</param>
/// <param name="Step">The first record's step, or the checkpoint's; of an info: at most this one.</param>
/// <param name="Offset">Where to begin, in bytes of the record or checkpoint; of an info, the step that it is to be of at least.</param>
/// <param name="Digest">The chain's digest before the first record, or the checkpoint's SHA-256.</param>
/// <param name="IncludeUncommitted">Records that are held but not committed, too: a view is being decided that begins after them.</param>
readonly record struct FetchRequest(int Id, FetchKind Kind, long Step, long Offset, Digest Digest, bool IncludeUncommitted)
{
    const int Fields = 6;

    public byte[] Encode()
    {
        var output = new ArrayBufferWriter<byte>(80);
        var writer = new MessagePackWriter(output);
        writer.WriteArrayHeader(Fields);
        writer.Write(Id);
        writer.Write((byte)Kind);
        writer.Write(Step);
        writer.Write(Offset);
        writer.Write(Digest.Bytes.Span);
        writer.Write(IncludeUncommitted);
        writer.Flush();
        return output.WrittenSpan.ToArray();
    }

    public static FetchRequest? TryDecode(ReadOnlyMemory<byte> payload)
    {
        try
        {
            var reader = new MessagePackReader(payload);
            if (reader.ReadArrayHeader() != Fields)
                return null;
            int id = reader.ReadInt32();
            var kind = (FetchKind)reader.ReadByte();
            long step = reader.ReadInt64(), offset = reader.ReadInt64();
            if (kind > FetchKind.Momentum || step < 0 || offset < 0 || reader.ReadBinary() is not { Length: Digest.Length } digest)
                return null;
            bool newest = reader.ReadBoolean();
            return reader.End ? new FetchRequest(id, kind, step, offset, new Digest(digest.ToArray()), newest) : null;
        }
        catch (Exception e) when (MessagePackReading.IsMalformed(e))
        {
            return null;
        }
    }
}

/// <summary>How an ask is answered.</summary>
enum FetchResult : byte
{
    /// <summary>The bytes asked for.</summary>
    Bytes,

    /// <summary>There is nothing after what the asker has.</summary>
    UpToDate,

    /// <summary>The asker's chain is not ours at that step.</summary>
    OtherChain,

    /// <summary>Our journal begins later.</summary>
    TooFar,

    /// <summary>Our journal ends earlier.</summary>
    Behind,

    /// <summary>There is none, or not any more.</summary>
    Gone,

    /// <summary>A newer checkpoint is being written: ask again in a moment.</summary>
    Later,
}

/// <summary>The answer to an ask: a fixed head, then bytes.</summary>
/// <param name="Id">The ask's.</param>
/// <param name="Result">How it went.</param>
/// <param name="Step">The first record's step, or the checkpoint's.</param>
/// <param name="Total">Bytes of the first record, or of the checkpoint, as a whole.</param>
/// <param name="Committed">The newest step that the donor knows to be committed.</param>
/// <param name="Sha">Of a checkpoint: its SHA-256.</param>
/// <param name="Chain">Of a checkpoint: the chain's digest after its step.</param>
readonly record struct FetchResponse(int Id, FetchResult Result, long Step, long Total, long Committed, Digest Sha, Digest Chain)
{
    public const int HeadLength = 29 + 2 * Digest.Length;

    public void Write(Span<byte> head)
    {
        BinaryPrimitives.WriteInt32LittleEndian(head, Id);
        head[4] = (byte)Result;
        BinaryPrimitives.WriteInt64LittleEndian(head[5..], Step);
        BinaryPrimitives.WriteInt64LittleEndian(head[13..], Total);
        BinaryPrimitives.WriteInt64LittleEndian(head[21..], Committed);
        Sha.Bytes.Span.CopyTo(head[29..]);
        Chain.Bytes.Span.CopyTo(head[(29 + Digest.Length)..]);
    }

    public static FetchResponse? TryRead(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < HeadLength || payload[4] > (byte)FetchResult.Later)
            return null;
        var answer = new FetchResponse(BinaryPrimitives.ReadInt32LittleEndian(payload), (FetchResult)payload[4],
            BinaryPrimitives.ReadInt64LittleEndian(payload[5..]), BinaryPrimitives.ReadInt64LittleEndian(payload[13..]),
            BinaryPrimitives.ReadInt64LittleEndian(payload[21..]), new Digest(payload.Slice(29, Digest.Length)),
            new Digest(payload.Slice(29 + Digest.Length, Digest.Length)));
        return answer.Step < 0 || answer.Total < 0 || answer.Committed < 0 ? null : answer;
    }
}
