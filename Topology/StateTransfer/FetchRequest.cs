using System.Buffers;
using DecentralizedLion.Codecs.Wire;
using MessagePack;

namespace DecentralizedLion.Topology.StateTransfer;

/// <summary>An ask for something too large to be pushed.</summary>
/// <param name="Id">Tells its answer from those to earlier asks.</param>
/// <param name="Kind">What.</param>
/// <param name="Step">The first record's step, or the checkpoint's; of an info: at most this one.</param>
/// <param name="Offset">Where to begin, in bytes of the record or checkpoint; of an info, the step that it is to be of at
/// least.</param>
/// <param name="Digest">The chain's digest before the first record, or the checkpoint's SHA-256.</param>
/// <param name="IncludeUncommitted">Records that are held but not committed, too: a view is being decided that begins after
/// them.</param>
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
            if (kind > FetchKind.Momentum || step < 0 || offset < 0
                || reader.ReadBinary() is not { Length: Digest.Length } digest)
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
