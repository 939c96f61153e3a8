using DecentralizedLion.Codecs.Wire;
using FsCheck.Xunit;

namespace DecentralizedLion.Codecs.Tests.Wire;

public sealed class Crc32CTests
{
    [Fact]
    public void The_check_value()
    {
        foreach (var instruction in new[] { false, true })
        {
            Assert.Equal(0xE3069283u, Crc32C.Append(0, "123456789"u8, instruction));
            Assert.Equal(0u, Crc32C.Append(0, [], instruction));
            // RFC 3720, appendix B.4: 32 bytes of zeros and of ones.
            Assert.Equal(0x8A9136AAu, Crc32C.Append(0, new byte[32], instruction));
            Assert.Equal(0x62A8AB43u, Crc32C.Append(0, [.. Enumerable.Repeat((byte)255, 32)], instruction));
        }
    }

    [Fact]
    public void Every_length_and_alignment_equals_the_bitwise_division()
    {
        var data = new byte[400];
        new Random(1).NextBytes(data);
        for (var first = 0; first < 9; first++)
        {
            for (var length = 0; length < 300; length++)
            {
                var piece = data.AsSpan(first, length);
                var expected = ReferenceKernels.Crc32C(piece);
                Assert.Equal(expected, Crc32C.Of(piece));
                Assert.Equal(expected, Crc32C.Append(0, piece, instruction: false));
            }
        }
    }

    [Fact]
    public void Long_pieces_equal_the_bitwise_division()
    {
        var data = new byte[20_000];
        new Random(2).NextBytes(data);
        foreach (var length in (int[])[3071, 3072, 3073, 3080, 6143, 6144, 9215, 9217, 12_345, 19_990])
        {
            for (var first = 0; first < 9; first++)
            {
                var piece = data.AsSpan(first, length);
                Assert.Equal(ReferenceKernels.Crc32C(piece), Crc32C.Of(piece));
                Assert.Equal(Crc32C.Of(piece), Crc32C.Append(Crc32C.Of(piece[..100]), piece[100..]));
            }
        }
    }

    [Property]
    public bool Pieces_append_to_the_whole(byte[] data, byte cut)
    {
        var at = data.Length == 0 ? 0 : cut % (data.Length + 1);
        return Crc32C.Append(Crc32C.Of(data.AsSpan(0, at)), data.AsSpan(at)) == Crc32C.Of(data);
    }
}
