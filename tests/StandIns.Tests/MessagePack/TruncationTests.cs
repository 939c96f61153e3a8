using System.Buffers;
using MessagePack;

namespace DecentralizedLion.StandIns.Tests.MessagePack;

/// <summary>
/// Every value cut short anywhere is an EndOfStreamException. Behind the cut lie bytes that would complete it, so that a
/// reader that looks beyond its end succeeds and is found out.
/// </summary>
public sealed class TruncationTests
{
    public static TheoryData<byte> Codes => [.. Enumerable.Range(0, 256).Where(i => i != 0xc1).Select(i => (byte)i)];

    [Theory]
    [MemberData(nameof(Codes))]
    public void Every_cut_of_every_code_ends_the_stream(byte code)
    {
        byte[] whole = Samples.OfCode(code);
        for (int length = 0; length < whole.Length; length++)
        {
            var cut = new ReadOnlySequence<byte>(whole.AsMemory(0, length));
            Ends(cut, code, length);
            Ends(Samples.InPieces(whole.AsSpan(0, length)), code, length);
        }
    }

    [Theory]
    [InlineData(new byte[] { 0xdd, 0x7f, 0xff, 0xff, 0xff, 1 })]
    [InlineData(new byte[] { 0xdc, 0xff, 0xff, 1, 1 })]
    [InlineData(new byte[] { 0x92, 1 })]
    public void Arrays_are_not_believed_beyond_the_bytes(byte[] bytes) =>
        Assert.Throws<EndOfStreamException>(() => Samples.Read(bytes, (ref MessagePackReader r) => r.ReadArrayHeader()));

    [Theory]
    [InlineData(new byte[] { 0xdf, 0x7f, 0xff, 0xff, 0xff, 1 })]
    [InlineData(new byte[] { 0xde, 0xff, 0xff, 1, 1 })]
    [InlineData(new byte[] { 0x81, 1 })]
    public void Maps_are_not_believed_beyond_the_bytes(byte[] bytes) =>
        Assert.Throws<EndOfStreamException>(() => Samples.Read(bytes, (ref MessagePackReader r) => r.ReadMapHeader()));

    [Theory]
    [InlineData(new byte[] { 0xdd, 0xff, 0xff, 0xff, 0xff, 1 })]
    [InlineData(new byte[] { 0xdf, 0xff, 0xff, 0xff, 0xff, 1 })]
    public void A_count_beyond_int_is_refused(byte[] bytes)
    {
        Exception? thrown = Record.Exception(() => Samples.Read(bytes, (ref MessagePackReader r) =>
        {
            r.Skip();
            return 0;
        }));
        Assert.True(thrown is EndOfStreamException or OverflowException, $"{thrown}");
    }

    [Theory]
    [InlineData(new byte[] { 0xc6, 0xff, 0xff, 0xff, 0xff, 1 })]
    [InlineData(new byte[] { 0xc6, 0x7f, 0xff, 0xff, 0xff, 1 })]
    public void Bins_are_bounded_before_they_are_taken(byte[] bytes) =>
        Assert.Throws<EndOfStreamException>(() => Samples.Read(bytes, (ref MessagePackReader r) => r.ReadBytes()!.Value.Length));

    [Theory]
    [InlineData(new byte[] { 0xdb, 0xff, 0xff, 0xff, 0xff, 1 })]
    [InlineData(new byte[] { 0xdb, 0x7f, 0xff, 0xff, 0xff, 1 })]
    public void Strings_are_bounded_before_they_are_made(byte[] bytes)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<EndOfStreamException>(() => Samples.Read(bytes, (ref MessagePackReader r) => r.ReadString()));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1 << 20);
    }

    [Fact]
    public void Try_reads_of_a_cut_header_leave_the_position()
    {
        foreach (byte code in new byte[] { MessagePackCode.Array16, MessagePackCode.Array32 })
            Assert.True(Stays(code, (ref MessagePackReader r) => r.TryReadArrayHeader(out _)));
        foreach (byte code in new byte[] { MessagePackCode.Map16, MessagePackCode.Map32 })
            Assert.True(Stays(code, (ref MessagePackReader r) => r.TryReadMapHeader(out _)));
        foreach (byte code in new byte[] { MessagePackCode.Ext8, MessagePackCode.Ext16, MessagePackCode.Ext32 })
            Assert.True(Stays(code, (ref MessagePackReader r) => r.TryReadExtensionFormatHeader(out _)));
    }

    static bool Stays(byte code, ReadAction<bool> tryRead)
    {
        var reader = new MessagePackReader(new byte[] { code, 0 });
        return !tryRead(ref reader) && reader.Consumed == 0;
    }

    static void Ends(ReadOnlySequence<byte> cut, byte code, int length)
    {
        Must(cut, (ref MessagePackReader r) => r.Skip());
        Must(cut, (ref MessagePackReader r) => { r.ReadRaw(); });
        switch (MessagePackCode.ToMessagePackType(code))
        {
            case MessagePackType.Integer:
                Must(cut, (ref MessagePackReader r) => { r.ReadUInt64(); });
                Must(cut, (ref MessagePackReader r) => { r.ReadInt64(); });
                Must(cut, (ref MessagePackReader r) => { r.ReadByte(); });
                break;
            case MessagePackType.Float:
                Must(cut, (ref MessagePackReader r) => { r.ReadSingle(); });
                Must(cut, (ref MessagePackReader r) => { r.ReadDouble(); });
                break;
            case MessagePackType.String:
                Must(cut, (ref MessagePackReader r) => { r.ReadString(); });
                Must(cut, (ref MessagePackReader r) => { r.ReadStringSequence(); });
                Must(cut, (ref MessagePackReader r) => { r.TryReadStringSpan(out _); });
                break;
            case MessagePackType.Binary:
                Must(cut, (ref MessagePackReader r) => { r.ReadBytes(); });
                break;
            case MessagePackType.Array:
                Must(cut, (ref MessagePackReader r) => { r.ReadArrayHeader(); });
                break;
            case MessagePackType.Map:
                Must(cut, (ref MessagePackReader r) => { r.ReadMapHeader(); });
                break;
            case MessagePackType.Extension:
                Must(cut, (ref MessagePackReader r) => { r.ReadExtensionFormatHeader(); });
                break;
            default:
                Assert.Equal(0, length);
                Must(cut, (ref MessagePackReader r) => { _ = r.NextCode; });
                Must(cut, (ref MessagePackReader r) => { r.TryReadNil(); });
                Must(cut, (ref MessagePackReader r) => { r.ReadBoolean(); });
                break;
        }
    }

    static void Must(ReadOnlySequence<byte> cut, Reading read)
    {
        var reader = new MessagePackReader(cut);
        bool ended = false;
        try
        {
            read(ref reader);
        }
        catch (EndOfStreamException)
        {
            ended = true;
        }

        Assert.True(ended);
        Assert.True(reader.Consumed <= cut.Length);
    }

    delegate void Reading(ref MessagePackReader reader);
}
