using System.Buffers;
using DecentralizedLion.Codecs.Wire;
using MessagePack;

namespace DecentralizedLion.Codecs.Tests.Wire;

/// <summary>The parsers of frames and files rest on this: the package's reader refuses bytes only by what we catch.</summary>
public sealed class MessagePackReadingTests
{
    delegate void Read(ref MessagePackReader reader);

    static readonly Dictionary<string, Read> reads = new()
    {
        ["array"] = (ref MessagePackReader reader) => reader.ReadArrayHeader(),
        ["boolean"] = (ref MessagePackReader reader) => reader.ReadBoolean(),
        ["byte"] = (ref MessagePackReader reader) => reader.ReadByte(),
        ["int 32"] = (ref MessagePackReader reader) => reader.ReadInt32(),
        ["int 64"] = (ref MessagePackReader reader) => reader.ReadInt64(),
        ["uint 32"] = (ref MessagePackReader reader) => reader.ReadUInt32(),
        ["uint 64"] = (ref MessagePackReader reader) => reader.ReadUInt64(),
        ["nil"] = (ref MessagePackReader reader) => reader.TryReadNil(),
        ["binary"] = (ref MessagePackReader reader) => reader.ReadBinary(),
        ["text"] = (ref MessagePackReader reader) => reader.ReadUtf8(),
    };

    public static TheoryData<string> Names => [.. reads.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void No_bytes_bring_another_exception_or_more_memory_than_a_refusal_takes(string name)
    {
        byte[][] rests =
        [
            [], [0], [0xff], [0xff, 0xff], new byte[3], new byte[64], [.. Enumerable.Repeat((byte)0xff, 64)],
            HostileHeaders.Nested(5000, isLong: true), .. HostileHeaders.All.Select(header => header[1..]),
            .. HostileHeaders.All.Select(header => (byte[])[.. header[1..], .. new byte[300]]),
        ];
        int refused = 0;
        long most = 0;
        for (int round = 0; round < 2; round++)
        {
            for (int code = 0; code < 256; code++)
            {
                foreach (byte[] rest in rests)
                {
                    byte[] bytes = [(byte)code, .. rest];
                    long before = GC.GetAllocatedBytesForCurrentThread();
                    var reader = new MessagePackReader(bytes);
                    try
                    {
                        reads[name](ref reader);
                        Assert.InRange(reader.Consumed, 0, bytes.Length);
                    }
                    catch (Exception e) when (MessagePackReading.IsMalformed(e))
                    {
                        refused++;
                    }
                    // What is made once, such as an exception's text, is made in the first round.
                    most = round == 0 ? 0 : Math.Max(most, GC.GetAllocatedBytesForCurrentThread() - before);
                }
            }
        }
        Assert.InRange(most, 0, 16 << 10);
        Assert.Equal(name == "nil", refused == 0);
        Assert.Throws<EndOfStreamException>(() =>
        {
            var reader = new MessagePackReader(ReadOnlyMemory<byte>.Empty);
            reads[name](ref reader);
        });
    }

    [Theory]
    [InlineData("c680000000", typeof(MessagePackSerializationException))]
    [InlineData("c6ffffffff0102030405", typeof(MessagePackSerializationException))]
    [InlineData("c67fffffff0102030405", typeof(EndOfStreamException))]
    [InlineData("c403", typeof(EndOfStreamException))]
    [InlineData("93010203", typeof(MessagePackSerializationException))]
    public void Bytes_with_a_length_that_cannot_be_are_refused(string hex, Type exception)
    {
        byte[] bytes = Convert.FromHexString(hex);
        Assert.Throws(exception, () =>
        {
            var reader = new MessagePackReader(bytes);
            reader.ReadBinary();
        });
        if (bytes[0] != 0xc6)
            return;
        bytes[0] = 0xdb;
        Assert.Throws(exception, () =>
        {
            var reader = new MessagePackReader(bytes);
            reader.ReadUtf8();
        });
    }

    [Fact]
    public void An_array_is_not_believed_before_as_many_bytes_follow()
    {
        foreach (byte[] header in HostileHeaders.All.Where(header => header[0] == 0xdd))
        {
            Assert.Throws<EndOfStreamException>(() =>
            {
                var reader = new MessagePackReader((byte[])[.. header, .. new byte[1000]]);
                reader.ReadArrayHeader();
            });
        }
    }

    [Fact]
    public void Bytes_and_texts_come_back_and_nil_is_null()
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(output);
        writer.Write((ReadOnlySpan<byte>)[1, 2, 3]);
        writer.Write("é");
        writer.WriteNil();
        writer.WriteNil();
        writer.Flush();
        var reader = new MessagePackReader(output.WrittenMemory);
        Assert.Equal([1, 2, 3], reader.ReadBinary()!.Value.ToArray());
        Assert.Equal([0xc3, 0xa9], reader.ReadUtf8()!.Value.ToArray());
        Assert.Null(reader.ReadBinary());
        Assert.Null(reader.ReadUtf8());
        Assert.True(reader.End);
    }

    [Fact]
    public void An_error_of_ours_is_no_malformed_message()
    {
        Exception[] ours =
        [
            new ArgumentOutOfRangeException(), new InvalidOperationException(), new NullReferenceException(),
            new OutOfMemoryException(), new InsufficientExecutionStackException(), new IndexOutOfRangeException(),
        ];
        Assert.DoesNotContain(ours, MessagePackReading.IsMalformed);
    }
}
