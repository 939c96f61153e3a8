using System.Buffers;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Simulation;

namespace DecentralizedLion.Topology.Tests.Commit;

/// <summary>Records of every shape come back as they are, and what no ring decides is none.</summary>
public sealed class StepKindRecordTests
{
    const int Parameters = 150;

    public static IEnumerable<object[]> Shapes => (TheoryData<StepKind>)[.. Enum.GetValues<StepKind>()];

    [Theory]
    [MemberData(nameof(Shapes))]
    internal void What_was_written_reads_back_and_nothing_shorter_or_longer_does(StepKind shape)
    {
        Func<long, IReadOnlyList<Bucket>> bucketsOf = StepKinds.BucketsOf(shape, Parameters);
        foreach (int voters in (int[])[0, 1, 2, 3])
        {
            foreach (bool zeros in (bool[])[false, true])
            {
                StepRecord record = StepKindRecords.Of(shape, 5, Parameters, Digest.Of([1]), voters, zeros);
                byte[] bytes = Write(record);
                Assert.InRange(bytes.Length + Digest.Length, 0, StepRecord.LengthMax(bucketsOf(5), 3));
                if (record.Buckets.All(bucket => bucket.Zeros is null))
                    Assert.InRange(StepRecord.PlaneBytes(bucketsOf(5), voters), bytes.Length - 128, bytes.Length);
                StepRecord read = Assert.IsType<StepRecord>(StepRecord.TryRead(bytes, bucketsOf, record.Digest));
                Assert.Equal(bytes, Write(read));
                Assert.Equal(record.Digest, read.WithDigestAfter(Digest.Of([1])).Digest);
                Assert.Null(StepRecord.TryRead((byte[])[.. bytes, 0, 0, 0, 0, 0, 0, 0, 0], bucketsOf, record.Digest));
                for (int length = 0; length < bytes.Length; length++)
                    Assert.Null(StepRecord.TryRead(bytes.AsMemory(0, length), bucketsOf, record.Digest));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    internal void Records_of_another_shape_are_none(StepKind shape)
    {
        StepRecord record = StepKindRecords.Of(shape, 5, Parameters, default, voters: 3, zeros: true);
        foreach (StepKind other in Enum.GetValues<StepKind>())
        {
            if (other != shape)
                Assert.Null(StepRecord.TryRead(Write(record), StepKinds.BucketsOf(other, Parameters), record.Digest));
        }
    }

    [Fact]
    public void Planes_that_no_ring_decides_are_no_record()
    {
        AssertNone(StepKind.Mean, planes => FloatReduction.Of(planes)[7] = float.NaN);
        AssertNone(StepKind.Mean, planes => FloatReduction.Of(planes)[Parameters] = 1); // beyond the last
        AssertNone(StepKind.Sparse, planes => planes[2] = SparseGather.Entry(Parameters, 1));
        AssertNone(StepKind.Sparse, planes => planes[2] = SparseGather.Entry(1, float.PositiveInfinity));
        AssertNone(StepKind.Ternary, planes => planes.Fill(ulong.MaxValue)); // seven of three voters
        AssertNone(StepKind.Average, planes => planes[^1] |= 1UL << 63);
    }

    /// <summary>The previous majority is the first part's, whatever else the step carried.</summary>
    [Fact]
    public void A_piece_beside_a_vote_is_not_remembered()
    {
        StepRecord record = StepKindRecords.Of(StepKind.VoteAndPiece, 5, Parameters, default);
        ulong[] previous = new ulong[record.Signs.Length];
        record.UpdatePreviousSigns(previous);
        Assert.Equal(record.Buckets[0].Planes, previous);
        Assert.Equal(2, record.Buckets.Length);
    }

    delegate void Change(Span<ulong> planes);

    static void AssertNone(StepKind shape, Change change)
    {
        StepRecord record = StepKindRecords.Of(shape, 5, Parameters, default);
        Func<long, IReadOnlyList<Bucket>> bucketsOf = StepKinds.BucketsOf(shape, Parameters);
        Assert.NotNull(StepRecord.TryRead(Write(record), bucketsOf, default));
        change(record.Buckets[0].Planes);
        Assert.Null(StepRecord.TryRead(Write(record), bucketsOf, default));
    }

    static byte[] Write(StepRecord record)
    {
        var output = new ArrayBufferWriter<byte>();
        record.Write(output);
        return output.WrittenSpan.ToArray();
    }
}
