using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Kernels;
using FsCheck.Xunit;

namespace DecentralizedLion.Codecs.Tests.Kernels;

public sealed class LionKernelTests
{
    [Fact]
    public void The_ballot_and_the_momentum_are_the_plain_loops_at_every_length()
    {
        for (var parameters = 0; parameters <= 64 * 5; parameters++)
            CheckVote(parameters, parameters, 0.9f, 0.99f);
        CheckVote(1, (64 * 300) + 63, 0.95f, 0.98f);
    }

    [Property]
    public void The_ballot_is_the_plain_loops_for_any_betas(int seed, byte beta1, byte beta2) =>
        CheckVote(seed, 64 + (seed & 127), beta1 / 256f, beta2 / 256f);

    [Fact]
    public void Exact_zeros_of_both_signs_abstain_and_cancellation_does_too()
    {
        foreach (var width in Samples.Widths)
        {
            float[] g = new float[64], m = new float[64];
            g[1] = -0f;
            (g[2], m[2]) = (-0f, -0f);
            (g[3], m[3]) = (-1f, 1f);
            (g[4], m[4]) = (float.Epsilon, 0f);
            (g[5], m[5]) = (1e-3f, 0f);
            (g[6], m[6]) = (-1e-3f, 0f);
            ulong[] signs = [ulong.MaxValue], zeros = [0];
            Assert.True(LionKernel.Vote(g, m, 0.5f, 0.5f, signs, zeros, width));
            Assert.Equal(1UL << 5, signs[0]);
            // Half of the smallest subnormal rounds to zero: that abstains too.
            Assert.Equal(~((1UL << 5) | (1UL << 6)), zeros[0]);
        }
    }

    [Fact]
    public void Applying_is_the_plain_loop_at_every_length()
    {
        for (var parameters = 0; parameters <= 64 * 5; parameters++)
            CheckApply(parameters, parameters, 3e-4f, 1 - (3e-4f * 0.1f));
        CheckApply(1, (64 * 300) + 63, 1e-2f, 1);
    }

    [Fact]
    public void Without_decay_a_zero_majority_moves_nothing_not_even_minus_zero()
    {
        foreach (var width in Samples.Widths)
        {
            var weights = Samples.Floats(new Random(3), 200);
            weights[0] = -0f;
            var before = Samples.Bits(weights);
            LionKernel.Apply(weights, new ulong[4], [~0UL, ~0UL, ~0UL, 0xFF], 1e-3f, 1f, width);
            Assert.Equal(before, Samples.Bits(weights));
        }
    }

    [Fact]
    public void One_value_that_is_not_finite_is_found_wherever_it_is()
    {
        float[] bad = [float.NaN, float.PositiveInfinity, float.NegativeInfinity, BitConverter.Int32BitsToSingle(-1)];
        foreach (var width in Samples.Widths)
        {
            for (var count = 0; count <= 150; count++)
            {
                var values = Samples.Floats(new Random(count), count);
                Assert.True(LionKernel.AllFinite(values, width));
                for (var i = 0; i < count; i++)
                {
                    var kept = values[i];
                    values[i] = bad[(i + count) % bad.Length];
                    Assert.False(LionKernel.AllFinite(values, width));
                    values[i] = kept;
                }
            }
        }
    }

    [Fact]
    public void Lengths_that_do_not_match_are_named()
    {
        Assert.Contains("momentum has 2", Assert.Throws<ArgumentException>(
            () => LionKernel.Vote(new float[3], new float[2], 0.9f, 0.99f, new ulong[1], new ulong[1])).Message);
        Assert.Contains("signs has 2", Assert.Throws<ArgumentException>(
            () => LionKernel.Vote(new float[3], new float[3], 0.9f, 0.99f, new ulong[2], new ulong[1])).Message);
        Assert.Contains("zeros has 2", Assert.Throws<ArgumentException>(
            () => LionKernel.Apply(new float[3], new ulong[1], new ulong[2], 1, 1)).Message);
    }

    static void CheckVote(int seed, int parameters, float beta1, float beta2)
    {
        var random = new Random(seed);
        float[] g = Samples.Floats(random, parameters), m = Samples.Floats(random, parameters);
        var expected = g.Zip(m, (gradient, momentum) => ReferenceKernels.Lion(gradient, momentum, beta1, beta2)).ToArray();
        var expectedMomentum = Samples.Bits([.. expected.Select(pair => pair.Momentum)]);
        var expectedSigns = ReferenceKernels.Pack(expected.Select(pair => pair.Update > 0));
        var expectedZeros = ReferenceKernels.Pack(expected.Select(pair => pair.Update == 0));
        foreach (var width in Samples.Widths)
        {
            var momentum = m.ToArray();
            var words = BitPlanes.Words(parameters);
            ulong[] signs = Samples.Words(random, words), zeros = Samples.Words(random, words);
            var any = LionKernel.Vote(g, momentum, beta1, beta2, signs, zeros, width);
            Assert.Equal(expectedSigns, signs);
            Assert.Equal(expectedZeros, zeros);
            Assert.Equal(expectedMomentum, Samples.Bits(momentum));
            Assert.Equal(expected.Any(pair => pair.Update == 0), any);
        }
    }

    static void CheckApply(int seed, int parameters, float learningRate, float decay)
    {
        var random = new Random(seed);
        var weights = Samples.Floats(random, parameters);
        var words = BitPlanes.Words(parameters);
        var signs = Samples.Words(random, words);
        var zeros = Samples.Words(random, words);
        for (var word = 0; word < words; word += 3)
            zeros[word] = 0;
        foreach (var withZeros in new[] { false, true })
        {
            var expected = new float[parameters];
            for (var i = 0; i < parameters; i++)
            {
                var zero = withZeros && ((zeros[i / 64] >> (i % 64)) & 1) != 0;
                var delta = zero ? 0 : ((signs[i / 64] >> (i % 64)) & 1) != 0 ? 1 : -1;
                expected[i] = ReferenceKernels.Apply(weights[i], learningRate * delta, decay);
            }

            foreach (var width in Samples.Widths)
            {
                var applied = weights.ToArray();
                LionKernel.Apply(applied, signs, withZeros ? zeros : [], learningRate, decay, width);
                Assert.Equal(Samples.Bits(expected), Samples.Bits(applied));
            }
        }
    }
}
