using System.Buffers;
using MessagePack;

namespace DecentralizedLion.StandIns.Tests.MessagePack;

delegate void WriteAction(ref MessagePackWriter writer);

delegate T ReadAction<out T>(ref MessagePackReader reader);

/// <summary>Writing and reading in one line each.</summary>
static class Samples
{
    public static byte[] Write(WriteAction write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(buffer);
        write(ref writer);
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    public static T Read<T>(byte[] bytes, ReadAction<T> read) => Read(new ReadOnlySequence<byte>(bytes), read);

    public static T Read<T>(ReadOnlySequence<byte> bytes, ReadAction<T> read)
    {
        var reader = new MessagePackReader(bytes);
        T value = read(ref reader);
        Assert.True(reader.End);
        Assert.Equal(bytes.Length, reader.Consumed);
        return value;
    }

    /// <summary>The same bytes, each in a segment of its own.</summary>
    public static ReadOnlySequence<byte> InPieces(ReadOnlySpan<byte> bytes)
    {
        var first = new Piece([], null);
        Piece last = first;
        foreach (byte b in bytes)
            last = new Piece([b], last);
        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    /// <summary>A value of the format: 1-based lengths and contents are arbitrary but fixed.</summary>
    public static byte[] OfCode(byte code)
    {
        int width = code switch
        {
            MessagePackCode.UInt8 or MessagePackCode.Int8 => 1,
            MessagePackCode.UInt16 or MessagePackCode.Int16 => 2,
            MessagePackCode.UInt32 or MessagePackCode.Int32 or MessagePackCode.Float32 => 4,
            MessagePackCode.UInt64 or MessagePackCode.Int64 or MessagePackCode.Float64 => 8,
            _ => -1,
        };
        if (width > 0)
            return [code, .. Enumerable.Range(1, width).Select(i => (byte)i)];
        return code switch
        {
            <= 0x7f or MessagePackCode.Nil or MessagePackCode.NeverUsed or MessagePackCode.False or MessagePackCode.True
                or >= 0xe0 => [code],
            <= 0x8f => [code, .. Enumerable.Repeat((byte)7, 2 * (code & 0x0f))],
            <= 0x9f => [code, .. Enumerable.Repeat((byte)7, code & 0x0f)],
            <= 0xbf => [code, .. Enumerable.Repeat((byte)'a', code & 0x1f)],
            MessagePackCode.Bin8 or MessagePackCode.Str8 => [code, 3, 97, 98, 99],
            MessagePackCode.Bin16 or MessagePackCode.Str16 => [code, 0, 3, 97, 98, 99],
            MessagePackCode.Bin32 or MessagePackCode.Str32 => [code, 0, 0, 0, 3, 97, 98, 99],
            MessagePackCode.Ext8 => [code, 3, 0xfe, 97, 98, 99],
            MessagePackCode.Ext16 => [code, 0, 3, 0xfe, 97, 98, 99],
            MessagePackCode.Ext32 => [code, 0, 0, 0, 3, 0xfe, 97, 98, 99],
            >= MessagePackCode.FixExt1 and <= MessagePackCode.FixExt16 =>
                [code, 0xfe, .. Enumerable.Repeat((byte)97, 1 << (code - MessagePackCode.FixExt1))],
            MessagePackCode.Array16 => [code, 0, 2, 7, 7],
            MessagePackCode.Array32 => [code, 0, 0, 0, 2, 7, 7],
            MessagePackCode.Map16 => [code, 0, 2, 7, 7, 7, 7],
            _ => [code, 0, 0, 0, 2, 7, 7, 7, 7],
        };
    }

    sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(byte[] bytes, Piece? before)
        {
            Memory = bytes;
            if (before == null)
                return;
            RunningIndex = before.RunningIndex + before.Memory.Length;
            before.Next = this;
        }
    }
}
