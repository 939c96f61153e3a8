using System.Buffers;
using System.Buffers.Binary;
using DecentralizedLion.Codecs.Bits;
using MessagePack;

namespace DecentralizedLion.Codecs.Wire;

/// <summary>
/// The envelope of a frame (docs/protocol.md#frame): a MessagePack array of 13 elements, namely version, kind, run fingerprint
/// (8 bytes), session, view, step, chunk, hop, segment, count planes, abstention planes, voters (ascending roster indices as
/// bytes) and a CRC-32C over the payload and all fields before it, so that a flipped bit is found wherever it is.
/// </summary>
/// <param name="Kind">What the frame is for.</param>
/// <param name="Run">The run's fingerprint.</param>
/// <param name="Session">The sending process's random number.</param>
/// <param name="View">The view's number, not negative.</param>
/// <param name="Step">The step, not negative.</param>
/// <param name="Chunk">The chunk of the vector, 0…255.</param>
/// <param name="Hop">The hop of the exchange, 0…511.</param>
/// <param name="Segment">The segment of the chunk, not negative.</param>
/// <param name="CountPlanes">The payload's planes of a sum or of an outcome, 0…32.</param>
/// <param name="AbstentionPlanes">The payload's abstention or zero planes, 0…32.</param>
/// <param name="Voters">Whose ballots are inside.</param>
/// <param name="Crc">What <see cref="Checksum"/> gives.</param>
readonly record struct FrameHeader(
    FrameKind Kind, ulong Run, ulong Session, int View, long Step, int Chunk, int Hop, int Segment,
    int CountPlanes, int AbstentionPlanes, PeerSet Voters, uint Crc)
{
    /// <summary>The version this code speaks; a frame of another is refused.</summary>
    public const int ProtocolVersion = 6;

    /// <summary>No envelope is longer, in bytes.</summary>
    public const int MaxLength = 320;

    /// <summary>The largest <see cref="Chunk"/>: one chunk a member.</summary>
    public const int MaxChunk = 255;

    /// <summary>The largest <see cref="Hop"/>: 255 hops of reduction and 255 of gathering fit.</summary>
    public const int MaxHop = 511;

    /// <summary>The most planes of a kind: those of fp32 values; counts of 256 voters have 10 at most.</summary>
    public const int MaxPlanes = 32;

    const int Fields = 13;
    const int RunLength = 8;

    /// <summary>The CRC-32C of a payload and of all fields but <see cref="Crc"/>, those as fixed little-endian numbers.</summary>
    /// <param name="payload">The payload that travels with this envelope.</param>
    public uint Checksum(ReadOnlySpan<byte> payload)
    {
        Span<byte> fields = stackalloc byte[52 + PeerSet.Capacity];
        fields[0] = (byte)Kind;
        fields[1] = (byte)CountPlanes;
        fields[2] = (byte)AbstentionPlanes;
        BinaryPrimitives.WriteUInt64LittleEndian(fields[4..], Run);
        BinaryPrimitives.WriteUInt64LittleEndian(fields[12..], Session);
        BinaryPrimitives.WriteInt32LittleEndian(fields[20..], View);
        BinaryPrimitives.WriteInt64LittleEndian(fields[24..], Step);
        BinaryPrimitives.WriteInt32LittleEndian(fields[32..], Chunk);
        BinaryPrimitives.WriteInt32LittleEndian(fields[36..], Hop);
        BinaryPrimitives.WriteInt32LittleEndian(fields[40..], Segment);
        int voters = Voters.WriteShort(fields[52..]);
        return Crc32C.Append(Crc32C.Of(payload), fields[..(52 + voters)]);
    }

    /// <summary>Writes the envelope. A writer kept and cleared by the caller makes this free of allocation.</summary>
    /// <param name="destination">Receives at most <see cref="MaxLength"/> bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">A field is outside its bounds.</exception>
    public void Write(IBufferWriter<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        if (OutOfBounds() is { } field)
            throw new ArgumentOutOfRangeException(field, $"The frame header's {field} is out of bounds: {this}");
        var writer = new MessagePackWriter(destination);
        writer.WriteArrayHeader(Fields);
        writer.Write(ProtocolVersion);
        writer.Write((byte)Kind);
        writer.WriteBinHeader(RunLength);
        BinaryPrimitives.WriteUInt64LittleEndian(writer.GetSpan(RunLength), Run);
        writer.Advance(RunLength);
        writer.Write(Session);
        writer.Write(View);
        writer.Write(Step);
        writer.Write(Chunk);
        writer.Write(Hop);
        writer.Write(Segment);
        writer.Write(CountPlanes);
        writer.Write(AbstentionPlanes);
        var voters = Voters.ShortLength;
        writer.WriteBinHeader(voters);
        if (voters > 0)
            writer.Advance(Voters.WriteShort(writer.GetSpan(voters)));
        writer.Write(Crc);
        writer.Flush();
    }

    /// <summary>Reads an envelope. Never throws, whatever the bytes, and never reads beyond them.</summary>
    /// <param name="frame">The whole first frame of a message.</param>
    /// <param name="header">The header; default when it is not valid.</param>
    /// <param name="error">Why it is not valid, or <see cref="FrameError.None"/>.</param>
    /// <returns>Whether the header is valid and nothing follows it.</returns>
    public static bool TryRead(ReadOnlyMemory<byte> frame, out FrameHeader header, out FrameError error)
    {
        header = default;
        try
        {
            error = Read(frame, out var read);
            if (error == FrameError.None)
                header = read;
        }
        catch (Exception e) when (MessagePackReading.IsMalformed(e))
        {
            error = e switch
            {
                EndOfStreamException => FrameError.Truncated,
                OverflowException => FrameError.OutOfRange,
                _ => FrameError.Malformed,
            };
        }

        return error == FrameError.None;
    }

    /// <summary>The protocol version that an envelope says it is of, so that a peer of another one can be named; null: it says
    /// none.</summary>
    /// <param name="frame">The whole first frame of a message.</param>
    public static int? VersionOf(ReadOnlyMemory<byte> frame)
    {
        try
        {
            var reader = new MessagePackReader(frame);
            return reader.ReadArrayHeader() == 0 ? null : reader.ReadInt32();
        }
        catch (Exception e) when (MessagePackReading.IsMalformed(e))
        {
            return null;
        }
    }

    static FrameError Read(ReadOnlyMemory<byte> frame, out FrameHeader header)
    {
        header = default;
        var reader = new MessagePackReader(frame);
        var fields = reader.ReadArrayHeader();
        if (fields == 0)
            return FrameError.Malformed;
        // The version first: another version may well have another number of fields.
        if (reader.ReadInt32() != ProtocolVersion)
            return FrameError.WrongVersion;
        if (fields != Fields)
            return FrameError.Malformed;

        Span<byte> bytes = stackalloc byte[PeerSet.Capacity];
        var kind = (FrameKind)reader.ReadByte();
        if (!TryReadBytes(ref reader, bytes, out var length) || length != RunLength)
            return FrameError.Malformed;
        var run = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        var session = reader.ReadUInt64();
        var view = reader.ReadInt32();
        var step = reader.ReadInt64();
        var chunk = reader.ReadInt32();
        var hop = reader.ReadInt32();
        var segment = reader.ReadInt32();
        var countPlanes = reader.ReadInt32();
        var abstentionPlanes = reader.ReadInt32();
        if (!TryReadBytes(ref reader, bytes, out length))
            return FrameError.Malformed;
        if (!PeerSet.TryReadShort(bytes[..length], out var voters))
            return FrameError.OutOfRange;
        var crc = reader.ReadUInt32();
        if (!reader.End)
            return FrameError.TrailingBytes;
        header = new(
            kind, run, session, view, step, chunk, hop, segment, countPlanes, abstentionPlanes, voters, crc);
        return header.OutOfBounds() is null ? FrameError.None : FrameError.OutOfRange;
    }

    static bool TryReadBytes(ref MessagePackReader reader, scoped Span<byte> destination, out int length)
    {
        length = 0;
        if (reader.ReadBinary() is not { } bytes || bytes.Length > destination.Length)
            return false;
        length = (int)bytes.Length;
        bytes.CopyTo(destination);
        return true;
    }

    string? OutOfBounds() =>
        Kind is < FrameKind.Hello or > FrameKind.Probe ? nameof(Kind)
        : View < 0 ? nameof(View)
        : Step < 0 ? nameof(Step)
        : Chunk is < 0 or > MaxChunk ? nameof(Chunk)
        : Hop is < 0 or > MaxHop ? nameof(Hop)
        : Segment < 0 ? nameof(Segment)
        : CountPlanes is < 0 or > MaxPlanes ? nameof(CountPlanes)
        : AbstentionPlanes is < 0 or > MaxPlanes ? nameof(AbstentionPlanes)
        : null;
}
