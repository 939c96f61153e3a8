using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Reductions;
using FsCheck.Xunit;

namespace DecentralizedLion.Codecs.Tests.Reductions;

public sealed class BallotWeightsTests
{
    [Theory]
    [InlineData(16, 16, 1)]
    [InlineData(23, 16, 1)]
    [InlineData(24, 16, 2)] // a half is rounded upwards
    [InlineData(39, 16, 2)]
    [InlineData(40, 16, 3)]
    [InlineData(15, 1, 15)]
    [InlineData(16, 1, 15)]
    [InlineData(1_000_000, 1, 15)]
    [InlineData(1_000_000, 1_000_000, 1)]
    [InlineData(0, 16, 1)]
    public void A_weight_is_the_ratio_to_the_smallest_batch(int batch, int smallest, int weight) =>
        Assert.Equal(weight, BallotWeights.Of(batch, smallest));

    [Fact]
    public void They_go_by_roster_index_and_who_has_no_samples_does_not_matter()
    {
        var weights = BallotWeights.Of([4, 0, 200, 7], [32, 8, 20, 0]);
        Assert.Equal((4, 1, 3, 1, 1), (weights[4], weights[0], weights[200], weights[7], weights[255]));
        Assert.Equal(new VoteTotal(3, 8), weights.TotalOf(PeerSet.Of(0, 4, 200)));
        Assert.Equal(new VoteTotal(1, 4), weights.TotalOf(PeerSet.Of(4)));
        Assert.Equal(default, weights.TotalOf(default));
        Assert.False(weights.AreEqual);
        Assert.Same(BallotWeights.Equal, BallotWeights.Of([0, 1], []));
        Assert.Same(BallotWeights.Equal, BallotWeights.Of([0, 1], [10, 13]));
        Assert.Same(BallotWeights.Equal, BallotWeights.Of([0, 1], [0, 0]));
        Assert.Equal(VoteTotal.Equal(2), BallotWeights.Equal.TotalOf(PeerSet.Of(3, 200)));
        Assert.ThrowsAny<ArgumentException>(() => BallotWeights.Of([0, 1], [10]));
    }

    /// <summary>Whatever the weights, the tails and the zeros, sums and outcomes are those of plain loops.</summary>
    [Property(MaxTest = 300)]
    public void Sums_with_weights_are_those_of_plain_loops(int seed)
    {
        var random = new Random(seed);
        int length = random.Next(1, 700), voters = random.Next(1, 12);
        int[] weights = [.. Enumerable.Range(0, voters).Select(_ => random.Next(1, BallotWeights.WeightMax + 1))];
        Reduction[] all = [new MajorityVote((TieRule)random.Next(3)), new SignAverage(), new TernarySum(), new FloatMean()];
        var bucket = new Bucket(all[random.Next(all.Length)], length);
        var values = new float[voters][];
        var ballots = new BallotBucket[voters];
        for (var voter = 0; voter < voters; voter++)
            (ballots[voter], values[voter]) = Draw(random, bucket);
        var previous = Samples.Words(random, bucket.Words);
        previous[^1] &= bucket.TailMask;
        var (planes, zeros, any) = Decide(bucket, ballots, weights, previous);

        if (voters == 1)
            weights = [1]; // there is nothing to weigh it against
        var votes = weights.Sum();
        for (var i = 0; i < length; i++)
        {
            int Count(float value) => Enumerable.Range(0, voters).Where(voter => values[voter][i] == value)
                .Sum(voter => weights[voter]);
            switch (bucket.Reduction)
            {
                case MajorityVote vote:
                    var coin = (TieHash.Word(7, i / 64) >> i % 64 & 1) != 0;
                    var majority = ReferenceKernels.Majority(Count(1), Count(0), votes, vote.Ties,
                        (previous[i / 64] >> i % 64 & 1) != 0, coin);
                    Assert.Equal((majority > 0 ? 1 : 0, majority == 0 ? 1 : 0), (Number(planes, i), Number(zeros, i)));
                    break;
                case SignAverage:
                    Assert.Equal((Count(1), Count(0)), (Number(planes, i), any ? Number(zeros, i) : 0));
                    break;
                case TernarySum:
                    Assert.Equal(Count(0) + (2 * Count(1)), Number(planes, i));
                    break;
                default:
                    var sum = weights[0] * values[0][i];
                    for (var voter = 1; voter < voters; voter++)
                    {
                        var own = weights[voter] * values[voter][i];
                        sum += own;
                    }
                    Assert.Equal(BitConverter.SingleToInt32Bits(sum / votes),
                        BitConverter.SingleToInt32Bits(FloatReduction.Of(planes)[i]));
                    break;
            }
        }

        int Number(ulong[] of, int i) => Enumerable.Range(0, of.Length / bucket.Words)
            .Sum(plane => (int)(of[(plane * bucket.Words) + (i / 64)] >> i % 64 & 1) << plane);
    }

    [Fact]
    public void The_largest_values_and_weights_of_256_voters_have_a_finite_mean()
    {
        var bucket = new Bucket(new FloatMean(), 70);
        var ballot = new BallotBucket(bucket);
        ballot.Values.Fill(FloatReduction.MagnitudeMax);
        int[] weights = [.. Enumerable.Repeat(BallotWeights.WeightMax, 256)];
        var (planes, _, _) = Decide(bucket, [.. weights.Select(_ => ballot)], weights, []);
        Assert.All(FloatReduction.Of(planes)[..70].ToArray(), value => Assert.True(float.IsFinite(value)));
        Assert.True(bucket.Reduction.IsPlausibleAggregate(new PartialSum(planes, [], new VoteTotal(256, 256 * 15)),
            bucket.TailMask));
    }

    static (BallotBucket Ballot, float[] Values) Draw(Random random, Bucket bucket)
    {
        var ballot = new BallotBucket(bucket);
        if (bucket.Reduction is FloatReduction)
        {
            var numbers = Samples.Floats(random, bucket.Length).Select(FloatReduction.Bounded).ToArray();
            numbers.CopyTo(ballot.Values);
            return (ballot, numbers);
        }
        var signs = Samples.Ballot(random, bucket.Length, (Zeros)random.Next(3));
        ulong[] positive = ReferenceKernels.Pack(signs.Select(sign => sign > 0)),
            none = ReferenceKernels.Pack(signs.Select(sign => sign == 0));
        if (bucket.Reduction is TernarySum) // t + 1: zeros, then positive ones
        {
            none.CopyTo(ballot.Planes);
            positive.CopyTo(ballot.Planes[bucket.Words..]);
        }
        else
        {
            positive.CopyTo(ballot.Planes);
            none.CopyTo(ballot.Zeros);
        }
        return (ballot, [.. signs.Select(sign => (float)sign)]);
    }

    /// <summary>Adds in place, as exchanges do; and each sum on the way is plausible.</summary>
    static (ulong[] Planes, ulong[] Zeros, bool Any) Decide(Bucket bucket, BallotBucket[] ballots, int[] weights,
        ulong[] previous)
    {
        var reduction = bucket.Reduction;
        var most = reduction.SumPlanes(weights.Sum()) * bucket.Words;
        ulong[] planes = new ulong[most], zeros = new ulong[most], scratch = new ulong[most];
        var total = default(VoteTotal);
        var (length, zeroLength) = (0, 0);
        for (var voter = 0; voter < ballots.Length; voter++)
        {
            var ballot = ballots[voter].Range(0, bucket.Words, scratch, weights[voter]);
            var next = total.With(weights[voter]);
            if (voter == 0)
            {
                ballot.Planes.CopyTo(planes);
                ballot.Zeros.CopyTo(zeros);
                (length, zeroLength) = (ballot.Planes.Length, ballot.Zeros.Length);
            }
            else
            {
                var wider = reduction.SumPlanes(next.Counted) * bucket.Words;
                var withZeros = zeroLength == 0 && ballot.Zeros.IsEmpty ? 0 : wider;
                reduction.Add(new PartialSum(planes.AsSpan(0, length), zeros.AsSpan(0, zeroLength), total), ballot,
                    planes.AsSpan(0, wider), zeros.AsSpan(0, withZeros));
                (length, zeroLength) = (wider, withZeros);
            }
            total = next;
            Assert.True(reduction.IsPlausibleSum(new PartialSum(planes.AsSpan(0, length), zeros.AsSpan(0, zeroLength), total),
                bucket.TailMask));
        }
        var decided = new ulong[reduction.AggregatePlanes(total.Counted) * bucket.Words];
        var none = new ulong[reduction.AggregateZeroPlanes(total.Counted) * bucket.Words];
        var any = reduction.Complete(new PartialSum(planes.AsSpan(0, length), zeros.AsSpan(0, zeroLength), total),
            new RangeContext(7, 0, bucket.TailMask, previous), decided, none);
        Assert.True(reduction.IsPlausibleAggregate(new PartialSum(decided, any ? none : [], total), bucket.TailMask));
        return (decided, none, any);
    }
}
