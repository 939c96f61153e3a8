using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace MessagePack;

/// <summary>Writes values in their shortest form. Nothing is certain to be in the buffer before <see cref="Flush"/>.</summary>
public ref partial struct MessagePackWriter
{
    readonly IBufferWriter<byte> output;
    Span<byte> space;
    int used;

    public MessagePackWriter(IBufferWriter<byte> writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        output = writer;
        space = default;
        used = 0;
    }

    public MessagePackWriter Clone(IBufferWriter<byte> writer) => new(writer);

    /// <summary>Room for at least <paramref name="length"/> bytes; <see cref="Advance"/> says how many were filled.</summary>
    public Span<byte> GetSpan(int length)
    {
        if (space.Length - used < length)
        {
            Flush();
            space = output.GetSpan(length);
        }

        return space[used..];
    }

    public void Advance(int length)
    {
        if ((uint)length > (uint)(space.Length - used))
            throw new ArgumentOutOfRangeException(nameof(length), length, "advances beyond what GetSpan gave");
        used += length;
    }

    public void Flush()
    {
        if (used > 0)
            output.Advance(used);
        space = default;
        used = 0;
    }

    public void WriteRaw(ReadOnlySpan<byte> rawMessagePackBlock)
    {
        if (rawMessagePackBlock.Length <= space.Length - used)
        {
            rawMessagePackBlock.CopyTo(space[used..]);
            used += rawMessagePackBlock.Length;
            return;
        }

        Flush();
        output.Write(rawMessagePackBlock);
    }

    public void WriteRaw(in ReadOnlySequence<byte> rawMessagePackBlock)
    {
        foreach (ReadOnlyMemory<byte> segment in rawMessagePackBlock)
            WriteRaw(segment.Span);
    }

    public void WriteNil() => WriteCode(MessagePackCode.Nil);

    public void Write(bool value) => WriteCode(value ? MessagePackCode.True : MessagePackCode.False);

    public void Write(float value)
    {
        Span<byte> span = GetSpan(5);
        span[0] = MessagePackCode.Float32;
        BinaryPrimitives.WriteSingleBigEndian(span[1..], value);
        used += 5;
    }

    public void Write(double value)
    {
        Span<byte> span = GetSpan(9);
        span[0] = MessagePackCode.Float64;
        BinaryPrimitives.WriteDoubleBigEndian(span[1..], value);
        used += 9;
    }

    public void Write(byte[]? src)
    {
        if (src == null)
            WriteNil();
        else
            Write(src.AsSpan());
    }

    public void Write(ReadOnlySpan<byte> src)
    {
        WriteBinHeader(src.Length);
        WriteRaw(src);
    }

    public void Write(in ReadOnlySequence<byte> src)
    {
        WriteBinHeader(checked((int)src.Length));
        WriteRaw(src);
    }

    public void Write(string? value)
    {
        if (value == null)
            WriteNil();
        else
            Write(value.AsSpan());
    }

    public void Write(ReadOnlySpan<char> value)
    {
        int bytes = Encoding.UTF8.GetByteCount(value);
        WriteStringHeader(bytes);
        Span<byte> span = GetSpan(bytes);
        used += Encoding.UTF8.GetBytes(value, span);
    }

    public void WriteString(ReadOnlySpan<byte> utf8stringBytes)
    {
        WriteStringHeader(utf8stringBytes.Length);
        WriteRaw(utf8stringBytes);
    }

    public void WriteString(in ReadOnlySequence<byte> utf8stringBytes)
    {
        WriteStringHeader(checked((int)utf8stringBytes.Length));
        WriteRaw(utf8stringBytes);
    }

    void WriteCode(byte code)
    {
        GetSpan(1)[0] = code;
        used++;
    }

    void WriteCode8(byte code, byte value)
    {
        Span<byte> span = GetSpan(2);
        span[0] = code;
        span[1] = value;
        used += 2;
    }

    void WriteCode16(byte code, ushort value)
    {
        Span<byte> span = GetSpan(3);
        span[0] = code;
        BinaryPrimitives.WriteUInt16BigEndian(span[1..], value);
        used += 3;
    }

    void WriteCode32(byte code, uint value)
    {
        Span<byte> span = GetSpan(5);
        span[0] = code;
        BinaryPrimitives.WriteUInt32BigEndian(span[1..], value);
        used += 5;
    }

    void WriteCode64(byte code, ulong value)
    {
        Span<byte> span = GetSpan(9);
        span[0] = code;
        BinaryPrimitives.WriteUInt64BigEndian(span[1..], value);
        used += 9;
    }
}
