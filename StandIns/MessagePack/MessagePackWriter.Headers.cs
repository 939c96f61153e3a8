namespace MessagePack;

public ref partial struct MessagePackWriter
{
    public void WriteArrayHeader(int count) => WriteArrayHeader(checked((uint)count));

    public void WriteArrayHeader(uint count)
    {
        if (count <= MessagePackCode.MaxFixArray - MessagePackCode.MinFixArray)
            WriteCode((byte)(MessagePackCode.MinFixArray | count));
        else if (count <= ushort.MaxValue)
            WriteCode16(MessagePackCode.Array16, (ushort)count);
        else
            WriteCode32(MessagePackCode.Array32, count);
    }

    public void WriteMapHeader(int count) => WriteMapHeader(checked((uint)count));

    public void WriteMapHeader(uint count)
    {
        if (count <= MessagePackCode.MaxFixMap - MessagePackCode.MinFixMap)
            WriteCode((byte)(MessagePackCode.MinFixMap | count));
        else if (count <= ushort.MaxValue)
            WriteCode16(MessagePackCode.Map16, (ushort)count);
        else
            WriteCode32(MessagePackCode.Map32, count);
    }

    public void WriteBinHeader(int length)
    {
        uint bytes = checked((uint)length);
        if (bytes <= byte.MaxValue)
            WriteCode8(MessagePackCode.Bin8, (byte)bytes);
        else if (bytes <= ushort.MaxValue)
            WriteCode16(MessagePackCode.Bin16, (ushort)bytes);
        else
            WriteCode32(MessagePackCode.Bin32, bytes);
    }

    public void WriteStringHeader(int byteCount)
    {
        uint bytes = checked((uint)byteCount);
        if (bytes <= MessagePackCode.MaxFixStr - MessagePackCode.MinFixStr)
            WriteCode((byte)(MessagePackCode.MinFixStr | bytes));
        else if (bytes <= byte.MaxValue)
            WriteCode8(MessagePackCode.Str8, (byte)bytes);
        else if (bytes <= ushort.MaxValue)
            WriteCode16(MessagePackCode.Str16, (ushort)bytes);
        else
            WriteCode32(MessagePackCode.Str32, bytes);
    }

    public void WriteExtensionFormatHeader(ExtensionHeader extensionHeader)
    {
        uint length = extensionHeader.Length;
        byte type = unchecked((byte)extensionHeader.TypeCode);
        byte fix = length switch
        {
            1 => MessagePackCode.FixExt1,
            2 => MessagePackCode.FixExt2,
            4 => MessagePackCode.FixExt4,
            8 => MessagePackCode.FixExt8,
            16 => MessagePackCode.FixExt16,
            _ => 0,
        };
        if (fix != 0)
        {
            WriteCode8(fix, type);
            return;
        }

        if (length <= byte.MaxValue)
            WriteCode8(MessagePackCode.Ext8, (byte)length);
        else if (length <= ushort.MaxValue)
            WriteCode16(MessagePackCode.Ext16, (ushort)length);
        else
            WriteCode32(MessagePackCode.Ext32, length);
        WriteCode(type);
    }
}
