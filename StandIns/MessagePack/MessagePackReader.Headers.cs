namespace MessagePack;

public ref partial struct MessagePackReader
{
    /// <summary>The count of elements, which is never more than the bytes that follow.</summary>
    public int ReadArrayHeader() => ReadCount(TryReadArrayHeader(out int count), count, 1);

    /// <summary>
    /// False, with the position unmoved, when the header is cut off. The count is not yet checked against what follows.
    /// </summary>
    public bool TryReadArrayHeader(out int count)
    {
        byte code = NextCodeOrNil(out bool any);
        count = 0;
        if (!any)
            return false;
        if (code is >= MessagePackCode.MinFixArray and <= MessagePackCode.MaxFixArray)
            return TryReadFixHeader(code & 0x0f, out count);
        return TryReadWideHeader(
            code == MessagePackCode.Array16 ? 2 : code == MessagePackCode.Array32 ? 4 : throw Unexpected(), out count);
    }

    /// <summary>The count of pairs, of which each takes at least two of the bytes that follow.</summary>
    public int ReadMapHeader() => ReadCount(TryReadMapHeader(out int count), count, 2);

    /// <summary>
    /// False, with the position unmoved, when the header is cut off. The count is not yet checked against what follows.
    /// </summary>
    public bool TryReadMapHeader(out int count)
    {
        byte code = NextCodeOrNil(out bool any);
        count = 0;
        if (!any)
            return false;
        if (code is >= MessagePackCode.MinFixMap and <= MessagePackCode.MaxFixMap)
            return TryReadFixHeader(code & 0x0f, out count);
        return TryReadWideHeader(
            code == MessagePackCode.Map16 ? 2 : code == MessagePackCode.Map32 ? 4 : throw Unexpected(), out count);
    }

    public ExtensionHeader ReadExtensionFormatHeader()
    {
        if (!TryReadExtensionFormatHeader(out ExtensionHeader header) || reader.Remaining < header.Length)
            throw Truncated();
        return header;
    }

    /// <summary>
    /// False, with the position unmoved, when the header is cut off. The length is not yet checked against what
    /// follows.
    /// </summary>
    public bool TryReadExtensionFormatHeader(out ExtensionHeader extensionHeader)
    {
        extensionHeader = default;
        byte code = NextCodeOrNil(out bool any);
        if (!any)
            return false;
        int lengthBytes = code switch
        {
            >= MessagePackCode.FixExt1 and <= MessagePackCode.FixExt16 => 0,
            MessagePackCode.Ext8 => 1,
            MessagePackCode.Ext16 => 2,
            MessagePackCode.Ext32 => 4,
            _ => throw Unexpected(),
        };
        if (!TryPeekToken(lengthBytes + 1, out ulong token))
            return false;
        uint length = lengthBytes == 0 ? 1u << (code - MessagePackCode.FixExt1) : (uint)(token >> 8);
        extensionHeader = new ExtensionHeader(unchecked((sbyte)token), length);
        reader.Advance(2 + lengthBytes);
        return true;
    }

    readonly byte NextCodeOrNil(out bool any)
    {
        any = reader.TryPeek(out byte code);
        return code;
    }

    readonly int ReadCount(bool complete, int count, int leastBytesEach)
    {
        if (!complete || reader.Remaining < (long)count * leastBytesEach)
            throw Truncated();
        return count;
    }

    bool TryReadFixHeader(int value, out int count)
    {
        count = value;
        reader.Advance(1);
        return true;
    }

    bool TryReadWideHeader(int bytes, out int count)
    {
        count = 0;
        if (!TryPeekToken(bytes, out ulong value))
            return false;
        count = checked((int)value);
        reader.Advance(1 + bytes);
        return true;
    }
}
