using System.Buffers.Binary;

namespace DecentralizedLion.Topology.Transport;

/// <summary>
/// The first 24 bytes of a connection inside TLS, from the dialler: which connection of the link it is, and the session number
/// that all of its frames carry. Nobody but the two peers reads it, so a frame with that number is the dialler's.
/// </summary>
/// <param name="LinkChannel">The connection of the link.</param>
/// <param name="Session">The dialler's session number.</param>
/// <param name="ListeningPort">The port at which the dialler listens.</param>
readonly record struct LinkPreamble(LinkChannel LinkChannel, ulong Session, ushort ListeningPort)
{
    /// <summary>Bytes of an encoded preamble.</summary>
    public const int Length = 24;

    const uint Magic = 0x4e4f494c; // "LION"
    const byte Version = 1;

    /// <summary>Writes the preamble: magic 4, version 1, channel 1, port 2, session 8, zeros 8; integers little-endian.</summary>
    public void Write(Span<byte> target)
    {
        target[..Length].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(target, Magic);
        (target[4], target[5]) = (Version, (byte)LinkChannel);
        BinaryPrimitives.WriteUInt16LittleEndian(target[6..], ListeningPort);
        BinaryPrimitives.WriteUInt64LittleEndian(target[8..], Session);
    }

    /// <summary>Reads a preamble; false when it is of another version or none at all.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out LinkPreamble preamble)
    {
        preamble = new LinkPreamble((LinkChannel)source[5], BinaryPrimitives.ReadUInt64LittleEndian(source[8..]),
            BinaryPrimitives.ReadUInt16LittleEndian(source[6..]));
        return BinaryPrimitives.ReadUInt32LittleEndian(source) == Magic && source[4] == Version
            && preamble.LinkChannel is LinkChannel.Control or LinkChannel.Data && preamble.Session != 0;
    }
}
