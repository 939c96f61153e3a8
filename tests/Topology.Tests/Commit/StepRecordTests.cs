using System.Buffers;
using System.Security.Cryptography;
using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Commit;
using FsCheck.Xunit;
using MessagePack;

namespace DecentralizedLion.Topology.Tests.Commit;

public sealed class StepRecordTests
{
    static readonly StepRecord Sample = new(300, 2, 7, PeerSet.Of(0, 2, 9, 11), PeerSet.Of(0, 2, 9),
        [.. new[] { 0.5f, 1.5f, 2.5f }.Select(BitConverter.SingleToUInt32Bits)], BitConverter.SingleToUInt32Bits(0.001f),
        BitConverter.SingleToUInt32Bits(0.1f), [new Aggregate([0x0123456789abcdef, 0x5], null)], default);

    static readonly Func<long, IReadOnlyList<Bucket>> vote = Buckets.Vote(100);

    // Written down from the format: array of 12, then each field, the last an array of lengths; the majority's words are
    // little-endian.
    const string Bytes =
        "9c" + "03" + "cd012c" + "02" + "07" + "c4040002090b" + "c403000209" + "c40c" + "0000003f" + "0000c03f" + "00002040"
        + "ce3a83126f" + "ce3dcccccd" + "9090" + "920200" + "efcdab8967452301" + "0500000000000000";

    [Fact]
    public void The_format_is_written_down_byte_by_byte()
    {
        Assert.Equal(Bytes, Convert.ToHexStringLower(Write(Sample)));
        byte[] withZeros = Write(WithZeros(0x10, 0x2));
        Assert.Equal(Bytes.Replace("920200ef", "920202ef") + "10000000000000000200000000000000",
            Convert.ToHexStringLower(withZeros));
    }

    [Fact]
    public void The_header_reads_back_field_by_field()
    {
        var reader = new MessagePackReader(Write(WithZeros(1, 0)));
        Assert.Equal(12, reader.ReadArrayHeader());
        Assert.Equal(StepRecord.Version, reader.ReadInt32());
        Assert.Equal(300, reader.ReadInt64());
        Assert.Equal(2, reader.ReadInt32());
        Assert.Equal(7UL, reader.ReadUInt64());
        Assert.Equal([0, 2, 9, 11], reader.ReadBytes()!.Value.ToArray());
        Assert.Equal([0, 2, 9], reader.ReadBytes()!.Value.ToArray());
        Assert.Equal(12, reader.ReadBytes()!.Value.Length);
        Assert.Equal(Sample.LearningRateBits, reader.ReadUInt32());
        Assert.Equal(Sample.WeightDecayBits, reader.ReadUInt32());
        Assert.Equal(0, reader.ReadArrayHeader());
        Assert.Equal(0, reader.ReadArrayHeader());
        Assert.Equal(2, reader.ReadArrayHeader());
        Assert.Equal(2, reader.ReadInt32());
        Assert.Equal(2, reader.ReadInt32());
        Assert.Equal(32, reader.Sequence.Slice(reader.Position).Length);
    }

    [Fact]
    public void The_digest_is_pinned()
    {
        Digest digest = Sample.WithDigestAfter(Digest.Of([1, 2, 3])).Digest;
        Assert.Equal(GoldenDigest, digest.ToString());
        byte[] previous = SHA256.HashData([1, 2, 3]);
        Assert.Equal(SHA256.HashData([.. previous, .. Write(Sample)]), digest.Bytes.ToArray());
        StepRecord zeros = WithZeros(0x10, 0x2);
        Assert.Equal(SHA256.HashData([.. previous, .. Write(zeros)]),
            zeros.WithDigestAfter(Digest.Of([1, 2, 3])).Digest.Bytes.ToArray());
    }

    [Fact]
    public void The_digest_depends_on_every_field()
    {
        StepRecord[] variants =
        [
            Sample, Sample with { Step = 301 }, Sample with { View = 3 }, Sample with { RunId = 8 },
            Sample with { Members = PeerSet.Of(0, 2, 9, 12) }, Sample with { Voters = PeerSet.Of(0, 2, 8) },
            Sample with { LossBits = [.. Sample.LossBits.Reverse()] },
                Sample with { LearningRateBits = Sample.LearningRateBits + 1 },
            Sample with { WeightDecayBits = Sample.WeightDecayBits + 1 },
            Sample with { Buckets = [.. Sample.Buckets, new Aggregate([], null)] }, WithSigns(0x0123456789abcdef, 0x4),
                WithSigns(0x0123456789abcdee, 0x5),
            WithZeros(0, 0), WithZeros(0, 1), WithZeros(1, 0), WithSigns(0x0123456789abcdef, 0x5, 0, 0),
            Sample with { Buckets = [new Aggregate([0x0123456789abcdef], null), new Aggregate([0x5], null)] },
            Weighed, Weighed with { Batches = [8, 16, 8, 25] }, Weighed with { NextBatches = [8, 17, 8, 24] },
        ];
        var digests = variants.Select(record => record.WithDigestAfter(default).Digest)
            .Append(Sample.WithDigestAfter(Digest.Of([])).Digest).ToList();
        Assert.Equal(digests.Count, digests.Distinct().Count());
        Assert.Equal(Sample.WithDigestAfter(default).Digest,
            (Sample with { Digest = Digest.Of([9]) }).WithDigestAfter(default).Digest);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_was_written_reads_back_and_nothing_else_does(bool zeros)
    {
        StepRecord sample = (zeros ? WithZeros(0x10, 0x2) : Sample).WithDigestAfter(Digest.Of([1]));
        byte[] bytes = Write(sample);
        StepRecord read = Assert.IsType<StepRecord>(StepRecord.TryRead(bytes, vote, sample.Digest));
        Assert.Equal(bytes, Write(read));
        Assert.Equal(sample.Digest, read.WithDigestAfter(Digest.Of([1])).Digest);
        Assert.Null(StepRecord.TryRead(bytes, Buckets.Vote(129), sample.Digest));
        Assert.Null(StepRecord.TryRead(bytes, Buckets.Vote(66), sample.Digest)); // what is beyond the last parameter is zero
        Assert.Null(StepRecord.TryRead((byte[])[.. bytes, 0], vote, sample.Digest));
        for (int length = 0; length < bytes.Length; length++)
            Assert.Null(StepRecord.TryRead(bytes.AsMemory(0, length), vote, sample.Digest));
        byte[] stranger = Write(sample with { Members = PeerSet.Of(0, 2) });
        Assert.Null(StepRecord.TryRead(stranger, vote, sample.Digest)); // a voter that is no member
    }

    [Fact]
    public void Batches_are_written_and_read_and_say_how_many_planes_there_are()
    {
        Assert.Equal(Bytes.Replace("9090920200", "9408100818" + "9408100819" + "920200"),
            Convert.ToHexStringLower(Write(Weighed)));
        Assert.Equal(new VoteTotal(3, 4), Weighed.Total); // 1, 2 and 1; the fourth, of 3, has not voted
        Assert.Equal((8 * 0.5 + 16 * 1.5 + 8 * 2.5) / 32, Weighed.MeanLoss);
        Func<long, IReadOnlyList<Bucket>> average = Buckets.Always(new Bucket(new SignAverage(), 100));
        StepRecord counts = Weighed with { Buckets = [new Aggregate([1, 0, 2, 0, 4, 0], null)] };
        StepRecord read = Assert.IsType<StepRecord>(StepRecord.TryRead(Write(counts), average, default));
        Assert.Equal(Write(counts), Write(read));
        Assert.Equal(Weighed.Batches, read.Batches);
        Assert.Equal(Weighed.NextBatches, read.NextBatches);
        Assert.InRange(Write(counts).Length, 0, StepRecord.LengthMax(average(1), 4));
        Assert.Null(StepRecord.TryRead(Write(counts with { Batches = [8, 8, 8, 24] }), average, default)); // of three votes
        Assert.Null(StepRecord.TryRead(Write(Weighed with { Buckets = [new Aggregate([1, 0, 1, 0, 1, 0], null)] }), average,
            default)); // more votes than four
        Assert.Null(StepRecord.TryRead(Write(Weighed with { Batches = [8, 16, 8] }), vote, default));
        Assert.Null(StepRecord.TryRead(Write(Weighed with { NextBatches = [] }), vote, default));
        Assert.Null(StepRecord.TryRead(Write(Weighed with { Batches = [8, 16, 8, 1_000_001] }), vote, default));
        Assert.Null(StepRecord.TryRead(Write(Weighed with { NextBatches = [8, 16, -1, 24] }), vote, default));
    }

    [Fact]
    public void A_majority_beyond_the_last_parameter_or_of_two_minds_is_no_record()
    {
        Assert.Null(StepRecord.TryRead(Write(WithSigns(0, 1UL << 36)), vote, default));
        Assert.NotNull(StepRecord.TryRead(Write(WithSigns(0, 1UL << 35)), vote, default));
        Assert.Null(StepRecord.TryRead(Write(WithZeros(0, 1UL << 63)), vote, default));
        Assert.Null(StepRecord.TryRead(Write(WithZeros(0x1, 0)), vote, default)); // +1 and zero at once
        Assert.NotNull(StepRecord.TryRead(Write(WithZeros(0x10, 0)), vote, default));
    }

    [Property]
    public void Damaged_bytes_are_another_record_or_none(int seed)
    {
        var random = new Random(seed);
        byte[] bytes = Write(Sample);
        for (int i = random.Next(1, 4); i > 0; i--)
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        if (StepRecord.TryRead(bytes, vote, default) is { } read)
            Assert.Equal(2, read.Signs.Length);
    }

    [Fact]
    public void A_field_that_claims_more_than_any_message_holds_is_no_record()
    {
        byte[] bytes = Write(Sample);
        int header = bytes.Length - Sample.Signs.Length * sizeof(ulong);
        foreach (byte[] hostile in HostileHeaders.All)
        {
            for (int at = 0; at < header; at++)
            {
                Assert.Null(StepRecord.TryRead((byte[])[.. bytes[..at], .. hostile], vote, default));
                Assert.Null(StepRecord.TryRead((byte[])[.. bytes[..at], .. hostile, .. bytes[at..]], vote, default));
            }
        }
    }

    [Fact]
    public void The_previous_majority_stays_where_a_majority_is_zero()
    {
        ulong[] previous = [0b1100, 1];
        (Sample with { Buckets = [new Aggregate([0b0010, 0], [0b1001, 1])] }).UpdatePreviousSigns(previous);
        Assert.Equal([0b1010UL, 1UL], previous);
        Sample.UpdatePreviousSigns(previous);
        Assert.Equal(Sample.Signs, previous);
    }

    [Fact]
    public void Rates_and_mean_loss()
    {
        Assert.Equal((0.001f, 0.1f, 1.5), (Sample.LearningRate, Sample.WeightDecay, Sample.MeanLoss));
        Assert.True(double.IsNaN((Sample with { Voters = default, LossBits = [] }).MeanLoss));
    }

    static StepRecord Weighed => Sample with { Batches = [8, 16, 8, 24], NextBatches = [8, 16, 8, 25] };

    static StepRecord WithSigns(params ulong[] signs) => Sample with { Buckets = [new Aggregate(signs, null)] };

    static StepRecord WithZeros(params ulong[] zeros) => Sample with { Buckets = [new Aggregate(Sample.Signs, zeros)] };

    static byte[] Write(StepRecord record)
    {
        var output = new ArrayBufferWriter<byte>();
        record.Write(output);
        return output.WrittenSpan.ToArray();
    }

    const string GoldenDigest = "6637b91f82c112c2079d00e306edde39063308ce7bb5ba21a97d53b156be7dc1";
}
