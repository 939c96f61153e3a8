using DecentralizedLion.Codecs;
using DecentralizedLion.Models.Sampling;
using FsCheck.Xunit;

namespace DecentralizedLion.Models.Tests.Sampling;

public sealed class DirichletTests
{
    [Property(MaxTest = 1000)]
    public void Log_and_exp_are_the_librarys_but_for_the_last_bits(ulong bits)
    {
        var x = BitConverter.UInt64BitsToDouble(bits & 0x7FFF_FFFF_FFFF_FFFF);
        if (double.IsNormal(x))
            Assert.Equal(0, (DeterministicMath.Log(x) - Math.Log(x)) / Math.Max(1, Math.Abs(Math.Log(x))), 1e-15);
        var y = 700 - ((bits >> 11) * (1408.0 / (1L << 53)));
        Assert.Equal(1, DeterministicMath.Exp(y) / Math.Exp(y), 1e-14);
    }

    [Fact]
    public void Log_and_exp_at_their_limits()
    {
        Assert.Equal(0, DeterministicMath.Log(1));
        Assert.Equal(1, DeterministicMath.Exp(0));
        Assert.Equal(0, DeterministicMath.Exp(-1e300));
        Assert.Equal(0, DeterministicMath.Exp(double.NegativeInfinity));
        foreach (var x in new[] { 0, -1, double.NaN, double.PositiveInfinity, double.Epsilon })
            Assert.Throws<ArgumentOutOfRangeException>(() => DeterministicMath.Log(x));
        Assert.Throws<ArgumentOutOfRangeException>(() => DeterministicMath.Exp(701));
        Assert.Throws<ArgumentOutOfRangeException>(() => DeterministicMath.Exp(double.NaN));
    }

    /// <summary>A gamma variate's mean and variance are alpha; 20,000 of them come within five deviations.</summary>
    [Theory]
    [InlineData(0.1)]
    [InlineData(0.5)]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(50)]
    public void Variates_have_the_mean_and_variance_of_a_gamma_distribution(double alpha)
    {
        const int count = 20_000;
        var all = Enumerable.Range(0, count)
            .Select(i => Math.Exp(Dirichlet.LogGamma(alpha, SplitMix.Bits(7, (ulong)i)))).ToArray();
        var mean = all.Average();
        Assert.Equal(alpha, mean, 5 * Math.Sqrt(alpha / count));
        // The fourth central moment is 3α² + 6α.
        Assert.Equal(alpha, all.Average(x => (x - mean) * (x - mean)),
            5 * Math.Sqrt(((2 * alpha * alpha) + (6 * alpha)) / count));
    }

    [Property]
    public void All_is_divided(ushort things, byte among, ulong key)
    {
        foreach (var alpha in new[] { 0.001, 0.1, 1, 1e6 })
        {
            var counts = Dirichlet.Divide(things, alpha, 1 + among, key);
            Assert.Equal(1 + among, counts.Length);
            Assert.Equal(things, counts.Sum());
            Assert.All(counts, count => Assert.True(count >= 0));
        }
    }

    /// <summary>These bits must never change: all machines must divide alike. A port to Python came to the same.</summary>
    [Theory]
    [InlineData(0.001, 1, 13864060029794799000UL)]
    [InlineData(0.5, 2, 13832898918339738380UL)]
    [InlineData(1, 3, 13835516263894618917UL)]
    [InlineData(100, 4, 4616800051873020805UL)]
    public void The_bits_are_pinned(double alpha, ulong key, ulong bits) =>
        Assert.Equal(bits, BitConverter.DoubleToUInt64Bits(Dirichlet.LogGamma(alpha, key)));
}
