using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Kernels;
using DecentralizedLion.Codecs.Reductions;

namespace DecentralizedLion.Codecs.Tests.Kernels;

public sealed class MajorityKernelTests
{
    [Fact]
    public void Every_number_of_voters_and_every_tail_decides_as_the_plain_loop_does()
    {
        for (var voters = 0; voters <= 65; voters++)
        {
            for (var tail = 1; tail <= 64; tail++)
            {
                var zeros = Samples.ZeroDensities[(voters + tail) % 4];
                Check(seed: (voters * 100) + tail, voters, (64 * ((voters + (5 * tail)) % 19)) + tail, zeros);
            }
        }
    }

    [Fact]
    public void Long_ranges_decide_as_the_plain_loop_does()
    {
        foreach (var zeros in Samples.ZeroDensities)
            foreach (var voters in new[] { 1, 2, 3, 4, 8, 255, 256 })
                Check(voters, voters, (64 * 130) + 33, zeros);
    }

    [Fact]
    public void A_range_in_the_middle_takes_the_coins_of_its_place()
    {
        var random = new Random(5);
        const int words = 50;
        var counts = Samples.Words(random, words);
        ulong[] whole = new ulong[words], part = new ulong[9], zeros = new ulong[words];
        // Two voters of whom each has one positive vote or none: ties wherever the count is one.
        var two = new ulong[2 * words];
        counts.CopyTo(two, 0);
        MajorityKernel.Decide(
            new VoteCounts(two, 2, [], 0, 2), TieRule.Hash,
            new RangeContext(77, 0, ulong.MaxValue, []), whole, zeros);
        var slice = new ulong[18];
        counts.AsSpan(20, 9).CopyTo(slice);
        MajorityKernel.Decide(
            new VoteCounts(slice, 2, [], 0, 2), TieRule.Hash,
            new RangeContext(77, 20, ulong.MaxValue, []), part, new ulong[9]);
        Assert.Equal(whole.AsSpan(20, 9).ToArray(), part);
        Assert.Contains(part, word => word != 0);
    }

    [Fact]
    public void Signs_may_be_written_over_the_previous_majority_and_over_the_counts()
    {
        var random = new Random(6);
        foreach (var width in Samples.Widths)
        {
            var counts = Samples.Words(random, 3 * 37);
            var previous = Samples.Words(random, 37);
            ulong[] expected = new ulong[37], zeros = new ulong[37];
            MajorityKernel.Decide(
                new VoteCounts(counts, 3, [], 0, 6), TieRule.Previous,
                new RangeContext(1, 0, ulong.MaxValue, previous), expected, zeros, width);
            var over = previous.ToArray();
            MajorityKernel.Decide(
                new VoteCounts(counts, 3, [], 0, 6), TieRule.Previous,
                new RangeContext(1, 0, ulong.MaxValue, over), over, zeros, width);
            Assert.Equal(expected, over);
            MajorityKernel.Decide(
                new VoteCounts(counts, 3, [], 0, 6), TieRule.Previous,
                new RangeContext(1, 0, ulong.MaxValue, previous), counts.AsSpan(0, 37), zeros, width);
            Assert.Equal(expected, counts.AsSpan(0, 37).ToArray());
        }
    }

    [Fact]
    public void Planes_that_cannot_hold_the_voters_compare_as_numbers()
    {
        // One plane of positive votes of nine voters: at most one is positive, so all majorities are negative.
        foreach (var width in Samples.Widths)
        {
            ulong[] signs = new ulong[20], zeros = new ulong[20];
            var counts = Samples.Words(new Random(7), 20);
            Assert.False(MajorityKernel.Decide(
                new VoteCounts(counts, 1, [], 0, 9), TieRule.Zero,
                new RangeContext(0, 0, ulong.MaxValue, []), signs, zeros, width));
            Assert.All(signs, word => Assert.Equal(0UL, word));
            var abstentions = new ulong[20];
            Assert.False(MajorityKernel.Decide(
                new VoteCounts(counts, 1, abstentions, 1, 9), TieRule.Zero,
                new RangeContext(0, 0, ulong.MaxValue, []), signs, zeros, width));
            Assert.All(signs, word => Assert.Equal(0UL, word));
        }
    }

    [Fact]
    public void Lengths_that_do_not_match_are_named()
    {
        Assert.Contains("previous has 0", Assert.Throws<ArgumentException>(() => MajorityKernel.Decide(
            new VoteCounts(new ulong[2], 1, [], 0, 1), TieRule.Previous,
            new RangeContext(0, 0, 0, []), new ulong[2], new ulong[2])).Message);
        Assert.Contains("zeros has 1", Assert.Throws<ArgumentException>(() => MajorityKernel.Decide(
            new VoteCounts(new ulong[2], 1, [], 0, 1), TieRule.Zero,
            new RangeContext(0, 0, 0, []), new ulong[2], new ulong[1])).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => MajorityKernel.Decide(
            new VoteCounts(new ulong[2], 1, [], 0, 1), (TieRule)3,
            new RangeContext(0, 0, 0, []), new ulong[2], new ulong[2]));
    }

    static void Check(int seed, int voters, int parameters, Zeros density)
    {
        var random = new Random(seed);
        var words = BitPlanes.Words(parameters);
        var ballots = Enumerable.Range(0, voters).Select(_ => Samples.Ballot(random, parameters, density)).ToArray();
        var positive = ReferenceKernels.Counts(ballots, parameters, 1);
        var abstained = ReferenceKernels.Counts(ballots, parameters, 0);
        var planes = BitPlanes.Width(voters);
        var counts = ReferenceKernels.Pack(positive, planes);
        var abstentionPlanes = density == Zeros.None ? 0 : planes;
        var abstentions = ReferenceKernels.Pack(abstained, abstentionPlanes);
        var previous = Samples.Words(random, words);
        var firstWord = random.Next(1000);
        var step = random.NextInt64();
        foreach (var ties in Samples.TieRules)
        {
            ulong[] expectedSigns = new ulong[words], expectedZeros = new ulong[words];
            for (var i = 0; i < parameters; i++)
            {
                var coin = ((TieHash.Word(step, firstWord + (i / 64)) >> (i % 64)) & 1) != 0;
                var last = ((previous[i / 64] >> (i % 64)) & 1) != 0;
                var majority = ReferenceKernels.Majority(positive[i], abstained[i], voters, ties, last, coin);
                expectedSigns[i / 64] |= (majority > 0 ? 1UL : 0) << (i % 64);
                expectedZeros[i / 64] |= (majority == 0 ? 1UL : 0) << (i % 64);
            }

            foreach (var width in Samples.Widths)
            {
                ulong[] signs = Samples.Words(random, words), zeros = Samples.Words(random, words);
                var any = MajorityKernel.Decide(
                    new VoteCounts(counts, planes, abstentions, abstentionPlanes, voters), ties,
                    new RangeContext(step, firstWord, BitPlanes.TailMask(parameters), previous), signs, zeros, width);
                Assert.True(
                    expectedSigns.AsSpan().SequenceEqual(signs) && expectedZeros.AsSpan().SequenceEqual(zeros),
                    $"{voters} voters, {parameters} parameters, zeros {density}, ties {ties}, {width}");
                Assert.Equal(expectedZeros.Any(word => word != 0), any);
            }
        }
    }
}
