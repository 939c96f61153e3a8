namespace MessagePack;

public ref partial struct MessagePackReader
{
    public byte ReadByte() => checked((byte)ReadUInt64());

    public ushort ReadUInt16() => checked((ushort)ReadUInt64());

    public uint ReadUInt32() => checked((uint)ReadUInt64());

    public char ReadChar() => (char)ReadUInt16();

    public sbyte ReadSByte() => checked((sbyte)ReadInt64());

    public short ReadInt16() => checked((short)ReadInt64());

    public int ReadInt32() => checked((int)ReadInt64());

    public ulong ReadUInt64()
    {
        ulong bits = ReadInteger(out bool negative);
        return negative ? throw new OverflowException($"{(long)bits} does not fit an unsigned integer.") : bits;
    }

    public long ReadInt64()
    {
        ulong bits = ReadInteger(out bool negative);
        return negative ? (long)bits : checked((long)bits);
    }

    /// <summary>The two's complement bits of the next integer, whatever form it was written in.</summary>
    ulong ReadInteger(out bool negative)
    {
        byte code = NextCode;
        long value;
        switch (code)
        {
            case <= MessagePackCode.MaxFixInt:
                negative = false;
                return ReadToken(0) + code;
            case MessagePackCode.UInt8:
                negative = false;
                return ReadToken(1);
            case MessagePackCode.UInt16:
                negative = false;
                return ReadToken(2);
            case MessagePackCode.UInt32:
                negative = false;
                return ReadToken(4);
            case MessagePackCode.UInt64:
                negative = false;
                return ReadToken(8);
            case MessagePackCode.Int8:
                value = unchecked((sbyte)ReadToken(1));
                break;
            case MessagePackCode.Int16:
                value = unchecked((short)ReadToken(2));
                break;
            case MessagePackCode.Int32:
                value = unchecked((int)ReadToken(4));
                break;
            case MessagePackCode.Int64:
                value = unchecked((long)ReadToken(8));
                break;
            case >= MessagePackCode.MinNegativeFixInt:
                ReadToken(0);
                value = unchecked((sbyte)code);
                break;
            default:
                throw Unexpected();
        }

        negative = value < 0;
        return unchecked((ulong)value);
    }
}
