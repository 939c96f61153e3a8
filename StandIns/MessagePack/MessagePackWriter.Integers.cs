namespace MessagePack;

public ref partial struct MessagePackWriter
{
    public void Write(byte value) => Write((ulong)value);

    public void Write(ushort value) => Write((ulong)value);

    public void Write(uint value) => Write((ulong)value);

    public void Write(char value) => Write((ulong)value);

    public void Write(sbyte value) => Write((long)value);

    public void Write(short value) => Write((long)value);

    public void Write(int value) => Write((long)value);

    public void Write(ulong value)
    {
        if (value <= MessagePackCode.MaxFixInt)
            WriteCode((byte)value);
        else if (value <= byte.MaxValue)
            WriteUInt8((byte)value);
        else if (value <= ushort.MaxValue)
            WriteUInt16((ushort)value);
        else if (value <= uint.MaxValue)
            WriteUInt32((uint)value);
        else
            WriteUInt64(value);
    }

    public void Write(long value)
    {
        if (value >= 0)
            Write((ulong)value);
        else if (value >= unchecked((sbyte)MessagePackCode.MinNegativeFixInt))
            WriteCode(unchecked((byte)value));
        else if (value >= sbyte.MinValue)
            WriteInt8((sbyte)value);
        else if (value >= short.MinValue)
            WriteInt16((short)value);
        else if (value >= int.MinValue)
            WriteInt32((int)value);
        else
            WriteInt64(value);
    }

    public void WriteUInt8(byte value) => WriteCode8(MessagePackCode.UInt8, value);

    public void WriteUInt16(ushort value) => WriteCode16(MessagePackCode.UInt16, value);

    public void WriteUInt32(uint value) => WriteCode32(MessagePackCode.UInt32, value);

    public void WriteUInt64(ulong value) => WriteCode64(MessagePackCode.UInt64, value);

    public void WriteInt8(sbyte value) => WriteCode8(MessagePackCode.Int8, unchecked((byte)value));

    public void WriteInt16(short value) => WriteCode16(MessagePackCode.Int16, unchecked((ushort)value));

    public void WriteInt32(int value) => WriteCode32(MessagePackCode.Int32, unchecked((uint)value));

    public void WriteInt64(long value) => WriteCode64(MessagePackCode.Int64, unchecked((ulong)value));

    /// <summary>How many bytes <see cref="Write(long)"/> takes.</summary>
    public static int GetEncodedLength(long value) => value switch
    {
        >= 0 => GetEncodedLength((ulong)value),
        >= -32 => 1,
        >= sbyte.MinValue => 2,
        >= short.MinValue => 3,
        >= int.MinValue => 5,
        _ => 9,
    };

    /// <summary>How many bytes <see cref="Write(ulong)"/> takes.</summary>
    public static int GetEncodedLength(ulong value) => value switch
    {
        <= MessagePackCode.MaxFixInt => 1,
        <= byte.MaxValue => 2,
        <= ushort.MaxValue => 3,
        <= uint.MaxValue => 5,
        _ => 9,
    };
}
