using System.Buffers;
using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Wire;
using FsCheck.Xunit;

namespace DecentralizedLion.Codecs.Tests.Wire;

public sealed class FrameHeaderTests
{
    static readonly FrameHeader Plain = new(
        FrameKind.Reduce, 0x0123456789ABCDEF, ulong.MaxValue, 70000, 1L << 40, 3, 2, 300, 2, 0, PeerSet.Of(0, 2, 3), 0xE3069283);

    static readonly FrameHeader Largest = new(
        FrameKind.Probe, ulong.MaxValue, ulong.MaxValue, int.MaxValue, long.MaxValue, FrameHeader.MaxChunk, FrameHeader.MaxHop,
        int.MaxValue, FrameHeader.MaxPlanes, FrameHeader.MaxPlanes, PeerSet.First(256), uint.MaxValue);

    static readonly FrameHeader Smallest = new(FrameKind.Hello, 0, 0, 0, 0, 0, 0, 0, 0, 0, PeerSet.Empty, 0);

    [Fact]
    public void The_bytes_are_the_protocols()
    {
        // Written out by hand from the MessagePack format: array of 13, shortest integers, bin 8.
        byte[] expected =
        [
            0x9D, 0x06, 0x05, 0xC4, 8, 0xEF, 0xCD, 0xAB, 0x89, 0x67, 0x45, 0x23, 0x01,
            0xCF, 255, 255, 255, 255, 255, 255, 255, 255, 0xCE, 0, 1, 0x11, 0x70,
            0xCF, 0, 0, 1, 0, 0, 0, 0, 0, 3, 2, 0xCD, 1, 0x2C, 2, 0, 0xC4, 3, 0, 2, 3, 0xCE, 0xE3, 0x06, 0x92, 0x83,
        ];
        Assert.Equal(expected, Bytes(Plain));
    }

    [Fact]
    public void Headers_come_back_and_fit_the_longest()
    {
        foreach (var header in new[] { Plain, Largest, Smallest })
        {
            var bytes = Bytes(header);
            Assert.InRange(bytes.Length, 1, FrameHeader.MaxLength);
            Assert.True(FrameHeader.TryRead(bytes, out var back, out var error));
            Assert.Equal(FrameError.None, error);
            Assert.Equal(header, back);
        }
    }

    [Property]
    public bool Any_valid_header_comes_back(ulong run, ulong session, int view, long step, ushort small, byte[] voters, uint crc)
    {
        var header = new FrameHeader(
            (FrameKind)(1 + (small % 23)), run, session, view & int.MaxValue, step & long.MaxValue, small % 256, small % 512,
            view & 0xFFFFF, small % 33, small / 33 % 33, voters.Aggregate(PeerSet.Empty, (set, index) => set.With(index)), crc);
        return FrameHeader.TryRead(Bytes(header), out var back, out _) && back == header;
    }

    [Fact]
    public void Every_truncation_is_truncated()
    {
        foreach (var header in new[] { Plain, Largest, Smallest })
        {
            var bytes = Bytes(header);
            for (var length = 0; length < bytes.Length; length++)
            {
                // Inside a longer array, so that reading on would find bytes.
                Assert.False(FrameHeader.TryRead(bytes.AsMemory(0, length), out var none, out var error));
                Assert.Equal(FrameError.Truncated, error);
                Assert.Equal(default, none);
            }
        }
    }

    [Fact]
    public void Every_value_of_every_byte_is_an_error_or_a_valid_header()
    {
        var errors = new int[Enum.GetValues<FrameError>().Length];
        foreach (var header in new[] { Plain, Largest, Smallest })
        {
            var bytes = Bytes(header);
            for (var at = 0; at < bytes.Length; at++)
            {
                var kept = bytes[at];
                for (var value = 0; value < 256; value++)
                {
                    bytes[at] = (byte)value;
                    errors[(int)CheckAny(bytes)]++;
                }

                bytes[at] = kept;
            }
        }

        Assert.All(errors, count => Assert.NotEqual(0, count));
    }

    [Property(MaxTest = 2000)]
    public void Random_bytes_are_an_error_or_a_valid_header(byte[] bytes, bool likely, byte cut)
    {
        CheckAny(bytes);
        // And behind a true beginning, so that every field is reached.
        if (likely)
            CheckAny([.. Bytes(Plain).Take(cut % 54), .. bytes]);
    }

    [Fact]
    public void Each_fault_has_its_reason()
    {
        Expect(FrameError.TrailingBytes, [.. Bytes(Plain), 0]);
        Expect(FrameError.WrongVersion, Changed(1, 2));
        Expect(FrameError.WrongVersion, [0x91, 0x01]);
        Expect(FrameError.Malformed, [0x91, 0x06]);
        Expect(FrameError.Malformed, [0x90]);
        Expect(FrameError.Malformed, [0xC0]);
        Expect(FrameError.Truncated, []);
        Expect(FrameError.OutOfRange, Changed(2, 0));
        Expect(FrameError.OutOfRange, Changed(2, 24));
        Expect(FrameError.Malformed, Changed(4, 7));
        Expect(FrameError.OutOfRange, Changed(36, 0xFF));
        Expect(FrameError.OutOfRange, Changed(37, 0xFF));
        Expect(FrameError.OutOfRange, Changed(41, 33));
        Expect(FrameError.OutOfRange, Changed(42, 33));
        Expect(FrameError.OutOfRange, Changed(46, 0));
        Expect(FrameError.OutOfRange, Changed(47, 1));
        Expect(FrameError.OutOfRange, Changed(28, 0x80));
    }

    [Fact]
    public void A_field_that_claims_more_than_any_message_holds_is_an_error()
    {
        foreach (var header in new[] { Plain, Largest, Smallest })
        {
            var bytes = Bytes(header);
            for (var at = 0; at < bytes.Length; at++)
            {
                foreach (var hostile in HostileHeaders.All)
                {
                    CheckAny([.. bytes[..at], .. hostile]);
                    CheckAny([.. bytes[..at], .. hostile, .. bytes[at..]]);
                    FrameHeader.VersionOf((byte[])[.. bytes[..at], .. hostile]);
                }
                CheckAny([.. bytes[..at], .. HostileHeaders.Nested(1000, isLong: at % 2 == 0)]);
            }
        }

        byte[] beforeRun = Bytes(Plain)[..3];
        Expect(FrameError.Malformed, [.. beforeRun, 0xC6, 0x80, 0, 0, 0, .. new byte[12]]);
        Expect(FrameError.Malformed, [.. beforeRun, 0xC6, 0xFF, 0xFF, 0xFF, 0xFF, .. new byte[300]]);
        Expect(FrameError.Truncated, [.. beforeRun, 0xC6, 0x7F, 0xFF, 0xFF, 0xFF, .. new byte[300]]);
    }

    [Fact]
    public void A_field_out_of_bounds_is_named_when_written()
    {
        Assert.Contains("Chunk", Refused(Plain with { Chunk = 256 }));
        Assert.Contains("Hop", Refused(Plain with { Hop = -1 }));
        Assert.Contains("View", Refused(Plain with { View = -1 }));
        Assert.Contains("Step", Refused(Plain with { Step = -1 }));
        Assert.Contains("Segment", Refused(Plain with { Segment = -1 }));
        Assert.Contains("CountPlanes", Refused(Plain with { CountPlanes = 33 }));
        Assert.Contains("AbstentionPlanes", Refused(Plain with { AbstentionPlanes = 33 }));
        Assert.Contains("Kind", Refused(Plain with { Kind = 0 }));
    }

    [Fact]
    public void Writing_into_a_kept_buffer_allocates_nothing()
    {
        var writer = new ArrayBufferWriter<byte>(FrameHeader.MaxLength);
        long before = 0;
        for (var frame = 0; frame < 2000; frame++)
        {
            if (frame == 1000)
                before = GC.GetAllocatedBytesForCurrentThread();
            writer.ResetWrittenCount();
            Largest.Write(writer);
        }

        // Not even an object header a frame.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 15_999);
    }

    static string Refused(FrameHeader header) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Bytes(header)).Message;

    static void Expect(FrameError expected, byte[] bytes)
    {
        Assert.False(FrameHeader.TryRead(bytes, out _, out var error));
        Assert.Equal(expected, error);
    }

    static byte[] Changed(int at, byte value)
    {
        var bytes = Bytes(Plain);
        bytes[at] = value;
        return bytes;
    }

    static FrameError CheckAny(byte[] bytes)
    {
        var valid = FrameHeader.TryRead(bytes, out var header, out var error);
        Assert.Equal(valid, error == FrameError.None);
        if (valid)
        {
            // What was believed is in bounds and can be said again.
            Assert.True(FrameHeader.TryRead(Bytes(header), out var back, out _));
            Assert.Equal(header, back);
        }
        else
        {
            Assert.Equal(default, header);
        }

        return error;
    }

    static byte[] Bytes(FrameHeader header)
    {
        var writer = new ArrayBufferWriter<byte>(FrameHeader.MaxLength);
        header.Write(writer);
        return writer.WrittenSpan.ToArray();
    }
}
