using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Kernels;
using DecentralizedLion.Codecs.LionK;
using FsCheck.Xunit;

namespace DecentralizedLion.Codecs.Tests.LionK;

public sealed class KappaSignsTests
{
    [Fact]
    public void The_ballot_is_the_gradient_at_every_length()
    {
        for (var length = 0; length <= 200; length++)
        {
            CheckBallot(Samples.Floats(new Random(length), length));
            CheckBallot(KappaSamples.Ordinary(new Random(length), length));
            CheckBallot(new float[length]);
        }
    }

    [Property]
    public void The_ballot_is_the_gradient_of_any_values(int seed) =>
        CheckBallot(Samples.Floats(new Random(seed), 64 + (seed & 1023)));

    [Property]
    public void The_signs_ballot_is_the_one_that_the_Lion_kernel_casts(int seed)
    {
        var u = Samples.Floats(new Random(seed), seed & 255);
        ulong[] signs = new ulong[BitPlanes.Words(u.Length)], zeros = new ulong[signs.Length];
        ulong[] kernelSigns = new ulong[signs.Length], kernelZeros = new ulong[signs.Length];
        var any = Kappa.Sign.PackSigns(u, signs, zeros);
        // β1 = 0: the update is the gradient itself.
        Assert.Equal(LionKernel.Vote(u, new float[u.Length], 0, 0, kernelSigns, kernelZeros), any);
        Assert.Equal(kernelSigns, signs);
        Assert.Equal(kernelZeros, zeros);
    }

    [Property]
    public void Top_k_is_the_first_k_of_a_stable_sort(int seed)
    {
        var random = new Random(seed);
        // Few magnitudes, so that many are equal.
        float[] u = [.. Enumerable.Range(0, 1 + random.Next(300)).Select(_ => (random.Next(9) - 4) * 1e-3f)];
        if (seed % 2 == 0)
            u = Samples.Floats(random, u.Length);
        foreach (var fraction in new[] { 1e-9, 0.03, 0.5, 0.97, 1 })
        {
            var kappa = new TopKKappa(fraction);
            var sorted = Enumerable.Range(0, u.Length).OrderByDescending(i => Math.Abs(u[i]));
            var chosen = sorted.Take(kappa.Count(u.Length)).ToHashSet();
            float[] expected = [.. u.Select((value, i) => chosen.Contains(i) ? (float)Math.Sign(value) : 0)];
            Assert.Equal(expected, KappaSamples.Gradient(kappa, u));
        }
    }

    [Fact]
    public void K_is_the_rounded_fraction_and_never_none()
    {
        Assert.Equal(7, new TopKKappa(0.07).Count(100));
        Assert.Equal(1, new TopKKappa(0.001).Count(100));
        Assert.Equal(3, new TopKKappa(0.5).Count(5));
        Assert.Equal(0, new TopKKappa(1).Count(0));
        Assert.Equal(int.MaxValue, new TopKKappa(1).Count(int.MaxValue));
    }

    [Fact]
    public void Real_values_are_no_ballot_and_lengths_are_checked()
    {
        foreach (var kappa in KappaSamples.All.Where(kappa => !kappa.IsTernary))
            Assert.Contains(kappa.Text, Assert.Throws<NotSupportedException>(
                () => kappa.PackSigns(new float[3], new ulong[1], new ulong[1])).Message);
        foreach (var kappa in KappaSamples.Ternary)
        {
            Assert.Contains("signs has 2", Assert.Throws<ArgumentException>(
                () => kappa.PackSigns(new float[3], new ulong[2], new ulong[1])).Message);
            Assert.Contains("zeros has 0", Assert.Throws<ArgumentException>(
                () => kappa.PackSigns(new float[3], new ulong[1], [])).Message);
        }
    }

    static void CheckBallot(float[] u)
    {
        foreach (var kappa in KappaSamples.Ternary)
        {
            var gradient = KappaSamples.Gradient(kappa, u);
            Assert.All(gradient, value => Assert.True(value is -1 or 0 or 1 && (value != 0 || !float.IsNegative(value))));
            var random = new Random(u.Length);
            var words = BitPlanes.Words(u.Length);
            ulong[] signs = Samples.Words(random, words), zeros = Samples.Words(random, words);
            Assert.Equal(gradient.Contains(0), kappa.PackSigns(u, signs, zeros));
            Assert.Equal(ReferenceKernels.Pack(gradient.Select(value => value > 0)), signs);
            Assert.Equal(ReferenceKernels.Pack(gradient.Select(value => value == 0)), zeros);
        }
    }
}
