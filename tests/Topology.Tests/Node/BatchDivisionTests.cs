using DecentralizedLion.Topology.Node;
using FsCheck.Xunit;

namespace DecentralizedLion.Topology.Tests.Node;

public sealed class BatchDivisionTests
{
    [Property(MaxTest = 300)]
    public void Shares_are_whole_sum_up_and_are_in_the_ratio_of_the_speeds(int seed)
    {
        var random = new Random(seed);
        int members = random.Next(1, 20), sum = random.Next(1, 2000);
        double[] seconds = [.. Enumerable.Range(0, members).Select(_ => Math.Pow(10, -4 * random.NextDouble()))];
        int[] shares = BatchDivision.BySpeed(sum, seconds);
        Assert.Equal(sum, shares.Sum());
        Assert.All(shares, share => Assert.InRange(share, sum >= members ? 1 : 0, sum));
        double fastest = seconds.Min(), whole = seconds.Sum(time => Math.Max(1 / time, 1 / (15 * fastest)));
        for (int i = 0; i < members; i++)
        {
            double exact = sum * Math.Max(1 / seconds[i], 1 / (15 * fastest)) / whole;
            Assert.InRange(shares[i], exact - members - 1, exact + members + 1);
            for (int k = 0; k < members; k++)
                Assert.True(seconds[i] <= seconds[k] || shares[i] <= shares[k] + 1, "who is slower has no more");
        }
    }

    [Fact]
    public void Examples()
    {
        Assert.Equal([40, 20, 4], BatchDivision.BySpeed(64, [0.001, 0.002, 0.01]));
        Assert.Equal([60, 4], BatchDivision.BySpeed(64, [0.001, 10])); // a fifteenth at least
        Assert.Equal(2, BatchDivision.BySpeed(2, [0.001, 0.002, 0.01]).Sum());
        Assert.Equal([3, 2, 3, 2], BatchDivision.Even(10, [1, 7, 0, 4]));
        Assert.Equal(0.06, BatchDivision.StepTime([40, 20, 4], [0.001, 0.003, 0.01]), 9);
    }
}
