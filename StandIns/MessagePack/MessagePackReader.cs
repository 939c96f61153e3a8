using System.Buffers;

namespace MessagePack;

/// <summary>
/// Reads values from a sequence of bytes. What is not all there is an <see cref="EndOfStreamException"/>, what is of
/// another kind a <see cref="MessagePackSerializationException"/>, an integer that does not fit an <see
/// cref="OverflowException"/>.
/// </summary>
public ref partial struct MessagePackReader
{
    SequenceReader<byte> reader;

    public MessagePackReader(ReadOnlyMemory<byte> memory)
    {
        reader = new SequenceReader<byte>(new ReadOnlySequence<byte>(memory));
        Depth = 0;
    }

    public MessagePackReader(in ReadOnlySequence<byte> readOnlySequence)
    {
        reader = new SequenceReader<byte>(readOnlySequence);
        Depth = 0;
    }

    /// <summary>How deep in nested values the caller is; <see cref="Skip"/> counts on from here.</summary>
    public int Depth { get; set; }

    public ReadOnlySequence<byte> Sequence => reader.Sequence;

    public SequencePosition Position => reader.Position;

    public long Consumed => reader.Consumed;

    public bool End => reader.End;

    public byte NextCode => reader.TryPeek(out byte code) ? code : throw Truncated();

    public MessagePackType NextMessagePackType => MessagePackCode.ToMessagePackType(NextCode);

    public bool IsNil => NextCode == MessagePackCode.Nil;

    public MessagePackReader Clone(in ReadOnlySequence<byte> readOnlySequence) => new(readOnlySequence) { Depth = Depth };

    public MessagePackReader CreatePeekReader() => this;

    public Nil ReadNil()
    {
        Expect(NextCode == MessagePackCode.Nil);
        reader.Advance(1);
        return Nil.Default;
    }

    public bool TryReadNil()
    {
        if (!IsNil)
            return false;
        reader.Advance(1);
        return true;
    }

    public bool ReadBoolean()
    {
        byte code = NextCode;
        Expect(code is MessagePackCode.True or MessagePackCode.False);
        reader.Advance(1);
        return code == MessagePackCode.True;
    }

    public float ReadSingle()
    {
        byte code = NextCode;
        return code == MessagePackCode.Float32
            ? BitConverter.UInt32BitsToSingle((uint)ReadToken(4))
            : (float)ReadDouble();
    }

    public double ReadDouble()
    {
        switch (NextCode)
        {
            case MessagePackCode.Float32:
                return BitConverter.UInt32BitsToSingle((uint)ReadToken(4));
            case MessagePackCode.Float64:
                return BitConverter.UInt64BitsToDouble(ReadToken(8));
            default:
                ulong bits = ReadInteger(out bool negative);
                return negative ? (long)bits : bits;
        }
    }

    /// <summary>The next value with all that is in it, as it lies in the sequence.</summary>
    public ReadOnlySequence<byte> ReadRaw()
    {
        SequencePosition start = reader.Position;
        Skip();
        return reader.Sequence.Slice(start, reader.Position);
    }

    public ReadOnlySequence<byte> ReadRaw(long length)
    {
        if (length < 0)
            throw new ArgumentOutOfRangeException(nameof(length), length, "length is below 0");
        if (reader.Remaining < length)
            throw Truncated();
        ReadOnlySequence<byte> raw = reader.Sequence.Slice(reader.Position, length);
        reader.Advance(length);
        return raw;
    }

    static EndOfStreamException Truncated() => new("The MessagePack data ends inside a value.");

    readonly void Expect(bool codeFits)
    {
        if (!codeFits)
            throw Unexpected();
    }

    readonly MessagePackSerializationException Unexpected()
    {
        reader.TryPeek(out byte code);
        return new($"Unexpected MessagePack code 0x{code:x2} ({MessagePackCode.ToFormatName(code)}) at byte {reader.Consumed}.");
    }

    /// <summary>The big-endian number after the code, without moving on.</summary>
    readonly bool TryPeekToken(int bytes, out ulong value)
    {
        Span<byte> scratch = stackalloc byte[9];
        scoped ReadOnlySpan<byte> token = reader.UnreadSpan;
        value = 0;
        if (token.Length < 1 + bytes)
        {
            if (!reader.TryCopyTo(scratch[..(1 + bytes)]))
                return false;
            token = scratch;
        }

        for (int i = 1; i <= bytes; i++)
            value = value << 8 | token[i];
        return true;
    }

    ulong ReadToken(int bytes)
    {
        if (!TryPeekToken(bytes, out ulong value))
            throw Truncated();
        reader.Advance(1 + bytes);
        return value;
    }
}
