using System.Buffers;
using System.Globalization;
using System.Text;
using DecentralizedLion.Codecs.Wire;
using MessagePack;

namespace DecentralizedLion.Fuzz.Targets;

/// <summary>
/// The reader under all payloads. The first bytes say what is read; the outcome must be the same when the bytes lie in two
/// pieces, and a number that was read must come back when it is written.
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
                read.Append(One(ref reader, operation % 10)).Append(' ');
            read.Append(reader.End ? Accepted : "TrailingBytes");
        }
        catch (Exception e) when (MessagePackReading.IsMalformed(e))
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
                return Text(reader.ReadUInt32());
            case 2:
                ulong unsigned = reader.ReadUInt64();
                Must(Written((ref MessagePackWriter writer) => writer.Write(unsigned)).ReadUInt64() == unsigned,
                    $"{unsigned} does not come back");
                return Text(unsigned);
            case 3:
                return Text(reader.ReadInt32());
            case 4:
                long signed = reader.ReadInt64();
                Must(Written((ref MessagePackWriter writer) => writer.Write(signed)).ReadInt64() == signed,
                    $"{signed} does not come back");
                return Text(signed);
            case 5:
                return reader.ReadBoolean() ? "yes" : "no";
            case 6:
                return reader.ReadBinary() is { } bytes ? Convert.ToHexString(bytes.ToArray()) : "nil";
            case 7:
                return reader.ReadUtf8() is { } text
                    ? $"{Convert.ToHexString(text.ToArray())} {Encoding.UTF8.GetString(text).Length}" : "nil";
            case 8:
                return Text(reader.ReadArrayHeader());
            default:
                return reader.TryReadNil() ? "nil" : "something";
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
        switch (which)
        {
            case 0:
                writer.WriteArrayHeader(7);
                foreach (long number in (long[])[0, 127, -32, 255, -129, 65535, long.MinValue])
                    writer.Write(number);
                writer.Flush();
                return [8, 0, 1, 4, 2, 3, 1, 4, .. output.WrittenSpan];
            case 1:
                writer.WriteArrayHeader(20);
                writer.Write(true);
                writer.WriteNil();
                writer.Write("name");
                writer.Write(new byte[] { 1, 2, 3 });
                writer.Write(new string('é', 20));
                writer.Write(int.MinValue);
                writer.Write(ulong.MaxValue);
                writer.Flush();
                return [8, 5, 9, 7, 6, 7, 3, 2, .. output.WrittenSpan];
            default:
                writer.Write(new byte[300]);
                writer.Write(new string('ü', 400));
                writer.Write(new byte[] { 0xff, 0xfe });
                writer.Write(uint.MaxValue);
                writer.Write(long.MaxValue);
                writer.WriteNil();
                writer.WriteNil();
                writer.WriteArrayHeader(0);
                writer.Flush();
                return [6, 7, 6, 1, 4, 9, 6, 8, .. output.WrittenSpan];
        }
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
