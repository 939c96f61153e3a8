using System.Buffers;
using System.Text;

namespace MessagePack;

public ref partial struct MessagePackReader
{
    /// <summary>Nesting beyond this is an attack on the stack, not data.</summary>
    const int MaximumDepth = 500;

    /// <summary>
    /// The bytes of a bin, where they lie; null for nil. The old specification's raw (fixstr, str 16, str 32) is read
    /// too.
    /// </summary>
    public ReadOnlySequence<byte>? ReadBytes()
    {
        if (TryReadNil())
            return null;
        return NextCode switch
        {
            MessagePackCode.Bin8 => ReadBlock(1),
            MessagePackCode.Bin16 or MessagePackCode.Str16 => ReadBlock(2),
            MessagePackCode.Bin32 or MessagePackCode.Str32 => ReadBlock(4),
            >= MessagePackCode.MinFixStr and <= MessagePackCode.MaxFixStr => ReadBlock(0),
            _ => throw Unexpected(),
        };
    }

    /// <summary>The UTF-8 bytes of a string, where they lie; null for nil.</summary>
    public ReadOnlySequence<byte>? ReadStringSequence()
    {
        if (TryReadNil())
            return null;
        return ReadBlock(StringLengthBytes());
    }

    /// <summary>False, with the position unmoved, for nil and for bytes that do not lie in one piece.</summary>
    public bool TryReadStringSpan(out ReadOnlySpan<byte> span)
    {
        span = default;
        if (IsNil)
            return false;
        MessagePackReader ahead = this;
        ReadOnlySequence<byte> bytes = ahead.ReadBlock(StringLengthBytes());
        if (!bytes.IsSingleSegment)
            return false;
        span = bytes.FirstSpan;
        reader = ahead.reader;
        return true;
    }

    public string? ReadString()
    {
        if (TryReadNil())
            return null;
        return Encoding.UTF8.GetString(ReadBlock(StringLengthBytes()));
    }

    /// <summary>Moves past the next value with all that is in it.</summary>
    public void Skip()
    {
        int count;
        switch (NextMessagePackType)
        {
            case MessagePackType.Integer:
                ReadInteger(out _);
                break;
            case MessagePackType.Nil:
                ReadNil();
                break;
            case MessagePackType.Boolean:
                ReadBoolean();
                break;
            case MessagePackType.Float:
                ReadDouble();
                break;
            case MessagePackType.String:
                ReadStringSequence();
                break;
            case MessagePackType.Binary:
                ReadBytes();
                break;
            case MessagePackType.Extension:
                reader.Advance(ReadExtensionFormatHeader().Length);
                break;
            case MessagePackType.Array:
                count = ReadArrayHeader();
                SkipInside(count);
                break;
            case MessagePackType.Map:
                count = ReadMapHeader();
                SkipInside(2L * count);
                break;
            default:
                throw Unexpected();
        }
    }

    void SkipInside(long values)
    {
        if (Depth >= MaximumDepth)
            throw new InsufficientExecutionStackException($"MessagePack values are nested deeper than {MaximumDepth}.");
        Depth++;
        for (; values > 0; values--)
            Skip();
        Depth--;
    }

    int StringLengthBytes() => NextCode switch
    {
        >= MessagePackCode.MinFixStr and <= MessagePackCode.MaxFixStr => 0,
        MessagePackCode.Str8 => 1,
        MessagePackCode.Str16 => 2,
        MessagePackCode.Str32 => 4,
        _ => throw Unexpected(),
    };

    /// <summary>A header whose length has this many bytes (0: the length is in the code), and the bytes after it.</summary>
    ReadOnlySequence<byte> ReadBlock(int lengthBytes)
    {
        int length = NextCode - MessagePackCode.MinFixStr;
        ulong claimed = ReadToken(lengthBytes);
        return ReadRaw(lengthBytes == 0 ? length : (long)claimed);
    }
}
