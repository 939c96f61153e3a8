using System.Buffers;
using DecentralizedLion.Codecs;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Simulated;

namespace DecentralizedLion.Topology.Tests.Commit;

/// <summary>Records of every shape come back as they are, and what no ring decides is none.</summary>
public sealed class ShapeRecordTests
{
    const int Parameters = 150;

    public static TheoryData<MethodShape> Shapes => [.. Enum.GetValues<MethodShape>()];

    [Theory]
    [MemberData(nameof(Shapes))]
    public void What_was_written_reads_back_and_nothing_shorter_or_longer_does(MethodShape shape)
    {
        Func<long, IReadOnlyList<StepPart>> parts = MethodShapes.PartsOf(shape, Parameters);
        foreach (int voters in (int[])[0, 1, 2, 3])
        {
            foreach (bool zeros in (bool[])[false, true])
            {
                StepRecord record = ShapeRecords.Of(shape, 5, Parameters, ChainDigest.Of([1]), voters, zeros);
                byte[] bytes = Write(record);
                Assert.InRange(bytes.Length + ChainDigest.Length, 0, StepRecord.Longest(parts(5), 3));
                if (record.Parts.All(part => part.Zeros is null))
                    Assert.InRange(StepRecord.Planes(parts(5), voters), bytes.Length - 128, bytes.Length);
                StepRecord read = Assert.IsType<StepRecord>(StepRecord.TryRead(bytes, parts, record.Digest));
                Assert.Equal(bytes, Write(read));
                Assert.Equal(record.Digest, read.ChainedTo(ChainDigest.Of([1])).Digest);
                Assert.Null(StepRecord.TryRead((byte[])[.. bytes, 0, 0, 0, 0, 0, 0, 0, 0], parts, record.Digest));
                for (int length = 0; length < bytes.Length; length++)
                    Assert.Null(StepRecord.TryRead(bytes.AsMemory(0, length), parts, record.Digest));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Records_of_another_shape_are_none(MethodShape shape)
    {
        StepRecord record = ShapeRecords.Of(shape, 5, Parameters, default, voters: 3, zeros: true);
        foreach (MethodShape other in Enum.GetValues<MethodShape>())
        {
            if (other != shape)
                Assert.Null(StepRecord.TryRead(Write(record), MethodShapes.PartsOf(other, Parameters), record.Digest));
        }
    }

    [Fact]
    public void Planes_that_no_ring_decides_are_no_record()
    {
        AssertNone(MethodShape.Mean, planes => Floats.Of(planes)[7] = float.NaN);
        AssertNone(MethodShape.Mean, planes => Floats.Of(planes)[Parameters] = 1); // beyond the last
        AssertNone(MethodShape.Sparse, planes => planes[2] = SparseGather.Entry(Parameters, 1));
        AssertNone(MethodShape.Sparse, planes => planes[2] = SparseGather.Entry(1, float.PositiveInfinity));
        AssertNone(MethodShape.Ternary, planes => planes.Fill(ulong.MaxValue)); // seven of three voters
        AssertNone(MethodShape.Average, planes => planes[^1] |= 1UL << 63);
    }

    /// <summary>The previous verdict is the first part's, whatever else the step carried.</summary>
    [Fact]
    public void A_piece_beside_a_vote_is_not_remembered()
    {
        StepRecord record = ShapeRecords.Of(MethodShape.VoteAndPiece, 5, Parameters, default);
        ulong[] previous = new ulong[record.Signs.Length];
        record.RememberIn(previous);
        Assert.Equal(record.Parts[0].Planes, previous);
        Assert.Equal(2, record.Parts.Length);
    }

    delegate void Change(Span<ulong> planes);

    static void AssertNone(MethodShape shape, Change change)
    {
        StepRecord record = ShapeRecords.Of(shape, 5, Parameters, default);
        Func<long, IReadOnlyList<StepPart>> parts = MethodShapes.PartsOf(shape, Parameters);
        Assert.NotNull(StepRecord.TryRead(Write(record), parts, default));
        change(record.Parts[0].Planes);
        Assert.Null(StepRecord.TryRead(Write(record), parts, default));
    }

    static byte[] Write(StepRecord record)
    {
        var output = new ArrayBufferWriter<byte>();
        record.Write(output);
        return output.WrittenSpan.ToArray();
    }
}
