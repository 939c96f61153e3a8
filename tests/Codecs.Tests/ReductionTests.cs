using FsCheck.Xunit;

namespace DecentralizedLion.Codecs.Tests;

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
            var part = new StepPart(new Average(), length);
            var sum = new Totals(part);
            var votes = new List<sbyte[]>();
            for (var voter = 1; voter <= 9; voter++)
            {
                votes.Add(Samples.Ballot(random, length, zeros));
                sum.Add(SignBallot(part, votes[^1]));
                int[] positive = Oracle.Counts(votes, length, 1), none = Oracle.Counts(votes, length, 0);
                Assert.Equal(Oracle.Pack(positive, BitPlanes.Width(voter)), sum.Planes);
                Assert.Equal(none.Sum() == 0 ? [] : Oracle.Pack(none, BitPlanes.Width(voter)), sum.Zeros);
                Assert.True(part.Reduction.CanBe(sum.Sum, part.TailMask));

                var (counts, abstained, any) = sum.Decide();
                Assert.Equal(sum.Planes, counts);
                Assert.Equal(none.Sum() > 0, any);
                Assert.Equal(Oracle.Pack(none, BitPlanes.Width(voter)), abstained);
                Assert.True(part.Reduction.CanBeOutcome(new Sum(counts, any ? abstained : [], voter), part.TailMask));
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
            var part = new StepPart(new MajorityVote(ties), length);
            var sum = new Totals(part);
            var votes = new List<sbyte[]>();
            var previous = Samples.Words(random, part.Words);
            for (var voter = 1; voter <= 6; voter++)
            {
                votes.Add(Samples.Ballot(random, length, Zeros.Few));
                sum.Add(SignBallot(part, votes[^1]));
                int[] positive = Oracle.Counts(votes, length, 1), none = Oracle.Counts(votes, length, 0);
                var (signs, zeros, _) = sum.Decide(previous);
                for (var i = 0; i < length; i++)
                {
                    var coin = (Coin.Word(7, i / 64) >> (i % 64) & 1) != 0;
                    var before = (previous[i / 64] >> (i % 64) & 1) != 0;
                    Assert.Equal(Oracle.Verdict(positive[i], none[i], voter, ties, before, coin), (signs[i / 64] >> (i % 64) & 1) != 0 ? 1
                        : (zeros[i / 64] >> (i % 64) & 1) != 0 ? 0 : -1);
                }
                Assert.True(part.Reduction.CanBeOutcome(new Sum(signs, zeros, voter), part.TailMask));
                Assert.False(part.Reduction.CanBeOutcome(new Sum([.. signs.Select(_ => 1UL)], [.. zeros.Select(_ => 1UL)], voter), part.TailMask));
                Assert.Equal(Enumerable.Range(0, length).LongCount(i => 2 * positive[i] + none[i] == voter && none[i] != voter),
                    Agreement.Ties(sum.Planes, BitPlanes.Width(voter), sum.Zeros, sum.Zeros.Length / part.Words, voter, part.Words, part.TailMask));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Ternary_sums_are_sums(int length)
    {
        var random = new Random(length);
        var part = new StepPart(new TernarySum(), length);
        var sum = new Totals(part);
        var total = new int[length];
        for (var voter = 1; voter <= 9; voter++)
        {
            var votes = Samples.Ballot(random, length, Zeros.Most);
            for (var i = 0; i < length; i++)
                total[i] += votes[i] + 1;
            var ballot = new BallotPart(part);
            Oracle.Pack([.. votes.Select(vote => vote + 1)], 2).CopyTo(ballot.Planes);
            sum.Add(ballot);
            Assert.Equal(Oracle.Pack(total, BitPlanes.Width(2 * voter)), sum.Planes);
            Assert.True(part.Reduction.CanBe(sum.Sum, part.TailMask));
            Assert.Equal(sum.Planes, sum.Decide().Planes);
            var more = (ulong[])[.. sum.Planes];
            more.AsSpan().Fill(part.TailMask == ulong.MaxValue ? ulong.MaxValue : 1);
            Assert.Equal(int.PopCount(2 * voter + 1) == 1, part.Reduction.CanBe(new Sum(more, [], voter), part.TailMask));
        }
        Assert.Equal(10, part.Reduction.SumPlanes(256));
    }

    [Theory]
    [MemberData(nameof(Lengths))]
    public void Means_and_maxima_are_those_of_a_loop_in_the_same_order(int length)
    {
        foreach (var reduction in (Floats[])[new Mean(), new Largest()])
        {
            var random = new Random(length);
            var part = new StepPart(reduction, length);
            var sum = new Totals(part);
            var total = new float[length];
            for (var voter = 1; voter <= 9; voter++)
            {
                var values = Samples.Floats(random, length);
                for (var i = 0; i < length; i++)
                {
                    values[i] = Math.Clamp(values[i], -Floats.Most, Floats.Most);
                    total[i] = voter == 1 ? values[i] : reduction is Mean ? total[i] + values[i] : total[i] > values[i] ? total[i] : values[i];
                }
                var ballot = new BallotPart(part);
                values.CopyTo(ballot.Values);
                sum.Add(ballot);
                Assert.True(reduction.CanBe(sum.Sum, part.TailMask));
                var (planes, _, any) = sum.Decide();
                Assert.False(any);
                Assert.Equal(Samples.Bits(total.Select(value => reduction is Mean ? value / voter : value).ToArray()), Samples.Bits(Floats.Of(planes)[..length]));
                Assert.True(reduction.CanBeOutcome(new Sum(planes, [], voter), part.TailMask));
            }
        }
    }

    [Fact]
    public void The_largest_values_of_256_voters_have_a_finite_mean()
    {
        var part = new StepPart(new Mean(), 70);
        var sum = new Totals(part);
        for (var voter = 1; voter <= 256; voter++)
        {
            var ballot = new BallotPart(part);
            ballot.Values.Fill(Floats.Most);
            sum.Add(ballot);
            Assert.True(part.Reduction.CanBe(sum.Sum, part.TailMask), $"{voter}");
        }
        var (planes, _, _) = sum.Decide();
        Assert.True(LionKernel.AllFinite(Floats.Of(planes)));
        Assert.True(part.Reduction.CanBeOutcome(new Sum(planes, [], 256), part.TailMask));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.MinValue)]
    public void What_is_no_honest_number_is_refused_wherever_it_is(float value)
    {
        foreach (var reduction in (Floats[])[new Mean(), new Largest()])
            for (var at = 0; at < 128; at++)
            {
                var planes = new ulong[64];
                Floats.Of(planes.AsSpan())[at] = value;
                Assert.False(reduction.CanBe(new Sum(planes, [], 3), ulong.MaxValue));
                Assert.False(reduction.CanBeOutcome(new Sum(planes, [], 3), ulong.MaxValue));
                Floats.Of(planes.AsSpan())[at] = 1;
                Assert.Equal(at < 70, reduction.CanBe(new Sum(planes, [], 3), BitPlanes.TailMask(70)));
                Assert.False(reduction.CanBeOutcome(new Sum(planes, [], 0), BitPlanes.TailMask(70)), "of nobody");
            }
    }

    [Fact]
    public void Entries_are_gathered_and_their_indices_and_values_are_bounded()
    {
        var reduction = new SparseGather(100);
        var part = new StepPart(reduction, 3);
        Assert.Equal((3, ulong.MaxValue, true), (part.Words, part.TailMask, reduction.IsGathered));
        ulong[] entries = [SparseGather.Entry(0, 1), SparseGather.Entry(99, -2.5f), SparseGather.Entry(50, 0)];
        Assert.Equal((99, -2.5f), (SparseGather.Index(entries[1]), SparseGather.Value(entries[1])));
        Assert.True(reduction.CanBe(new Sum(entries, [], 1), part.TailMask));
        foreach (var wrong in (ulong[])[SparseGather.Entry(100, 1), SparseGather.Entry(-1, 1), SparseGather.Entry(1, float.NaN),
            SparseGather.Entry(1, float.NegativeInfinity), SparseGather.Entry(1, float.MaxValue)])
        {
            Assert.False(reduction.CanBe(new Sum([entries[0], wrong], [], 1), part.TailMask));
            Assert.False(reduction.CanBeOutcome(new Sum([wrong], [], 1), part.TailMask));
        }
        Assert.Throws<NotSupportedException>(() => reduction.Add(default, default, [], []));
    }

    [Fact]
    public void A_sum_of_nobody_and_a_range_of_nothing_are_honest()
    {
        foreach (var reduction in (Reduction[])[new MajorityVote(TieRule.Zero), new Average(), new TernarySum(), new Mean(), new Largest(), new SparseGather(9)])
        {
            Assert.True(reduction.CanBe(default, 1));
            Assert.True(reduction.CanBe(new Sum([], [], 3), 1));
            Assert.True(reduction.CanBeOutcome(new Sum([], [], 3), 1));
            Assert.Equal(0, reduction.SumPlanes(0));
            var (planes, zeros) = (new ulong[2 * reduction.OutcomePlanes(0)], new ulong[2 * reduction.OutcomeZeroPlanes(0)]);
            planes.AsSpan().Fill(5);
            var any = reduction.Decide(default, new Place(1, 0, 1, default), planes, zeros);
            Assert.All(planes, word => Assert.Equal(0UL, word));
            Assert.Equal(reduction is MajorityVote, any);
        }
    }

    [Property]
    public void A_range_is_stored_where_it_is_loaded_from(int seed)
    {
        var random = new Random(seed);
        Reduction reduction = random.Next(2) == 0 ? new TernarySum() : new Mean();
        int planes = reduction.SumPlanes(1), stride = random.Next(1, 9), first = random.Next(stride), words = random.Next(stride - first + 1);
        var range = Samples.Words(random, planes * words);
        var whole = new ulong[planes * stride];
        reduction.Store(range, first, words, whole, stride);
        Assert.Equal(range, reduction.Load(whole, planes, stride, first, words, new ulong[planes * words]));
        Assert.Equal(range.Count(word => word != 0), whole.Count(word => word != 0));
    }

    static BallotPart SignBallot(StepPart part, sbyte[] votes)
    {
        var ballot = new BallotPart(part);
        Oracle.Pack(votes.Select(vote => vote > 0)).CopyTo(ballot.Planes);
        Oracle.Pack(votes.Select(vote => vote == 0)).CopyTo(ballot.Zeros);
        return ballot;
    }

    /// <summary>A sum of ballots over a whole part.</summary>
    sealed class Totals(StepPart part)
    {
        int ballots;

        public ulong[] Planes { get; private set; } = [];

        public ulong[] Zeros { get; private set; } = [];

        public Sum Sum => new(Planes, Zeros, ballots);

        public void Add(BallotPart ballot)
        {
            var next = ballot.Range(0, part.Words, new ulong[part.Reduction.SumPlanes(1) * part.Words]);
            if (ballots == 0)
            {
                (Planes, Zeros) = (next.Planes.ToArray(), next.Zeros.ToArray());
            }
            else
            {
                var planes = new ulong[part.Reduction.SumPlanes(ballots + 1) * part.Words];
                var zeros = Zeros.Length == 0 && next.Zeros.IsEmpty ? [] : new ulong[planes.Length];
                Planes.CopyTo(planes, 0); // in place, as exchanges do
                Zeros.CopyTo(zeros, 0);
                part.Reduction.Add(new Sum(planes.AsSpan(0, Planes.Length), zeros.AsSpan(0, Zeros.Length), ballots), next, planes, zeros);
                (Planes, Zeros) = (planes, zeros);
            }
            ballots++;
        }

        public (ulong[] Planes, ulong[] Zeros, bool Any) Decide(ulong[]? previous = null)
        {
            var planes = new ulong[part.Reduction.OutcomePlanes(ballots) * part.Words];
            var zeros = new ulong[part.Reduction.OutcomeZeroPlanes(ballots) * part.Words];
            var any = part.Reduction.Decide(Sum, new Place(7, 0, part.TailMask, previous), planes, zeros);
            return (planes, zeros, any);
        }
    }
}
