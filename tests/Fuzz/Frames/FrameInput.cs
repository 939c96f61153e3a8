using System.Buffers;
using System.Buffers.Binary;
using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Fuzz.Inputs;

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
    public static (int From, ReadOnlyMemory<byte> Envelope, ReadOnlyMemory<byte> Payload) Split(
        ReadOnlyMemory<byte> input, int peers)
    {
        if (input.Length < Head)
            return (1, default, input);
        int length = Math.Min(BinaryPrimitives.ReadUInt16LittleEndian(input.Span[1..]), input.Length - Head);
        return (1 + input.Span[0] % (peers - 1), input.Slice(Head, length), input[(Head + length)..]);
    }

    /// <summary>The same frame with a right checksum and, now and then, another field; the caller changes what else it
    /// must.</summary>
    public static byte[] Repair(byte[] input, int peers, IReadOnlyList<byte[]> seeds, FuzzRandom random,
        Func<int, FrameHeader, byte[], (FrameHeader, byte[])> change)
    {
        var (from, envelope, payload) = Split(input, peers);
        if (!FrameHeader.TryRead(envelope, out FrameHeader header, out _))
        {
            // Its payload under another's envelope.
            (from, envelope, _) = Split(seeds[random.Below(seeds.Count)], peers);
            if (!FrameHeader.TryRead(envelope, out header, out _))
                return input;
        }
        if (random.OneIn(3))
            header = Vary(header, random);
        (header, byte[] content) = change(from, header, payload.ToArray());
        return Join(from - 1, header, content);
    }

    /// <summary>One field is another, within what an envelope may say.</summary>
    static FrameHeader Vary(FrameHeader header, FuzzRandom random) => random.Below(10) switch
    {
        0 => header with
        {
            Kind = (FrameKind)random.Of<byte>([1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22]),
        },
        1 => header with { View = (int)(random.Interesting() & int.MaxValue) },
        2 => header with { Step = (long)(random.Interesting() & long.MaxValue) },
        3 => header with { Step = Math.Clamp(header.Step + random.Below(5) - 2, 0, long.MaxValue) },
        4 => header with { Chunk = random.Below(6) },
        5 => header with { Hop = random.Below(9) },
        6 => header with { Segment = random.OneIn(2) ? random.Below(4) : (int)(random.Interesting() & int.MaxValue) },
        7 => header with { CountPlanes = random.Below(FrameHeader.MaxPlanes + 1) },
        8 => header with { AbstentionPlanes = random.Below(FrameHeader.MaxPlanes + 1) },
        _ => header with
        {
            Voters = random.OneIn(4) ? PeerSet.First(random.Below(257))
                : random.OneIn(2) ? header.Voters.With(random.Below(5)) : PeerSet.Of(random.Below(5)),
        },
    };
}
