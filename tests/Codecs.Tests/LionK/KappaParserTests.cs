using DecentralizedLion.Codecs.LionK;
using FsCheck.Xunit;

namespace DecentralizedLion.Codecs.Tests.LionK;

public sealed class KappaParserTests
{
    [Fact]
    public void Every_text_comes_back()
    {
        foreach (var kappa in KappaSamples.All)
        {
            var again = Kappa.Parse(kappa.Text);
            Assert.Equal(kappa.Text, again.Text);
            Assert.Equal(kappa.Text, again.ToString());
            Assert.Equal(kappa.GetType(), again.GetType());
            Assert.NotEmpty(kappa.Problem);
        }

        Assert.Equal("lp(1.5)", Kappa.Parse(" lp( 1.50 ) ").Text);
        Assert.Equal("soft-threshold(1E-05)", Kappa.Parse("soft-threshold(0.00001)").Text);
        Assert.Equal("group(64)", Kappa.Parse("group(6.4e1)").Text);
        Assert.Same(Kappa.Sign, Kappa.Parse("sign"));
    }

    [Property]
    public void Every_number_comes_back_with_all_its_digits(int seed)
    {
        var random = new Random(seed);
        var number = double.Exp2((random.NextDouble() * 160) - 80);
        Assert.Equal(number, Assert.IsType<HuberKappa>(Kappa.Parse(new HuberKappa(number).Text)).Width);
        Assert.Equal(number, Assert.IsType<TanhKappa>(Kappa.Parse(new TanhKappa(number).Text)).Slope);
        var single = (float)number;
        Assert.Equal(single, Assert.IsType<SoftThresholdKappa>(Kappa.Parse(new SoftThresholdKappa(single).Text)).Threshold);
        var fraction = 1 - random.NextDouble();
        Assert.Equal(fraction, Assert.IsType<TopKKappa>(Kappa.Parse(new TopKKappa(fraction).Text)).Fraction);
        Assert.Equal(1.001 + fraction, Assert.IsType<LpKappa>(Kappa.Parse(new LpKappa(1.001 + fraction).Text)).Power);
        var size = random.Next(1, 1 << 24);
        Assert.Equal(size, Assert.IsType<GroupKappa>(Kappa.Parse(new GroupKappa(size).Text)).Size);
    }

    [Theory]
    [InlineData("", "sign, lp(p) with 1 < p <= 64, huber(e)")]
    [InlineData("Sign", "sign, lp(p)")]
    [InlineData("sign()", "sign, lp(p)")]
    [InlineData("l2", "tanh(a) with 1e-30 <= a <= 1e30 are allowed")]
    [InlineData("lp", "lp(p) with 1 < p <= 64 is allowed")]
    [InlineData("lp()", "lp(p) with 1 < p <= 64 is allowed")]
    [InlineData("lp(2", "lp(p) with 1 < p <= 64 is allowed")]
    [InlineData("lp(2)x", "lp(p) with 1 < p <= 64 is allowed")]
    [InlineData("lp(1,5)", "lp(p) with 1 < p <= 64 is allowed")]
    [InlineData("lp(1)", "lp(p) with 1 < p <= 64 is allowed")]
    [InlineData("lp(64.1)", "lp(p) with 1 < p <= 64 is allowed")]
    [InlineData("lp(NaN)", "lp(p) with 1 < p <= 64 is allowed")]
    [InlineData("lp(-Infinity)", "lp(p) with 1 < p <= 64 is allowed")]
    [InlineData("huber(0)", "huber(e) with 1e-30 <= e <= 1e30 is allowed")]
    [InlineData("huber(1e31)", "huber(e) with 1e-30 <= e <= 1e30 is allowed")]
    [InlineData("soft-threshold(-1)", "soft-threshold(t) with 1e-30 <= t <= 1e30 is allowed")]
    [InlineData("soft-threshold(1e300)", "soft-threshold(t) with 1e-30 <= t <= 1e30 is allowed")]
    [InlineData("top-k(0)", "top-k(fraction) with 0 < fraction <= 1 is allowed")]
    [InlineData("top-k(10)", "top-k(fraction) with 0 < fraction <= 1 is allowed")]
    [InlineData("group(0)", "group(size) with a whole 1 <= size <= 16777216 is allowed")]
    [InlineData("group(2.5)", "group(size) with a whole 1 <= size <= 16777216 is allowed")]
    [InlineData("group(1e300)", "group(size) with a whole 1 <= size <= 16777216 is allowed")]
    [InlineData("tanh(1e-31)", "tanh(a) with 1e-30 <= a <= 1e30 is allowed")]
    public void A_bad_text_is_named_with_what_is_allowed(string text, string allowed)
    {
        var message = Assert.Throws<KappaException>(() => Kappa.Parse(text)).Message;
        Assert.StartsWith($"kappa is \"{text}\"; ", message);
        Assert.Contains(allowed, message);
    }

    [Fact]
    public void Numbers_out_of_bounds_are_refused_where_no_text_is_parsed()
    {
        Assert.Contains("1 < p <= 64", Assert.Throws<ArgumentOutOfRangeException>(() => new LpKappa(1)).Message);
        Assert.Contains("<= e <=", Assert.Throws<ArgumentOutOfRangeException>(() => new HuberKappa(double.NaN)).Message);
        Assert.Contains("<= t <=", Assert.Throws<ArgumentOutOfRangeException>(() => new SoftThresholdKappa(0)).Message);
        Assert.Contains("fraction <= 1", Assert.Throws<ArgumentOutOfRangeException>(() => new TopKKappa(1.1)).Message);
        Assert.Contains("1 <= size", Assert.Throws<ArgumentOutOfRangeException>(() => new GroupKappa(0)).Message);
        Assert.Contains("<= a <=", Assert.Throws<ArgumentOutOfRangeException>(() => new TanhKappa(-1)).Message);
    }
}
