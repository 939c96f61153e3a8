using System.Buffers.Binary;
using DecentralizedLion.Codecs.Wire;

namespace DecentralizedLion.Peer.Cli.TensorBoard;

/// <summary>The first record of an event file, in which TorchSharp's writer puts .NET's ticks where TensorBoard takes seconds
/// since 1970 for the time at which the run began.</summary>
static class EventFileHeader
{
    // A record: length, its checksum, the event, its checksum. An event begins with field 1, a double: the time.
    const int EventAt = sizeof(ulong) + sizeof(uint), TimeAt = EventAt + 1;
    const byte TimeKey = 0x09;
    const uint Mask = 0xa282ead8;

    /// <summary>Writes the right time into it; does nothing to a file that begins in another way.</summary>
    public static void SetTime(string path, DateTimeOffset time)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read);
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        if (bytes.Length < TimeAt + sizeof(double) + sizeof(uint) || bytes[EventAt] != TimeKey
            || BinaryPrimitives.ReadInt64LittleEndian(bytes) != bytes.Length - EventAt - sizeof(uint))
            return;
        BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(TimeAt), time.ToUnixTimeSeconds());
        var crc = Crc32C.Of(bytes.AsSpan()[EventAt..^sizeof(uint)]);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan()[^sizeof(uint)..],
            unchecked(((crc >> 15) | (crc << 17)) + Mask));
        stream.Position = 0;
        stream.Write(bytes);
    }
}
