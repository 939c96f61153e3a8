using System.Buffers;
using MessagePack;

namespace DecentralizedLion.StandIns.Tests.MessagePack;

/// <summary>The specification's format table: what each first byte means, and the shortest form of each value.</summary>
public sealed class FormatTests
{
    public static TheoryData<byte> Codes => [.. Enumerable.Range(0, 256).Select(i => (byte)i)];

    [Theory]
    [MemberData(nameof(Codes))]
    public void Every_code_is_read_as_its_own_kind_and_no_other(byte code)
    {
        MessagePackType kind = Kind(code);
        Assert.Equal(kind, MessagePackCode.ToMessagePackType(code));
        byte[] bytes = Samples.OfCode(code);
        foreach (ReadOnlySequence<byte> sequence in new[] { new ReadOnlySequence<byte>(bytes), Samples.InPieces(bytes) })
        {
            bool number = kind is MessagePackType.Float or MessagePackType.Integer;
            bool text = kind is MessagePackType.String or MessagePackType.Nil;
            bool oldRaw = kind == MessagePackType.String && code != MessagePackCode.Str8;
            bool block = oldRaw || kind is MessagePackType.Binary or MessagePackType.Nil;
            Expect(kind is MessagePackType.Integer, sequence, (ref MessagePackReader r) => { r.ReadUInt64(); });
            Expect(kind is MessagePackType.Integer, sequence, (ref MessagePackReader r) => { r.ReadInt64(); });
            Expect(kind is MessagePackType.Nil, sequence, (ref MessagePackReader r) => { r.ReadNil(); });
            Expect(kind is MessagePackType.Boolean, sequence, (ref MessagePackReader r) => { r.ReadBoolean(); });
            Expect(number, sequence, (ref MessagePackReader r) => { r.ReadDouble(); });
            Expect(number, sequence, (ref MessagePackReader r) => { r.ReadSingle(); });
            Expect(text, sequence, (ref MessagePackReader r) => { r.ReadString(); });
            Expect(
                text, sequence, (ref MessagePackReader r) => { r.ReadStringSequence(); });
            Expect(
                block, sequence, (ref MessagePackReader r) => { r.ReadBytes(); });
            Expect(kind is MessagePackType.Array, sequence, (ref MessagePackReader r) => { r.ReadArrayHeader(); });
            Expect(kind is MessagePackType.Map, sequence, (ref MessagePackReader r) => { r.ReadMapHeader(); });
            Expect(kind is MessagePackType.Extension, sequence, (ref MessagePackReader r) => { r.ReadExtensionFormatHeader(); });
            Expect(kind is not MessagePackType.Unknown, sequence, (ref MessagePackReader r) =>
            {
                r.Skip();
                Assert.True(r.End);
            });
            if (kind is not MessagePackType.Unknown)
                Assert.Equal(bytes, Samples.Read(sequence, (ref MessagePackReader r) => r.ReadRaw().ToArray()));
        }
    }

    [Fact]
    public void Integers_of_every_code_have_their_value()
    {
        for (int code = 0; code < 256; code++)
        {
            if (Kind((byte)code) != MessagePackType.Integer)
                continue;
            byte[] bytes = Samples.OfCode((byte)code);
            decimal value = code switch
            {
                <= 0x7f => code,
                >= 0xe0 => code - 256,
                _ => bytes.Skip(1).Aggregate(0m, (sum, b) => sum * 256 + b),
            };
            Assert.Equal((double)value, Samples.Read(bytes, (ref MessagePackReader r) => r.ReadDouble()));
            Assert.Equal(value, Samples.Read(bytes, (ref MessagePackReader r) => r.ReadInt64()));
            if (value >= 0)
                Assert.Equal(value, Samples.Read(bytes, (ref MessagePackReader r) => r.ReadUInt64()));
            else
                Assert.Throws<OverflowException>(() => Samples.Read(bytes, (ref MessagePackReader r) => r.ReadUInt64()));
        }
    }

    [Fact]
    public void Integers_are_written_shortest_and_read_at_every_width()
    {
        foreach (long value in Edges())
        {
            byte[] bytes = Samples.Write((ref MessagePackWriter w) => w.Write(value));
            Assert.Equal(Shortest(value), bytes.Length);
            Assert.Equal(Shortest(value), MessagePackWriter.GetEncodedLength(value));
            CheckWidth(value, sbyte.MinValue, sbyte.MaxValue, bytes, (ref MessagePackReader r) => r.ReadSByte());
            CheckWidth(value, short.MinValue, short.MaxValue, bytes, (ref MessagePackReader r) => r.ReadInt16());
            CheckWidth(value, int.MinValue, int.MaxValue, bytes, (ref MessagePackReader r) => r.ReadInt32());
            CheckWidth(value, long.MinValue, long.MaxValue, bytes, (ref MessagePackReader r) => r.ReadInt64());
            CheckWidth(value, 0, byte.MaxValue, bytes, (ref MessagePackReader r) => r.ReadByte());
            CheckWidth(value, 0, ushort.MaxValue, bytes, (ref MessagePackReader r) => r.ReadUInt16());
            CheckWidth(value, 0, uint.MaxValue, bytes, (ref MessagePackReader r) => r.ReadUInt32());
            CheckWidth(value, 0, ulong.MaxValue, bytes, (ref MessagePackReader r) => r.ReadUInt64());
        }

        byte[] largest = Samples.Write((ref MessagePackWriter w) => w.Write(ulong.MaxValue));
        Assert.Equal(9, MessagePackWriter.GetEncodedLength(ulong.MaxValue));
        Assert.Equal(ulong.MaxValue, Samples.Read(largest, (ref MessagePackReader r) => r.ReadUInt64()));
        Assert.Throws<OverflowException>(() => Samples.Read(largest, (ref MessagePackReader r) => r.ReadInt64()));
    }

    [Fact]
    public void Every_overload_writes_the_same_shortest_form()
    {
        Assert.Equal([0x7f], Samples.Write((ref MessagePackWriter w) => w.Write((byte)127)));
        Assert.Equal([0xcc, 0xff], Samples.Write((ref MessagePackWriter w) => w.Write((byte)255)));
        Assert.Equal([0xcd, 1, 0], Samples.Write((ref MessagePackWriter w) => w.Write((ushort)256)));
        Assert.Equal([0xcd, 0x26, 0x3a], Samples.Write((ref MessagePackWriter w) => w.Write('\u263a')));
        Assert.Equal([0x01], Samples.Write((ref MessagePackWriter w) => w.Write(1u)));
        Assert.Equal([0xe0], Samples.Write((ref MessagePackWriter w) => w.Write((sbyte)-32)));
        Assert.Equal([0xd0, 0xdf], Samples.Write((ref MessagePackWriter w) => w.Write((short)-33)));
        Assert.Equal([0xce, 0, 1, 0, 0], Samples.Write((ref MessagePackWriter w) => w.Write(65536)));
        Assert.Equal([0xcc, 1], Samples.Write((ref MessagePackWriter w) => w.WriteUInt8(1)));
        Assert.Equal([0xcd, 0, 1], Samples.Write((ref MessagePackWriter w) => w.WriteUInt16(1)));
        Assert.Equal([0xce, 0, 0, 0, 1], Samples.Write((ref MessagePackWriter w) => w.WriteUInt32(1)));
        Assert.Equal([0xcf, 0, 0, 0, 0, 0, 0, 0, 1], Samples.Write((ref MessagePackWriter w) => w.WriteUInt64(1)));
        Assert.Equal([0xd0, 0xff], Samples.Write((ref MessagePackWriter w) => w.WriteInt8(-1)));
        Assert.Equal([0xd1, 0xff, 0xff], Samples.Write((ref MessagePackWriter w) => w.WriteInt16(-1)));
        Assert.Equal([0xd2, 0, 0, 0, 1], Samples.Write((ref MessagePackWriter w) => w.WriteInt32(1)));
        Assert.Equal([0xd3, 0, 0, 0, 0, 0, 0, 0, 1], Samples.Write((ref MessagePackWriter w) => w.WriteInt64(1)));
        Assert.Equal([0xc0], Samples.Write((ref MessagePackWriter w) => w.WriteNil()));
        Assert.Equal([0xc2, 0xc3], Samples.Write((ref MessagePackWriter w) =>
        {
            w.Write(false);
            w.Write(true);
        }));
        Assert.Equal([0xca, 0x3f, 0xc0, 0, 0], Samples.Write((ref MessagePackWriter w) => w.Write(1.5f)));
        Assert.Equal([0xcb, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0], Samples.Write((ref MessagePackWriter w) => w.Write(1.5)));
        Assert.Equal([0xc0, 0xc0], Samples.Write((ref MessagePackWriter w) =>
        {
            w.Write((string?)null);
            w.Write((byte[]?)null);
        }));
    }

    [Theory]
    [InlineData(0, 1, 2, 1, 1, 3)]
    [InlineData(1, 1, 2, 1, 1, 2)]
    [InlineData(15, 1, 2, 1, 1, 3)]
    [InlineData(16, 1, 2, 3, 3, 2)]
    [InlineData(31, 1, 2, 3, 3, 3)]
    [InlineData(32, 2, 2, 3, 3, 3)]
    [InlineData(255, 2, 2, 3, 3, 3)]
    [InlineData(256, 3, 3, 3, 3, 4)]
    [InlineData(65535, 3, 3, 3, 3, 4)]
    [InlineData(65536, 5, 5, 5, 5, 6)]
    public void Lengths_are_written_shortest(int length, int str, int bin, int array, int map, int ext)
    {
        Check(str, (ref MessagePackWriter w) => w.WriteStringHeader(length));
        Check(bin, (ref MessagePackWriter w) => w.WriteBinHeader(length));
        Check(array, (ref MessagePackWriter w) => w.WriteArrayHeader(length));
        Check(map, (ref MessagePackWriter w) => w.WriteMapHeader(length));
        Check(ext, (ref MessagePackWriter w) => w.WriteExtensionFormatHeader(new ExtensionHeader(-2, length)));
        byte[] body = Enumerable.Repeat((byte)'x', length).ToArray();
        Assert.Equal(str + length, Samples.Write((ref MessagePackWriter w) => w.Write(new string('x', length))).Length);
        Assert.Equal(str + length, Samples.Write((ref MessagePackWriter w) => w.WriteString(body)).Length);
        byte[] written = Samples.Write((ref MessagePackWriter w) => w.Write(body));
        Assert.Equal(bin + length, written.Length);
        Assert.Equal(body, Samples.Read(written, (ref MessagePackReader r) => r.ReadBytes()!.Value.ToArray()));
        Assert.Equal(length, Samples.Read([.. written, .. body], (ref MessagePackReader r) =>
        {
            long bytes = r.ReadBytes()!.Value.Length;
            r.ReadRaw(length);
            return bytes;
        }));

        static void Check(int expected, WriteAction write) => Assert.Equal(expected, Samples.Write(write).Length);
    }

    [Fact]
    public void Text_is_UTF8_and_may_lie_in_pieces()
    {
        const string text = "Löwe 🦁 獅子";
        byte[] bytes = Samples.Write((ref MessagePackWriter w) => w.Write(text));
        Assert.Equal(text, Samples.Read(bytes, (ref MessagePackReader r) => r.ReadString()));
        Assert.Equal(text, Samples.Read(Samples.InPieces(bytes), (ref MessagePackReader r) => r.ReadString()));
        Assert.True(Samples.Read(
            bytes, (ref MessagePackReader r) => r.TryReadStringSpan(out ReadOnlySpan<byte> span) && span.Length > 12));
        var pieces = new MessagePackReader(Samples.InPieces(bytes));
        Assert.False(pieces.TryReadStringSpan(out _));
        Assert.Equal(0, pieces.Consumed);
        Assert.Equal(text, pieces.ReadString());
    }

    [Fact]
    public void A_peek_reader_leaves_the_position()
    {
        byte[] bytes = Samples.Write((ref MessagePackWriter w) =>
        {
            w.WriteArrayHeader(2);
            w.Write(5);
            w.WriteNil();
        });
        var reader = new MessagePackReader(bytes);
        MessagePackReader peek = reader.CreatePeekReader();
        peek.Skip();
        Assert.True(peek.End);
        Assert.Equal(0, reader.Consumed);
        Assert.Equal(2, reader.ReadArrayHeader());
        Assert.False(reader.TryReadNil());
        Assert.Equal(5, reader.ReadInt32());
        Assert.True(reader.IsNil);
        Assert.True(reader.TryReadNil());
        Assert.True(reader.End);
    }

    [Fact]
    public void Nesting_is_bounded()
    {
        byte[] deep = Enumerable.Repeat((byte)0x91, 100_000).Append((byte)0xc0).ToArray();
        Assert.Throws<InsufficientExecutionStackException>(() => Samples.Read(deep, (ref MessagePackReader r) =>
        {
            r.Skip();
            return 0;
        }));
        byte[] allowed = Enumerable.Repeat((byte)0x91, 400).Append((byte)0xc0).ToArray();
        Assert.Equal(401, Samples.Read(allowed, (ref MessagePackReader r) => r.ReadRaw().Length));
    }

    static void Expect(bool readable, ReadOnlySequence<byte> bytes, Reading read)
    {
        var reader = new MessagePackReader(bytes);
        Exception? thrown = null;
        try
        {
            read(ref reader);
        }
        catch (Exception e) when (e is MessagePackSerializationException or OverflowException)
        {
            thrown = e;
        }

        Assert.Equal(readable, thrown is null or OverflowException);
    }

    static MessagePackType Kind(byte code) => code switch
    {
        <= 0x7f or >= 0xe0 or (>= 0xcc and <= 0xd3) => MessagePackType.Integer,
        <= 0x8f or 0xde or 0xdf => MessagePackType.Map,
        <= 0x9f or 0xdc or 0xdd => MessagePackType.Array,
        <= 0xbf or 0xd9 or 0xda or 0xdb => MessagePackType.String,
        0xc0 => MessagePackType.Nil,
        0xc1 => MessagePackType.Unknown,
        0xc2 or 0xc3 => MessagePackType.Boolean,
        0xc4 or 0xc5 or 0xc6 => MessagePackType.Binary,
        0xca or 0xcb => MessagePackType.Float,
        _ => MessagePackType.Extension,
    };

    static IEnumerable<long> Edges()
    {
        foreach (int shift in new[] { 0, 4, 5, 6, 7, 8, 15, 16, 31, 32, 62, 63 })
            for (long near = -2; near <= 2; near++)
            {
                yield return unchecked((1L << shift) + near);
                yield return unchecked(-(1L << shift) + near);
            }
    }

    static int Shortest(long value) => value switch
    {
        >= -32 and <= 127 => 1,
        >= -128 and <= 255 => 2,
        >= -32768 and <= 65535 => 3,
        >= int.MinValue and <= uint.MaxValue => 5,
        _ => 9,
    };

    static void CheckWidth<T>(long value, decimal least, decimal most, byte[] bytes, ReadAction<T> read)
        where T : struct
    {
        if (value >= least && value <= most)
            Assert.Equal(value, Convert.ToInt64(Samples.Read(bytes, read)));
        else
            Assert.Throws<OverflowException>(() => Samples.Read(bytes, read));
    }

    delegate void Reading(ref MessagePackReader reader);
}
