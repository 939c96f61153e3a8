using System.Buffers;
using System.Buffers.Binary;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Commit;

namespace DecentralizedLion.Topology.StateTransfer;

/// <summary>A record as it travels: its length, its bytes, its chain digest.</summary>
static class RecordCodec
{
    /// <summary>No record of such a step is longer.</summary>
    public static long LengthMax(IReadOnlyList<Bucket> buckets, int votes) => StepRecord.LengthMax(buckets, votes);

    public static void Write(StepRecord record, ArrayBufferWriter<byte> output)
    {
        output.ResetWrittenCount();
        output.GetSpan(sizeof(int));
        output.Advance(sizeof(int));
        record.Write(output);
        output.Write(record.Digest.Bytes);
        Span<byte> all = System.Runtime.InteropServices.MemoryMarshal.AsMemory(output.WrittenMemory).Span;
        BinaryPrimitives.WriteInt32LittleEndian(all, all.Length - sizeof(int));
    }

    /// <summary>Reads the first record of some bytes; null when it is none of such steps, or not whole.</summary>
    public static StepRecord? TryRead(ref ReadOnlyMemory<byte> bytes, Func<long, IReadOnlyList<Bucket>> bucketsOf)
    {
        if (bytes.Length < sizeof(int))
            return null;
        int length = BinaryPrimitives.ReadInt32LittleEndian(bytes.Span);
        if (length <= Digest.Length || length > bytes.Length - sizeof(int))
            return null;
        ReadOnlyMemory<byte> body = bytes.Slice(sizeof(int), length);
        bytes = bytes[(sizeof(int) + length)..];
        return StepRecord.TryRead(body[..^Digest.Length], bucketsOf, new Digest(body.Span[^Digest.Length..]));
    }
}
