using System.Buffers;
using System.Buffers.Binary;
using DecentralizedLion.Codecs;

namespace DecentralizedLion.Fuzz.Frames;

/// <summary>A frame with its sender as one input: the sender, the envelope's length, the envelope, the payload.</summary>
static class FrameInput
{
    const int Head = 3;

    public static byte[] Join(int from, FrameHeader header, ReadOnlySpan<byte> payload)
    {
        var envelope = new ArrayBufferWriter<byte>(FrameHeader.MaxLength);
        (header with { Crc = header.Checksum(payload) }).Write(envelope);
        var input = new byte[Head + envelope.WrittenCount + payload.Length];
        input[0] = (byte)from;
        BinaryPrimitives.WriteUInt16LittleEndian(input.AsSpan(1), (ushort)envelope.WrittenCount);
        envelope.WrittenSpan.CopyTo(input.AsSpan(Head));
        payload.CopyTo(input.AsSpan(Head + envelope.WrittenCount));
        return input;
    }

    /// <summary>The parts of any input.</summary>
    /// <param name="input">The input.</param>
    /// <param name="peers">Peers in the roster; the sender is one of them, and not the first.</param>
    public static (int From, ReadOnlyMemory<byte> Envelope, ReadOnlyMemory<byte> Payload) Split(ReadOnlyMemory<byte> input, int peers)
    {
        if (input.Length < Head)
            return (1, default, input);
        int length = Math.Min(BinaryPrimitives.ReadUInt16LittleEndian(input.Span[1..]), input.Length - Head);
        return (1 + input.Span[0] % (peers - 1), input.Slice(Head, length), input[(Head + length)..]);
    }

    /// <summary>The same frame with a right checksum, and what else the caller changes; as it is when its envelope is none.</summary>
    public static byte[] Repair(byte[] input, int peers, Func<int, FrameHeader, byte[], (FrameHeader, byte[])> change)
    {
        var (from, envelope, payload) = Split(input, peers);
        if (!FrameHeader.TryRead(envelope, out FrameHeader header, out _))
            return input;
        (header, byte[] content) = change(from, header, payload.ToArray());
        return Join(from - 1, header, content);
    }
}
