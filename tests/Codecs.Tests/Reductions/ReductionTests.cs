using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Kernels;
using DecentralizedLion.Codecs.Reductions;
using FsCheck.Xunit;

namespace DecentralizedLion.Codecs.Tests.Reductions;

/// <summary>Every reduction against loops over one number per element.</summary>
public sealed class ReductionTests
{
    public static TheoryData<int> Lengths => [1, 63, 64, 65, 127, 128, 200, 64 * 5];

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Sign_counts_are_counts_whatever_abstains(int length)
    {
        foreach (var zeros in Samples.ZeroDensities)
        {
            var random = new Random(length);
            var bucket = new Bucket(new SignAverage(), length);
            var sum = new Totals(bucket);
            var votes = new List<sbyte[]>();
            for (var voter = 1; voter <= 9; voter++)
            {
                votes.Add(Samples.Ballot(random, length, zeros));
                sum.Add(SignBallot(bucket, votes[^1]));
                int[] positive = ReferenceKernels.Counts(votes, length, 1), none = ReferenceKernels.Counts(votes, length, 0);
                Assert.Equal(ReferenceKernels.Pack(positive, BitPlanes.Width(voter)), sum.Planes);
                Assert.Equal(none.Sum() == 0 ? [] : ReferenceKernels.Pack(none, BitPlanes.Width(voter)), sum.Zeros);
                Assert.True(bucket.Reduction.IsPlausibleSum(sum.Sum, bucket.TailMask));

                var (counts, abstained, any) = sum.Decide();
                Assert.Equal(sum.Planes, counts);
                Assert.Equal(none.Sum() > 0, any);
                Assert.Equal(ReferenceKernels.Pack(none, BitPlanes.Width(voter)), abstained);
                Assert.True(bucket.Reduction.IsPlausibleAggregate(new PartialSum(counts, any ? abstained : [], voter),
                    bucket.TailMask));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Lengths))]
    public void A_majority_vote_is_the_kernels(int length)
    {
        var random = new Random(length);
        foreach (var ties in Samples.TieRules)
        {
            var bucket = new Bucket(new MajorityVote(ties), length);
            var sum = new Totals(bucket);
            var votes = new List<sbyte[]>();
            var previous = Samples.Words(random, bucket.Words);
            for (var voter = 1; voter <= 6; voter++)
            {
                votes.Add(Samples.Ballot(random, length, Zeros.Few));
                sum.Add(SignBallot(bucket, votes[^1]));
                int[] positive = ReferenceKernels.Counts(votes, length, 1), none = ReferenceKernels.Counts(votes, length, 0);
                var (signs, zeros, _) = sum.Decide(previous);
                for (var i = 0; i < length; i++)
                {
                    var coin = (TieHash.Word(7, i / 64) >> (i % 64) & 1) != 0;
                    var before = (previous[i / 64] >> (i % 64) & 1) != 0;
                    Assert.Equal(ReferenceKernels.Majority(positive[i], none[i], voter, ties, before, coin),
                        (signs[i / 64] >> (i % 64) & 1) != 0 ? 1
                        : (zeros[i / 64] >> (i % 64) & 1) != 0 ? 0 : -1);
                }
                Assert.True(bucket.Reduction.IsPlausibleAggregate(new PartialSum(signs, zeros, voter), bucket.TailMask));
                Assert.False(bucket.Reduction.IsPlausibleAggregate(
                    new PartialSum([.. signs.Select(_ => 1UL)], [.. zeros.Select(_ => 1UL)], voter), bucket.TailMask));
                Assert.Equal(Enumerable.Range(0, length).LongCount(i => 2 * positive[i] + none[i] == voter && none[i] != voter),
                    VoteMargin.CountTies(VoteCounts.Of(sum.Sum), bucket.Words, bucket.TailMask));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Ternary_sums_are_sums(int length)
    {
        var random = new Random(length);
        var bucket = new Bucket(new TernarySum(), length);
        var sum = new Totals(bucket);
        var total = new int[length];
        for (var voter = 1; voter <= 9; voter++)
        {
            var votes = Samples.Ballot(random, length, Zeros.Most);
            for (var i = 0; i < length; i++)
                total[i] += votes[i] + 1;
            var ballot = new BallotBucket(bucket);
            ReferenceKernels.Pack([.. votes.Select(vote => vote + 1)], 2).CopyTo(ballot.Planes);
            sum.Add(ballot);
            Assert.Equal(ReferenceKernels.Pack(total, BitPlanes.Width(2 * voter)), sum.Planes);
            Assert.True(bucket.Reduction.IsPlausibleSum(sum.Sum, bucket.TailMask));
            Assert.Equal(sum.Planes, sum.Decide().Planes);
            var more = (ulong[])[.. sum.Planes];
            more.AsSpan().Fill(bucket.TailMask == ulong.MaxValue ? ulong.MaxValue : 1);
            Assert.Equal(int.PopCount(2 * voter + 1) == 1,
                bucket.Reduction.IsPlausibleSum(new PartialSum(more, [], voter), bucket.TailMask));
        }
        Assert.Equal(10, bucket.Reduction.SumPlanes(256));
    }

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Means_and_maxima_are_those_of_a_loop_in_the_same_order(int length)
    {
        foreach (var reduction in (FloatReduction[])[new FloatMean(), new FloatMax()])
        {
            var random = new Random(length);
            var bucket = new Bucket(reduction, length);
            var sum = new Totals(bucket);
            var total = new float[length];
            for (var voter = 1; voter <= 9; voter++)
            {
                var values = Samples.Floats(random, length);
                for (var i = 0; i < length; i++)
                {
                    values[i] = Math.Clamp(values[i], -FloatReduction.MagnitudeMax, FloatReduction.MagnitudeMax);
                    total[i] = voter == 1 ? values[i] : reduction is FloatMean
                        ? total[i] + values[i] : total[i] > values[i] ? total[i] : values[i];
                }
                var ballot = new BallotBucket(bucket);
                values.CopyTo(ballot.Values);
                sum.Add(ballot);
                Assert.True(reduction.IsPlausibleSum(sum.Sum, bucket.TailMask));
                var (planes, _, any) = sum.Decide();
                Assert.False(any);
                Assert.Equal(Samples.Bits(total.Select(value => reduction is FloatMean ? value / voter : value).ToArray()),
                    Samples.Bits(FloatReduction.Of(planes)[..length]));
                Assert.True(reduction.IsPlausibleAggregate(new PartialSum(planes, [], voter), bucket.TailMask));
            }
        }
    }

    [Fact]
    public void The_largest_values_of_256_voters_have_a_finite_mean()
    {
        var bucket = new Bucket(new FloatMean(), 70);
        var sum = new Totals(bucket);
        for (var voter = 1; voter <= 256; voter++)
        {
            var ballot = new BallotBucket(bucket);
            ballot.Values.Fill(FloatReduction.MagnitudeMax);
            sum.Add(ballot);
            Assert.True(bucket.Reduction.IsPlausibleSum(sum.Sum, bucket.TailMask), $"{voter}");
        }
        var (planes, _, _) = sum.Decide();
        Assert.True(LionKernel.AllFinite(FloatReduction.Of(planes)));
        Assert.True(bucket.Reduction.IsPlausibleAggregate(new PartialSum(planes, [], 256), bucket.TailMask));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.MinValue)]
    public void What_is_no_honest_number_is_refused_wherever_it_is(float value)
    {
        foreach (var reduction in (FloatReduction[])[new FloatMean(), new FloatMax()])
            for (var at = 0; at < 128; at++)
            {
                var planes = new ulong[64];
                FloatReduction.Of(planes.AsSpan())[at] = value;
                Assert.False(reduction.IsPlausibleSum(new PartialSum(planes, [], 3), ulong.MaxValue));
                Assert.False(reduction.IsPlausibleAggregate(new PartialSum(planes, [], 3), ulong.MaxValue));
                FloatReduction.Of(planes.AsSpan())[at] = 1;
                Assert.Equal(at < 70, reduction.IsPlausibleSum(new PartialSum(planes, [], 3), BitPlanes.TailMask(70)));
                Assert.False(reduction.IsPlausibleAggregate(new PartialSum(planes, [], 0), BitPlanes.TailMask(70)), "of nobody");
            }
    }

    [Fact]
    public void Entries_are_gathered_and_their_indices_and_values_are_bounded()
    {
        var reduction = new SparseGather(100);
        var bucket = new Bucket(reduction, 3);
        Assert.Equal((3, ulong.MaxValue, true), (bucket.Words, bucket.TailMask, reduction.IsGathered));
        ulong[] entries = [SparseGather.Entry(0, 1), SparseGather.Entry(99, -2.5f), SparseGather.Entry(50, 0)];
        Assert.Equal((99, -2.5f), (SparseGather.Index(entries[1]), SparseGather.Value(entries[1])));
        Assert.True(reduction.IsPlausibleSum(new PartialSum(entries, [], 1), bucket.TailMask));
        foreach (var wrong in (ulong[])[SparseGather.Entry(100, 1), SparseGather.Entry(-1, 1), SparseGather.Entry(1, float.NaN),
            SparseGather.Entry(1, float.NegativeInfinity), SparseGather.Entry(1, float.MaxValue)])
        {
            Assert.False(reduction.IsPlausibleSum(new PartialSum([entries[0], wrong], [], 1), bucket.TailMask));
            Assert.False(reduction.IsPlausibleAggregate(new PartialSum([wrong], [], 1), bucket.TailMask));
        }
        Assert.Throws<NotSupportedException>(() => reduction.Add(default, default, [], []));
    }

    [Fact]
    public void A_sum_of_nobody_and_a_range_of_nothing_are_honest()
    {
        foreach (var reduction in (Reduction[])[new MajorityVote(TieRule.Zero), new SignAverage(), new TernarySum(),
            new FloatMean(), new FloatMax(), new SparseGather(9)])
        {
            Assert.True(reduction.IsPlausibleSum(default, 1));
            Assert.True(reduction.IsPlausibleSum(new PartialSum([], [], 3), 1));
            Assert.True(reduction.IsPlausibleAggregate(new PartialSum([], [], 3), 1));
            Assert.Equal(0, reduction.SumPlanes(0));
            var (planes, zeros) = (new ulong[2 * reduction.AggregatePlanes(0)], new ulong[2 * reduction.AggregateZeroPlanes(0)]);
            planes.AsSpan().Fill(5);
            var any = reduction.Complete(default, new RangeContext(1, 0, 1, default), planes, zeros);
            Assert.All(planes, word => Assert.Equal(0UL, word));
            Assert.Equal(reduction is MajorityVote, any);
        }
    }

    [Property]
    public void A_range_is_stored_where_it_is_loaded_from(int seed)
    {
        var random = new Random(seed);
        Reduction reduction = random.Next(2) == 0 ? new TernarySum() : new FloatMean();
        int planes = reduction.SumPlanes(1), stride = random.Next(1, 9), first = random.Next(stride),
            words = random.Next(stride - first + 1);
        var range = Samples.Words(random, planes * words);
        var whole = new ulong[planes * stride];
        reduction.Store(range, first, words, whole, stride);
        Assert.Equal(range, reduction.Load(whole, planes, stride, first, words, new ulong[planes * words]));
        Assert.Equal(range.Count(word => word != 0), whole.Count(word => word != 0));
    }

    static BallotBucket SignBallot(Bucket bucket, sbyte[] votes)
    {
        var ballot = new BallotBucket(bucket);
        ReferenceKernels.Pack(votes.Select(vote => vote > 0)).CopyTo(ballot.Planes);
        ReferenceKernels.Pack(votes.Select(vote => vote == 0)).CopyTo(ballot.Zeros);
        return ballot;
    }

    /// <summary>A sum of ballots over a whole part.</summary>
    sealed class Totals(Bucket bucket)
    {
        int ballots;

        public ulong[] Planes { get; private set; } = [];

        public ulong[] Zeros { get; private set; } = [];

        public PartialSum Sum => new(Planes, Zeros, ballots);

        public void Add(BallotBucket ballot)
        {
            var next = ballot.Range(0, bucket.Words, new ulong[bucket.Reduction.SumPlanes(1) * bucket.Words]);
            if (ballots == 0)
            {
                (Planes, Zeros) = (next.Planes.ToArray(), next.Zeros.ToArray());
            }
            else
            {
                var planes = new ulong[bucket.Reduction.SumPlanes(ballots + 1) * bucket.Words];
                var zeros = Zeros.Length == 0 && next.Zeros.IsEmpty ? [] : new ulong[planes.Length];
                Planes.CopyTo(planes, 0); // in place, as exchanges do
                Zeros.CopyTo(zeros, 0);
                bucket.Reduction.Add(new PartialSum(planes.AsSpan(0, Planes.Length), zeros.AsSpan(0, Zeros.Length), ballots),
                    next, planes, zeros);
                (Planes, Zeros) = (planes, zeros);
            }
            ballots++;
        }

        public (ulong[] Planes, ulong[] Zeros, bool Any) Decide(ulong[]? previous = null)
        {
            var planes = new ulong[bucket.Reduction.AggregatePlanes(ballots) * bucket.Words];
            var zeros = new ulong[bucket.Reduction.AggregateZeroPlanes(ballots) * bucket.Words];
            var any = bucket.Reduction.Complete(Sum, new RangeContext(7, 0, bucket.TailMask, previous), planes, zeros);
            return (planes, zeros, any);
        }
    }
}
