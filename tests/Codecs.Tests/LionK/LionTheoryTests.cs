using DecentralizedLion.Codecs.Kernels;
using DecentralizedLion.Codecs.LionK;
using FsCheck.Xunit;

namespace DecentralizedLion.Codecs.Tests.LionK;

public sealed class LionTheoryTests
{
    const double Decay = 0.5;
    const double Beta1 = 0.9;
    const double Beta2 = 0.99;

    static readonly string[] Kappas =
    [
        "sign", "lp(1.5)", "lp(2)", "lp(4)", "huber(0.05)", "soft-threshold(0.05)", "top-k(0.25)", "group(3)", "tanh(10)",
    ];

    public static TheoryData<string> Texts => [.. Kappas];

    [Theory]
    [MemberData(nameof(Texts))]
    public void The_Lyapunov_function_falls_up_to_the_steps_size_squared(string text)
    {
        var walk = new QuadraticWalk(Kappa.Parse(text), 24, Decay, Beta1, Beta2, size: 0.5f);
        const double Rate = 1e-3;
        var first = H(walk, Rate);
        var last = first;
        for (var step = 0; step < 6000; step++)
        {
            var (flow, exact) = (H(walk, Rate), H(walk, Implicit(Rate)));
            var moved = walk.Step(Rate);
            // With the rate of the implicit decay nothing is left but the loss's curvature along the step, and fp32.
            Assert.True(H(walk, Implicit(Rate)) <= exact + (QuadraticWalk.Curvature / 2 * moved) + (1e-6 * (1 + exact)),
                $"step {step}: {exact} → {H(walk, Implicit(Rate))}");
            // With the trainer's own rate there is another O(lr²): of the size of lr·λ·c.
            last = H(walk, Rate);
            Assert.True(
                last <= flow + (QuadraticWalk.Curvature / 2 * moved) + (100 * Rate * Rate), $"step {step}: {flow} → {last}");
        }

        Assert.True(last < first - 1, $"{first} → {last}");
    }

    [Property]
    public void It_does_so_in_one_step_from_anywhere(int seed, byte rate, byte b1, byte b2)
    {
        // Any weights inside, any momentum, any β1 ≤ β2: the bound follows from convexity alone.
        var random = new Random(seed);
        var (beta1, beta2) = (Math.Min(b1, b2) / 256.0, Math.Max(b1, b2) / 256.0);
        var lr = (1 + rate) / 1024.0;
        foreach (var kappa in Kappas.Select(Kappa.Parse))
        {
            var walk = new QuadraticWalk(kappa, 24, Decay, beta1, beta2, size: 2 * random.NextSingle(), seed);
            for (var i = 0; i < walk.Momentum.Length; i++)
                walk.Momentum[i] = (random.NextSingle() - 0.5f) * 20;
            var before = H(walk, Implicit(lr), beta1, beta2);
            var moved = walk.Step(lr);
            var after = H(walk, Implicit(lr), beta1, beta2);
            Assert.True(
                after <= before + (QuadraticWalk.Curvature / 2 * moved) + (2e-6 * (1 + before)), $"{kappa}: {before} → {after}");
        }
    }

    [Theory]
    [MemberData(nameof(Texts))]
    public void From_outside_the_distance_shrinks_at_least_as_one_minus_lr_lambda(string text)
    {
        var kappa = Kappa.Parse(text);
        var walk = new QuadraticWalk(kappa, 24, Decay, Beta1, Beta2, size: 30f);
        var start = LionTheory.Distance(kappa, walk.X, Decay);
        Assert.True(start > 10);
        Assert.Equal(double.PositiveInfinity, H(walk, 0.01));
        Assert.Equal(double.PositiveInfinity, LionTheory.KktScore(kappa, walk.Gradient(), walk.X, Decay));
        var last = start;
        for (var step = 1; step <= 3000; step++)
        {
            walk.Step(0.01);
            var distance = LionTheory.Distance(kappa, walk.X, Decay);
            // Each step rounds weights of a gauge of last + 2 to fp32; 1/(lr·λ) = 200 such roundings add up.
            var rounding = (last + 2) / (1 << 24);
            Assert.True(distance <= (last * (1 - (0.01 * Decay))) + rounding, $"step {step}: {last} → {distance}");
            Assert.True(distance <= (start * Math.Pow(1 - (0.01 * Decay), step)) + (200 * 32.0 / (1 << 24)));
            Assert.True(LionTheory.BoxDistance(walk.X, Decay) <= distance * (1 + 1e-12));
            last = distance;
        }

        Assert.InRange(last, 0, (start * 1e-6) + (200 * 2.0 / (1 << 24)));
    }

    [Theory]
    [MemberData(nameof(Texts))]
    public void The_score_goes_to_zero_as_the_rate_does(string text)
    {
        var kappa = Kappa.Parse(text);
        var walk = new QuadraticWalk(kappa, 24, Decay, Beta1, Beta2, size: 0.5f);
        var start = LionTheory.KktScore(kappa, walk.Gradient(), walk.X, Decay);
        for (var step = 0; step < 30000; step++)
        {
            walk.Step(0.01 * Math.Exp(-step / 4000.0));
            Assert.True(LionTheory.KktScore(kappa, walk.Gradient(), walk.X, Decay) >= -1e-5 * start);
        }

        Assert.InRange(LionTheory.KktScore(kappa, walk.Gradient(), walk.X, Decay), -1e-5 * start, 2e-3 * start);
    }

    [Fact]
    public void Lion_ends_at_the_nearest_point_of_the_box()
    {
        var walk = new QuadraticWalk(Kappa.Sign, 24, Decay, Beta1, Beta2, size: 0.5f);
        for (var step = 0; step < 30000; step++)
            walk.Step(0.01 * Math.Exp(-step / 4000.0));
        for (var i = 0; i < walk.X.Length; i++)
            Assert.Equal(Math.Clamp(walk.Target[i], -1 / Decay, 1 / Decay), walk.X[i], 2e-3);
        Assert.Equal(
            LionTheory.KktScore(Kappa.Sign, walk.Gradient(), walk.X, Decay),
            LionTheory.KktScore(walk.Gradient(), walk.X, Decay), 1e-12);
    }

    [Property]
    public void Any_votes_at_all_bring_the_weights_to_the_box(int seed)
    {
        var random = new Random(seed);
        var x = new float[130];
        for (var i = 0; i < x.Length; i++)
            x[i] = (random.NextSingle() - 0.5f) * 20;
        var distance = LionTheory.BoxDistance(x, Decay);
        for (var step = 0; step < 200; step++)
        {
            LionKernel.Apply(x, Samples.Words(random, 3), Samples.Words(random, 3), 0.01f, 1 - (0.01f * (float)Decay));
            var next = LionTheory.BoxDistance(x, Decay);
            Assert.True(next <= (distance * (1 - (0.01 * Decay))) + 1e-5);
            distance = next;
        }
    }

    [Fact]
    public void The_formulas_by_hand()
    {
        float[] x = [1.5f, -0.5f], g = [-2, 1], m = [3, -4];
        Assert.Equal(0, LionTheory.BoxDistance(x, 0.5));
        Assert.Equal(0.5, LionTheory.BoxDistance(x, 1));
        Assert.Equal(0, LionTheory.BoxDistance(x, 0));
        Assert.Equal(2 - (1 / 0.75), LionTheory.Distance(Kappa.Parse("top-k(0.5)"), x, 0.75), 1e-12);
        // ‖g‖₁ + λ⟨x, g⟩ = 3 + 0.5·(−3.5).
        Assert.Equal(1.25, LionTheory.KktScore(g, x, 0.5), 1e-12);
        Assert.Equal(1.25, LionTheory.KktScore(Kappa.Sign, g, x, 0.5), 1e-12);
        Assert.Equal(-4, LionTheory.KktScore(g, x, 2), 1e-12);
        Assert.Equal(double.PositiveInfinity, LionTheory.KktScore(Kappa.Sign, g, x, 2));
        // c = 0.1·0.9/(0.1·0.5·0.1 + 0.01) = 6; ‖m‖₁ − λ⟨m, x⟩ = 7 − 0.5·6.5.
        Assert.Equal(10 + (6 * 3.75), LionTheory.Lyapunov(Kappa.Sign, 10, x, m, 0.5, 0.1, 0.9, 0.99), 1e-9);
        Assert.Equal(10 + (6 * 3.75), LionTheory.LyapunovOfKernel(Kappa.Sign, 10, x, [-3, 4], 0.5, 0.1, 0.9, 0.99), 1e-9);
        // 𝒦* = 2/2·0.25·2.5 = 0.625; 𝒦(m) = (3 − 1) + (4 − 1).
        Assert.Equal(
            10 + 1.25 + (6 * (0.625 + 5 - 3.25)),
            LionTheory.Lyapunov(Kappa.Parse("huber(2)"), 10, x, m, 0.5, 0.1, 0.9, 0.99), 1e-9);
    }

    [Fact]
    public void Bad_arguments_are_named()
    {
        Assert.Throws<ArgumentOutOfRangeException>("weightDecay", () => LionTheory.BoxDistance([1], -1));
        Assert.Throws<ArgumentOutOfRangeException>("weightDecay", () => LionTheory.KktScore([1], [1], double.NaN));
        Assert.Throws<ArgumentException>("gradient", () => LionTheory.KktScore([1, 2], [1], 1));
        Assert.Throws<ArgumentException>("gradient", () => LionTheory.KktScore(Kappa.Sign, [1, 2], [1], 1));
        Assert.Throws<ArgumentException>("momentum", () => LionTheory.Lyapunov(Kappa.Sign, 0, [1], [1, 2], 1, 1, 0.9, 0.99));
        Refuses("weightDecay", 0, 1, 0.9, 0.99);
        Refuses("learningRate", 1, -1, 0.9, 0.99);
        Refuses("beta1", 1, 1, 1.1, 0.99);
        Refuses("beta2", 1, 1, 0.9, 1);
    }

    static void Refuses(string name, double decay, double rate, double beta1, double beta2) =>
        Assert.Throws<ArgumentOutOfRangeException>(
            name, () => LionTheory.LyapunovOfKernel(Kappa.Sign, 0, [1], [1], decay, rate, beta1, beta2));

    // x·(1 − lr·λ) + lr·Δ is the paper's (x + r·Δ)/(1 + r·λ) at r = lr/(1 − lr·λ).
    static double Implicit(double rate) => rate / (1 - (rate * Decay));

    static double H(QuadraticWalk walk, double rate, double beta1 = Beta1, double beta2 = Beta2) =>
        LionTheory.LyapunovOfKernel(walk.Kappa, walk.Loss(), walk.X, walk.Momentum, Decay, rate, beta1, beta2);
}
