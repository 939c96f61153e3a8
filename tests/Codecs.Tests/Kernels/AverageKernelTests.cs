using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Kernels;

namespace DecentralizedLion.Codecs.Tests.Kernels;

public sealed class AverageKernelTests
{
    [Fact]
    public void Every_number_of_voters_averages_as_the_plain_loop_does()
    {
        for (var voters = 1; voters <= 65; voters++)
            foreach (var zeros in Samples.ZeroDensities)
                Check(voters, (voters * 37 % 500) + 1, zeros);
    }

    [Fact]
    public void Every_tail_averages_as_the_plain_loop_does()
    {
        for (var tail = 1; tail <= 64; tail++)
            Check(5, (64 * 3) + tail, tail % 2 == 0 ? Zeros.None : Zeros.Few);
    }

    [Fact]
    public void A_count_beyond_the_table_takes_no_step_and_reads_nothing_beyond_it()
    {
        foreach (var width in Samples.Widths)
        {
            float[] weights = [.. Enumerable.Repeat(1f, 64)], table = [5f, 6f, 7f];
            AverageKernel.Apply(weights, [ulong.MaxValue, ulong.MaxValue], 2, table, 1f, width);
            Assert.All(weights, weight => Assert.Equal(1f, weight));
        }
    }

    [Fact]
    public void Lengths_that_do_not_match_are_named()
    {
        Assert.Contains("table has 3", Assert.Throws<ArgumentException>(
            () => AverageKernel.FillTable(1, 3, false, new float[3])).Message);
        Assert.Contains("counts has 1", Assert.Throws<ArgumentException>(
            () => AverageKernel.Apply(new float[65], new ulong[1], 1, new float[2], 1)).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => AverageKernel.TableLength(0, true));
        Assert.Throws<ArgumentOutOfRangeException>(() => AverageKernel.Pack(new ulong[2], 2, [], 0, new ulong[2], 2));
    }

    static void Check(int voters, int parameters, Zeros density)
    {
        const float learningRate = 3e-4f, decay = 0.9997f;
        var random = new Random(voters);
        var words = BitPlanes.Words(parameters);
        var ballots = Enumerable.Range(0, voters).Select(_ => Samples.Ballot(random, parameters, density)).ToArray();
        var positive = ReferenceKernels.Counts(ballots, parameters, 1);
        var abstained = ReferenceKernels.Counts(ballots, parameters, 0);
        var sums = density != Zeros.None;
        int planes = BitPlanes.Width(voters), majorityPlanes = sums ? BitPlanes.Width(2 * voters) : planes;
        var majority = ReferenceKernels.Pack(positive, planes);
        if (sums)
        {
            var packed = Samples.Words(random, majorityPlanes * words);
            AverageKernel.Pack(majority, planes, ReferenceKernels.Pack(abstained, planes), planes, packed, majorityPlanes);
            Assert.Equal(ReferenceKernels.Pack([.. positive.Zip(abstained, (p, a) => (2 * p) + a)], majorityPlanes), packed);
            majority = packed;
        }

        var table = new float[AverageKernel.TableLength(voters, sums)];
        AverageKernel.FillTable(learningRate, voters, sums, table);
        var weights = Samples.Floats(random, parameters);
        var expected = new float[parameters];
        for (var i = 0; i < parameters; i++)
        {
            var k = (2 * positive[i]) + abstained[i] - voters;
            expected[i] = ReferenceKernels.Apply(weights[i], learningRate * k / voters, decay);
        }

        foreach (var width in Samples.Widths)
        {
            var applied = weights.ToArray();
            AverageKernel.Apply(applied, majority, majorityPlanes, table, decay, width);
            Assert.Equal(Samples.Bits(expected), Samples.Bits(applied));
        }
    }
}
