using DecentralizedLion.Codecs.LionK;
using FsCheck.Xunit;

namespace DecentralizedLion.Codecs.Tests.LionK;

public sealed class KappaConjugateTests
{
    [Property]
    public void Fenchels_inequality_holds_in_the_domain(int seed, byte part)
    {
        var random = new Random(seed);
        var length = 1 + random.Next(100);
        float[] u = KappaSamples.Ordinary(random, length), y = KappaSamples.Ordinary(random, length);
        foreach (var kappa in KappaSamples.All)
        {
            // A point at any depth in the domain, its edge included.
            var inside = Scaled(y, part / 255.0 / Math.Max(1e-30, kappa.Gauge(y)));
            var sum = kappa.Value(u) + kappa.Conjugate(inside);
            Assert.True(double.IsFinite(sum));
            Assert.True(sum >= KappaSamples.Product(u, inside) - (1e-6 * (1 + KappaSamples.Size(u, inside))), $"{kappa}");
        }
    }

    [Property]
    public void It_is_an_equality_at_the_gradient(int seed)
    {
        var random = new Random(seed);
        var u = KappaSamples.Ordinary(random, random.Next(200));
        foreach (var kappa in KappaSamples.All)
        {
            var y = KappaSamples.Gradient(kappa, u);
            var sum = kappa.Value(u) + kappa.Conjugate(y);
            Assert.Equal(KappaSamples.Product(u, y), sum, 1e-6 * (1 + KappaSamples.Size(u, y)));
        }
    }

    [Property]
    public void Outside_of_the_domain_it_is_infinite(int seed)
    {
        var random = new Random(seed);
        var y = KappaSamples.Ordinary(random, 1 + random.Next(100));
        y[random.Next(y.Length)] = 1;
        foreach (var kappa in KappaSamples.All)
        {
            var gauge = kappa.Gauge(y);
            Assert.True(double.IsFinite(kappa.Conjugate(Scaled(y, 1 / gauge))));
            Assert.True(double.IsFinite(kappa.Conjugate(y, 1 / gauge)));
            Assert.Equal(double.PositiveInfinity, kappa.Conjugate(Scaled(y, (1 + 3e-6) / gauge)));
            Assert.Equal(double.PositiveInfinity, kappa.Conjugate(y, -(1 + 3e-6) / gauge));
            Assert.Equal(double.PositiveInfinity, kappa.Conjugate(Scaled(y, 100 / gauge)));
        }
    }

    [Property]
    public void The_gauge_is_the_dual_norm_and_a_norm_at_that(int seed)
    {
        var random = new Random(seed);
        var length = 1 + random.Next(100);
        float[] a = KappaSamples.Ordinary(random, length), b = KappaSamples.Ordinary(random, length);
        float[] sum = [.. a.Zip(b, (x, y) => x + y)];
        foreach (var kappa in KappaSamples.All)
        {
            Assert.True(kappa.Gauge(sum) <= (kappa.Gauge(a) + kappa.Gauge(b)) * (1 + 1e-6));
            Assert.Equal(3 * kappa.Gauge(a), kappa.Gauge(Scaled(a, -3)), 1e-5 * (1 + kappa.Gauge(a)));
        }
    }

    [Fact]
    public void Each_is_what_its_formula_says()
    {
        Check("sign", [-1, 0.5f], 1, 0);
        Check("lp(2)", [0.6f, -0.8f], 1, 0);
        Check("lp(1.5)", [3, 4, -5], Math.Cbrt(216), double.PositiveInfinity);
        Check("huber(0.5)", [0.5f, -1], 1, 0.25 * 1.25);
        Check("soft-threshold(0.25)", [0.5f, -1], 1, 0.375);
        Check("top-k(0.5)", [1, -0.5f, 0.5f, 0], 1, 0);
        Check("top-k(0.5)", [1, -1, 0.5f, 0], 1.25, double.PositiveInfinity);
        Check("group(2)", [0.6f, 0.8f, 0.5f], 1, 0);
        Check("tanh(2)", [1, 0.5f], 1, ((2 * Math.Log(2)) + (1.5 * Math.Log(1.5)) + (0.5 * Math.Log(0.5))) / 4);
        Check("tanh(2)", [1e-4f], 1e-4, 2.5e-9);
    }

    [Fact]
    public void Near_zero_the_series_of_tanh_meet_the_formulas()
    {
        var kappa = Kappa.Parse("tanh(1)");
        float z = 0.0199f, y = 0.999e-3f;
        var direct = Math.Log((Math.Exp(z) + Math.Exp(-z)) / 2);
        Assert.Equal(direct, kappa.Value([z]), 3e-12 * direct);
        direct = (((1 + (double)y) * Math.Log(1 + (double)y)) + ((1 - (double)y) * Math.Log(1 - (double)y))) / 2;
        Assert.Equal(direct, kappa.Conjugate([y]), 1e-9 * direct);
    }

    [Property]
    public void A_scale_is_as_good_as_a_scaled_copy(int seed)
    {
        var random = new Random(seed);
        var y = KappaSamples.Ordinary(random, random.Next(100));
        foreach (var kappa in KappaSamples.All)
        {
            // A power of two, so that the copy is exact, and far enough inside for all.
            Assert.Equal(kappa.Conjugate(Scaled(y, 1.0 / 1024)), kappa.Conjugate(y, -1.0 / 1024), 1e-12);
        }
    }

    static float[] Scaled(float[] values, double scale) => [.. values.Select(value => (float)(value * scale))];

    static void Check(string text, float[] y, double gauge, double conjugate)
    {
        var kappa = Kappa.Parse(text);
        Assert.Equal(gauge, kappa.Gauge(y), 1e-7 * gauge);
        Assert.Equal(conjugate, kappa.Conjugate(y), 1e-9);
    }
}
