using System.Buffers.Binary;

namespace DecentralizedLion.Peer.Tests.Telemetry;

/// <summary>
/// A reader of TensorBoard's event files, from their description: records of a length, its checksum, an event as protobuf, and
/// its checksum, each checksum a rotated CRC-32C.
/// </summary>
static class EventFile
{
    const int HeadBytes = sizeof(ulong) + sizeof(uint);

    /// <summary>The scalars of a file that may still be written; what comes after the last whole record is left out.</summary>
    public static IReadOnlyList<(string Tag, long Step, float Value)> ReadScalars(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        var scalars = new List<(string, long, float)>();
        for (var at = 0; at + HeadBytes <= bytes.Length;)
        {
            var head = bytes.AsSpan(at, HeadBytes);
            Assert.Equal(Masked(head[..sizeof(ulong)]), BinaryPrimitives.ReadUInt32LittleEndian(head[sizeof(ulong)..]));
            var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(head);
            if (at + HeadBytes + length + sizeof(uint) > bytes.Length)
                break;
            var data = bytes.AsSpan(at + HeadBytes, length);
            Assert.Equal(Masked(data), BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at + HeadBytes + length)));
            var record = new ProtobufFields(data);
            if (at == 0)
                Assert.Equal("brain.Event:2", record.Text(3));
            Assert.InRange(record.Double(1), 1.7e9, 1e10); // seconds since 1970
            foreach (var value in record.Message(5)?.Messages(1) ?? [])
                scalars.Add((value.Text(1), (long)record.Number(2), Scalar(value)));
            at += HeadBytes + length + sizeof(uint);
        }
        return scalars;
    }

    /// <summary>A simple value, or a tensor of one number.</summary>
    static float Scalar(ProtobufFields value) => value.Has(2) ? value.Float(2)
        : value.Message(8) is { } tensor && tensor.BytesOf(5) is { Length: sizeof(float) } packed
            ? BinaryPrimitives.ReadSingleLittleEndian(packed) : value.Message(8)?.Float(5) ?? float.NaN;

    static uint Masked(ReadOnlySpan<byte> data)
    {
        const uint polynomial = 0x82f63b78, mask = 0xa282ead8;
        var crc = uint.MaxValue;
        foreach (var next in data)
        {
            crc ^= next;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? (crc >> 1) ^ polynomial : crc >> 1;
        }
        crc = ~crc;
        return unchecked(((crc >> 15) | (crc << 17)) + mask);
    }
}
