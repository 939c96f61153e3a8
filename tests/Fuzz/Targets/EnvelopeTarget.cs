using System.Buffers;
using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Wire;

namespace DecentralizedLion.Fuzz.Targets;

/// <summary>The envelope of a frame.</summary>
sealed class EnvelopeTarget : Target
{
    readonly ArrayBufferWriter<byte> output = new(FrameHeader.MaxLength);

    public override string Name => "envelope";

    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        Good(new(FrameKind.Reduce, 0x1234567890ABCDEF, 7, 1, 1000, 2, 3, 4, 2, 1, PeerSet.Of(0, 1, 5), 0xDEADBEEF)),
        Good(new(FrameKind.Hello, ulong.MaxValue, ulong.MaxValue, int.MaxValue, long.MaxValue, 255, 511, int.MaxValue, 9, 9,
            PeerSet.First(256), uint.MaxValue)),
        Good(new(FrameKind.Heartbeat, 0, 0, 0, 0, 0, 0, 0, 0, 0, default, 0)),
    ];

    public override int Longest => 1024;

    public override string Run(ReadOnlyMemory<byte> input)
    {
        if (!FrameHeader.TryRead(input, out FrameHeader header, out FrameError error))
        {
            Must(header == default && error != FrameError.None, "a refused envelope left something behind");
            return error.ToString();
        }
        output.ResetWrittenCount();
        header.Write(output);
        Must(output.WrittenCount <= FrameHeader.MaxLength
            && FrameHeader.TryRead(output.WrittenMemory, out FrameHeader again, out _) && again == header,
            $"written and read again it is another: {header}");
        return Accepted;
    }

    static byte[] Good(FrameHeader header)
    {
        var output = new ArrayBufferWriter<byte>();
        header.Write(output);
        return output.WrittenSpan.ToArray();
    }
}
