using System.Buffers;
using System.Globalization;
using System.Text;
using MessagePack;

namespace DecentralizedLion.Fuzz.Targets;

/// <summary>
/// The reader under all payloads. The first bytes say what is read; the outcome must be the same when the bytes lie in two pieces, and
/// a number that was read must come back when it is written.
/// </summary>
sealed class MessagePackTarget : Target
{
    const int Script = 8;

    public override string Name => "messagepack";

    public override IReadOnlyList<byte[]> Seeds { get; } = [Good(0), Good(1), Good(2)];

    // A text is read as text, and what it came to is kept to be compared.
    public override long MostAllocated(int length) => (64 << 10) + 512L * length;

    public override string Run(ReadOnlyMemory<byte> input)
    {
        int script = Math.Min(Script, input.Length);
        ReadOnlySpan<byte> operations = input.Span[..script];
        ReadOnlyMemory<byte> data = input[script..];
        string whole = Read(new ReadOnlySequence<byte>(data), operations);
        int cut = script == 0 ? 0 : operations[0] % (data.Length + 1);
        string pieces = Read(Piece.Of(data[..cut], data[cut..]), operations);
        Must(whole == pieces, $"in one piece: {whole}; cut after {cut} bytes: {pieces}");
        int end = whole.LastIndexOf(' ');
        return whole[(end + 1)..];
    }

    static string Read(ReadOnlySequence<byte> data, ReadOnlySpan<byte> operations)
    {
        var read = new StringBuilder();
        try
        {
            var reader = new MessagePackReader(data);
            foreach (byte operation in operations)
                read.Append(One(ref reader, operation % 20)).Append(' ');
            while (!reader.End)
                reader.Skip();
            read.Append(Accepted);
        }
        catch (Exception e) when (e is EndOfStreamException or MessagePackSerializationException or OverflowException
            or InsufficientExecutionStackException)
        {
            read.Append(e.GetType().Name);
        }
        return read.ToString();
    }

    static string One(ref MessagePackReader reader, int operation)
    {
        switch (operation)
        {
            case 0:
                return Text(reader.ReadByte());
            case 1:
                return Text(reader.ReadUInt16());
            case 2:
                return Text(reader.ReadUInt32());
            case 3:
                ulong unsigned = reader.ReadUInt64();
                Must(Written((ref MessagePackWriter writer) => writer.Write(unsigned)).ReadUInt64() == unsigned, $"{unsigned} does not come back");
                return Text(unsigned);
            case 4:
                return Text(reader.ReadSByte());
            case 5:
                return Text(reader.ReadInt16());
            case 6:
                return Text(reader.ReadInt32());
            case 7:
                long signed = reader.ReadInt64();
                Must(Written((ref MessagePackWriter writer) => writer.Write(signed)).ReadInt64() == signed, $"{signed} does not come back");
                return Text(signed);
            case 8:
                return reader.ReadBoolean() ? "yes" : "no";
            case 9:
                return Text(BitConverter.DoubleToInt64Bits(reader.ReadDouble()));
            case 10:
                return Text(BitConverter.SingleToInt32Bits(reader.ReadSingle()));
            case 11:
                return reader.ReadBytes() is { } bytes ? Convert.ToHexString(bytes.ToArray()) : "nil";
            case 12:
                return reader.ReadStringSequence() is { } text ? Convert.ToHexString(text.ToArray()) : "nil";
            case 13:
                return reader.ReadString() ?? "nil";
            case 14:
                return Text(reader.ReadArrayHeader());
            case 15:
                return Text(reader.ReadMapHeader());
            case 16:
                ExtensionHeader extension = reader.ReadExtensionFormatHeader();
                return Text(extension.TypeCode) + Text(extension.Length);
            case 17:
                return reader.TryReadNil() ? "nil" : "something";
            case 18:
                return Text(reader.ReadRaw().Length);
            default:
                reader.Skip();
                return "skipped";
        }
    }

    static string Text(IFormattable number) => number.ToString(null, CultureInfo.InvariantCulture);

    delegate void WriteOne(ref MessagePackWriter writer);

    static MessagePackReader Written(WriteOne write)
    {
        var output = new ArrayBufferWriter<byte>(16);
        var writer = new MessagePackWriter(output);
        write(ref writer);
        writer.Flush();
        return new MessagePackReader(output.WrittenMemory);
    }

    static byte[] Good(int which)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(output);
        writer.WriteArrayHeader(12);
        foreach (long number in (long[])[0, 127, -32, 255, -129, 65535, int.MinValue, long.MaxValue])
            writer.Write(number);
        writer.Write(1.5 * which);
        writer.Write(true);
        writer.WriteNil();
        writer.WriteMapHeader(2);
        writer.Write("name");
        writer.Write(new byte[] { 1, 2, 3 });
        writer.Write(new string('é', 20 * which));
        writer.Write(new byte[300 * which]);
        writer.Flush();
        // Reads: all at once; number by number; or from the middle on.
        byte[] operations = which switch
        {
            0 => [19, 17, 17, 17, 17, 17, 17, 17],
            1 => [14, 0, 7, 4, 2, 5, 3, 6],
            _ => [14, 7, 7, 7, 7, 7, 7, 7],
        };
        byte[] data = which == 0 ? [.. output.WrittenSpan, 1, 2, 3, 4, 5, 6, 7, 8] : output.WrittenSpan.ToArray();
        return [.. operations, .. data];
    }

    /// <summary>Bytes in two pieces.</summary>
    sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public static ReadOnlySequence<byte> Of(ReadOnlyMemory<byte> first, ReadOnlyMemory<byte> second)
        {
            var end = new Piece { Memory = second, RunningIndex = first.Length };
            var start = new Piece { Memory = first, Next = end };
            return new ReadOnlySequence<byte>(start, 0, end, second.Length);
        }
    }
}
