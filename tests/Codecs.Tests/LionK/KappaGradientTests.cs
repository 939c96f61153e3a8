using DecentralizedLion.Codecs.LionK;
using DecentralizedLion.Codecs.Wire;
using FsCheck.Xunit;

namespace DecentralizedLion.Codecs.Tests.LionK;

public sealed class KappaGradientTests
{
    [Property]
    public void The_gradient_is_between_the_differences_to_both_sides(int seed)
    {
        // (𝒦(u) − 𝒦(u − h))/h ≤ ∂𝒦 ≤ (𝒦(u + h) − 𝒦(u))/h of a convex 𝒦, at its kinks, too.
        var random = new Random(seed);
        var u = KappaSamples.Ordinary(random, 1 + random.Next(40));
        foreach (var kappa in KappaSamples.All)
        {
            var gradient = KappaSamples.Gradient(kappa, u);
            var value = kappa.Value(u);
            for (var i = 0; i < u.Length; i++)
            {
                var (below, above) = (Difference(kappa, u, value, i, -1f / 1024), Difference(kappa, u, value, i, 1f / 1024));
                Assert.True(gradient[i] >= below - 1e-6 && gradient[i] <= above + 1e-6,
                    $"{kappa}: {gradient[i]} at {i} of {u.Length} is not within {below}..{above}");
            }
        }
    }

    [Property]
    public void Where_it_is_smooth_the_gradient_is_the_central_difference(int seed)
    {
        var random = new Random(seed);
        // All magnitudes from 0.6 on, 0.01 apart: no kink is nearer than the difference is wide.
        var order = Enumerable.Range(0, 1 + random.Next(60)).OrderBy(_ => random.Next()).ToArray();
        float[] u = [.. order.Select(rank => (0.6f + (0.01f * rank)) * (random.Next(2) == 0 ? -1 : 1))];
        foreach (var kappa in KappaSamples.All)
        {
            var gradient = KappaSamples.Gradient(kappa, u);
            var value = kappa.Value(u);
            for (var i = 0; i < u.Length; i++)
            {
                const float H = 1f / 4096;
                var central = (Difference(kappa, u, value, i, -H) + Difference(kappa, u, value, i, H)) / 2;
                Assert.Equal(central, gradient[i], 2e-5);
            }
        }
    }

    [Property]
    public void A_gradient_supports_the_function_everywhere(int seed)
    {
        // 𝒦(v) ≥ 𝒦(u) + ⟨∇𝒦(u), v − u⟩.
        var random = new Random(seed);
        var length = random.Next(200);
        float[] u = KappaSamples.Ordinary(random, length), v = KappaSamples.Ordinary(random, length);
        foreach (var kappa in KappaSamples.All)
        {
            var gradient = KappaSamples.Gradient(kappa, u);
            var plane = kappa.Value(u) + KappaSamples.Product(gradient, v) - KappaSamples.Product(gradient, u);
            Assert.True(kappa.Value(v) >= plane - (1e-6 * (1 + KappaSamples.Size(gradient, u) + KappaSamples.Size(gradient, v))));
        }
    }

    [Fact]
    public void Each_is_what_its_formula_says()
    {
        Check("sign", [-3, 0, -0f, 2], 5, [-1, 0, 0, 1]);
        Check("lp(2)", [3, -4, 0], 5, [0.6f, -0.8f, 0]);
        Check("lp(3)", [1, -2, 3], Math.Cbrt(36), [0.0917202f, -0.3668808f, 0.8254818f]);
        Check("huber(2)", [1, -2, 8], 0.25 + 1 + 7, [0.5f, -1, 1]);
        Check("soft-threshold(0.5)", [0.5f, -0.75f, 3, 0.25f], 2.75, [0, -1, 1, 0]);
        Check("top-k(0.5)", [1, -2, 2, -2, 0.5f, 2], 6, [0, -1, 1, -1, 0, 0]);
        Check("top-k(0.5)", [0, 0, 0, -1], 1, [0, 0, 0, -1]);
        Check("group(2)", [3, -4, 0, 0, 5], 10, [0.6f, -0.8f, 0, 0, 1]);
        Check("tanh(2)", [0.5f, -1], Math.Log(Math.Cosh(1) * Math.Cosh(2)) / 2, [0.76159416f, -0.96402758f]);
    }

    [Property]
    public void The_ones_with_powers_are_the_platforms_to_the_last_bits(int seed, byte number)
    {
        var u = KappaSamples.Ordinary(new Random(seed), 1 + (seed & 127));
        var p = 1 + ((1 + number) / 8.0);
        var norm = Math.Pow(u.Sum(value => Math.Pow(Math.Abs(value), p)), 1 / p);
        CheckAll(new LpKappa(p), u, value => norm == 0 ? 0 : Math.Sign(value) * Math.Pow(Math.Abs(value) / norm, p - 1));
        CheckAll(new TanhKappa(p), u, value => Math.Tanh(p * value));
    }

    [Fact]
    public void Nothing_at_all_has_value_zero_and_gradient_zero()
    {
        foreach (var kappa in KappaSamples.All)
        {
            for (var length = 0; length <= 70; length++)
            {
                Assert.Equal(0, kappa.Value(new float[length]));
                Assert.Equal(new int[length], Samples.Bits(KappaSamples.Gradient(kappa, new float[length])));
                Assert.Equal(0, kappa.Gauge(new float[length]));
                Assert.Equal(0, kappa.Conjugate(new float[length]));
            }
        }
    }

    [Property]
    public void Every_finite_vector_has_a_finite_gradient_within_one(int seed)
    {
        var random = new Random(seed);
        var u = Samples.Floats(random, random.Next(200));
        foreach (var kappa in KappaSamples.All)
        {
            var gradient = KappaSamples.Gradient(kappa, u);
            Assert.All(gradient, value => Assert.InRange(value, -1, 1));
            Assert.InRange(kappa.Gauge(gradient), 0, 1 + Kappa.Tolerance);
            var negative = KappaSamples.Gradient(kappa, [.. u.Select(value => -value)]);
            Assert.Equal(gradient, negative.Select(value => -value));
        }
    }

    [Fact]
    public void Where_the_vector_lies_in_memory_changes_no_bit_and_neither_does_working_in_place()
    {
        foreach (var kappa in KappaSamples.All)
        {
            for (var length = 1; length <= 200; length++)
            {
                var u = Samples.Floats(new Random(length), length);
                var expected = Samples.Bits(KappaSamples.Gradient(kappa, u));
                foreach (var offset in new[] { 1, 3, 8 })
                {
                    float[] around = new float[length + 16], result = new float[length + 16];
                    u.CopyTo(around, offset);
                    kappa.Gradient(around.AsSpan(offset, length), result.AsSpan(16 - offset, length));
                    Assert.Equal(expected, Samples.Bits(result.AsSpan(16 - offset, length)));
                    kappa.Gradient(around.AsSpan(offset, length), around.AsSpan(offset, length));
                    Assert.Equal(expected, Samples.Bits(around.AsSpan(offset, length)));
                }
            }
        }
    }

    [Fact]
    public void In_pieces_the_separable_ones_give_the_same_bits()
    {
        string[] separable = ["sign", "huber(0.3)", "soft-threshold(0.5)", "group(8)", "tanh(3)"];
        foreach (var kappa in separable.Select(Kappa.Parse))
        {
            for (var length = 1; length <= 200; length++)
            {
                var u = Samples.Floats(new Random(length), length);
                var expected = Samples.Bits(KappaSamples.Gradient(kappa, u));
                for (var cut = 0; cut <= length; cut += 8)
                {
                    var pieces = new float[length];
                    kappa.Gradient(u.AsSpan(0, cut), pieces.AsSpan(0, cut));
                    kappa.Gradient(u.AsSpan(cut), pieces.AsSpan(cut));
                    Assert.Equal(expected, Samples.Bits(pieces));
                }
            }
        }
    }

    // These bits were made on x64; a machine on which this fails would leave the ring's chain.
    [Theory]
    [InlineData("sign", 0x5525E92Bu)]
    [InlineData("lp(1.5)", 0xFAF7730Du)]
    [InlineData("lp(2)", 0xCB2421E7u)]
    [InlineData("lp(64)", 0x77C70642u)]
    [InlineData("huber(0.3)", 0x799AE2E7u)]
    [InlineData("soft-threshold(0.001)", 0x830B3A38u)]
    [InlineData("top-k(0.1)", 0x2CFD7EEBu)]
    [InlineData("group(7)", 0xC3D4777Au)]
    [InlineData("tanh(3)", 0x8FAE30E3u)]
    public void The_bits_are_the_same_on_every_machine(string text, uint expected)
    {
        var gradient = KappaSamples.Gradient(Kappa.Parse(text), KappaSamples.Fixed(5000));
        var bytes = new byte[4 * gradient.Length];
        for (var i = 0; i < gradient.Length; i++)
            System.Buffers.Binary.BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(4 * i), gradient[i]);
        Assert.Equal($"{expected:X8}", $"{Crc32C.Of(bytes):X8}");
    }

    [Fact]
    public void A_result_of_another_length_is_named()
    {
        foreach (var kappa in KappaSamples.All)
            Assert.Contains("result has 2", Assert.Throws<ArgumentException>(
                () => kappa.Gradient(new float[3], new float[2])).Message);
    }

    static void Check(string text, float[] u, double value, float[] gradient)
    {
        var kappa = Kappa.Parse(text);
        Assert.Equal(value, kappa.Value(u), 1e-12 * value);
        Assert.Equal(gradient, KappaSamples.Gradient(kappa, u), (a, b) => Math.Abs(a - b) <= 1e-7f);
    }

    // Two roundings to fp32, of 2⁻²⁴ each.
    static void CheckAll(Kappa kappa, float[] u, Func<double, double> expected)
    {
        foreach (var (value, actual) in u.Zip(KappaSamples.Gradient(kappa, u)))
            Assert.Equal(expected(value), actual, (Math.Abs(expected(value)) * 1.25e-7) + float.Epsilon);
    }

    static double Difference(Kappa kappa, float[] u, double value, int at, float step)
    {
        var kept = u[at];
        u[at] += step;
        var difference = (kappa.Value(u) - value) / ((double)u[at] - kept);
        u[at] = kept;
        return difference;
    }
}
