using System.Buffers;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Snapshots;
using MessagePack;

namespace DecentralizedLion.Topology.StateTransfer;

/// <summary>A request for something too large to be pushed; each kind is a record of its own.</summary>
/// <param name="Id">Tells its answer from those to earlier requests.</param>
abstract record FetchRequest(int Id)
{
    const int FieldCount = 6;

    /// <summary>The kind, as it travels.</summary>
    public abstract FetchKind Kind { get; }

    /// <summary>The step in the frame's header, and in an answer without bytes.</summary>
    public abstract long Step { get; }

    /// <summary>The fields as they travel: all kinds have one layout, and what a kind does not use is zero.</summary>
    private protected abstract (long Offset, Digest Digest, bool IncludeUncommitted) Fields { get; }

    public byte[] Encode()
    {
        var (offset, digest, includeUncommitted) = Fields;
        var output = new ArrayBufferWriter<byte>(80);
        var writer = new MessagePackWriter(output);
        writer.WriteArrayHeader(FieldCount);
        writer.Write(Id);
        writer.Write((byte)Kind);
        writer.Write(Step);
        writer.Write(offset);
        digest.Write(ref writer);
        writer.Write(includeUncommitted);
        writer.Flush();
        return output.WrittenSpan.ToArray();
    }

    public static FetchRequest? TryDecode(ReadOnlyMemory<byte> payload)
    {
        try
        {
            var reader = new MessagePackReader(payload);
            if (reader.ReadArrayHeader() != FieldCount)
                return null;
            int id = reader.ReadInt32();
            var kind = (FetchKind)reader.ReadByte();
            long step = reader.ReadInt64(), offset = reader.ReadInt64();
            if (step < 0 || offset < 0 || reader.ReadBinary() is not { Length: Digest.Length } bytes)
                return null;
            var digest = new Digest(bytes.ToArray());
            bool includeUncommitted = reader.ReadBoolean();
            if (!reader.End)
                return null;
            return kind switch
            {
                FetchKind.Records => new RecordsRequest(id, step, offset, digest, includeUncommitted),
                FetchKind.SnapshotInfo => new SnapshotInfoRequest(id, SnapshotKind.Shared, step, offset),
                FetchKind.MomentumInfo => new SnapshotInfoRequest(id, SnapshotKind.Momentum, step, offset),
                FetchKind.Snapshot => new SnapshotPieceRequest(id, SnapshotKind.Shared, step, offset, digest),
                FetchKind.Momentum => new SnapshotPieceRequest(id, SnapshotKind.Momentum, step, offset, digest),
                _ => null,
            };
        }
        catch (Exception e) when (MessagePackReading.IsMalformed(e))
        {
            return null;
        }
    }
}
