using System.Buffers.Binary;
using System.Text;

namespace DecentralizedLion.Peer.Tests.Telemetry;

/// <summary>The fields of a protobuf message, by number, read from its bytes without a schema.</summary>
sealed class ProtobufFields
{
    readonly List<(int Number, ulong Value, byte[] Bytes)> fields = [];

    /// <summary>Reads a message to its end.</summary>
    /// <exception cref="InvalidDataException">It is cut off, or has a kind of field that nobody writes.</exception>
    public ProtobufFields(ReadOnlySpan<byte> message)
    {
        while (!message.IsEmpty)
        {
            var key = Varint(ref message);
            var number = (int)(key >> 3);
            switch (key & 7)
            {
                case 0:
                    fields.Add((number, Varint(ref message), []));
                    break;
                case 1:
                    fields.Add((number, BinaryPrimitives.ReadUInt64LittleEndian(Take(ref message, 8)), []));
                    break;
                case 2:
                    fields.Add((number, 0, Take(ref message, (int)Varint(ref message)).ToArray()));
                    break;
                case 5:
                    fields.Add((number, BinaryPrimitives.ReadUInt32LittleEndian(Take(ref message, 4)), []));
                    break;
                default:
                    throw new InvalidDataException($"field {number} has the kind {key & 7}");
            }
        }
    }

    public IEnumerable<ProtobufFields> Messages(int number) =>
        fields.Where(field => field.Number == number).Select(field => new ProtobufFields(field.Bytes));

    public ProtobufFields? Message(int number) => Messages(number).LastOrDefault();

    public string Text(int number) => Encoding.UTF8.GetString(BytesOf(number));

    public byte[] BytesOf(int number) => fields.LastOrDefault(field => field.Number == number).Bytes ?? [];

    public bool Has(int number) => fields.Exists(field => field.Number == number);

    public ulong Number(int number) => fields.LastOrDefault(field => field.Number == number).Value;

    public double Double(int number) => BitConverter.UInt64BitsToDouble(Number(number));

    public float Float(int number) => BitConverter.UInt32BitsToSingle((uint)Number(number));

    static ulong Varint(ref ReadOnlySpan<byte> rest)
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Take(ref rest, 1)[0];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80)
                return value;
        }
        throw new InvalidDataException("a number has more than ten bytes");
    }

    static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> rest, int count)
    {
        if (count < 0 || count > rest.Length)
            throw new InvalidDataException($"{count} bytes are announced, {rest.Length} are there");
        var taken = rest[..count];
        rest = rest[count..];
        return taken;
    }
}
