using FsCheck.Xunit;

namespace DecentralizedLion.Codecs.Tests;

public sealed class DeterministicMathTests
{
    [Property(MaxTest = 1000)]
    public void Each_is_the_platforms_within_a_trillionth(int seed)
    {
        var random = new Random(seed);
        var x = Math.Exp((random.NextDouble() - 0.5) * 380);
        var y = random.NextDouble() * 64;
        Near(Math.Log2(x), DeterministicMath.Log2(x));
        Near(Math.Log2(1 + (y * 1e-6)), DeterministicMath.Log2(1 + (y * 1e-6)));
        Near(Math.Exp((y - 32) * 20 * Math.Log(2)), DeterministicMath.Exp2((y - 32) * 20), 4e-13);
        Near(Math.Tanh(x), DeterministicMath.Tanh(x));
        Near(Math.Tanh(-y / 8), DeterministicMath.Tanh(-y / 8));
        Near(Math.Tanh(y / 64), DeterministicMath.Tanh(y / 64));
        var power = Math.Pow(x, y);
        if (power > 1e-300)
            Near(power, DeterministicMath.Pow(x, y));
    }

    [Fact]
    public void The_ends_are_exact()
    {
        for (var n = -1022; n <= 1023; n++)
        {
            Assert.Equal(Math.ScaleB(1, n), DeterministicMath.Exp2(n));
            Assert.Equal(n, DeterministicMath.Log2(Math.ScaleB(1, n)));
        }

        Assert.Equal(0, DeterministicMath.Exp2(-1022.001));
        Assert.Equal(0, DeterministicMath.Exp2(double.NegativeInfinity));
        Assert.Equal(double.PositiveInfinity, DeterministicMath.Exp2(1024));
        Near(Math.ScaleB(Math.Pow(2, 0.75), 1023), DeterministicMath.Exp2(1023.75));
        Assert.Equal(-1074, DeterministicMath.Log2(double.Epsilon));
        Assert.Equal(0, DeterministicMath.Pow(0, 0.001));
        Assert.Equal(1, DeterministicMath.Pow(1, 63.9));
        Assert.Equal(0, DeterministicMath.Tanh(-0d));
        Assert.Equal(-1, DeterministicMath.Tanh(double.NegativeInfinity));
        Assert.Equal(1, DeterministicMath.Tanh(1e300));
        Assert.Equal(double.Epsilon, DeterministicMath.Tanh(double.Epsilon), 0.0);
    }

    [Fact]
    public void Tanh_rises_where_its_formulas_meet()
    {
        var last = -1.0;
        for (var z = -2.0; z <= 2; z += 1.0 / 8192)
        {
            Assert.True(DeterministicMath.Tanh(z) > last);
            last = DeterministicMath.Tanh(z);
        }

        Near(DeterministicMath.Tanh(Math.BitDecrement(0.5)), DeterministicMath.Tanh(0.5));
    }

    static void Near(double expected, double actual, double tolerance = 1e-12) =>
        Assert.True(
            expected == actual || Math.Abs(expected - actual) <= tolerance * Math.Abs(expected), $"{actual} is not {expected}");
}
