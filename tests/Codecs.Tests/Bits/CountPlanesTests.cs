using DecentralizedLion.Codecs.Bits;
using FsCheck.Xunit;

namespace DecentralizedLion.Codecs.Tests.Bits;

public sealed class CountPlanesTests
{
    [Fact]
    public void Adding_in_place_counts_every_number_of_voters()
    {
        var random = new Random(11);
        foreach (var width in Samples.Widths)
        {
            var parameters = (64 * 21) + 17;
            var words = BitPlanes.Words(parameters);
            var ballots = new List<sbyte[]>();
            var buffer = new ulong[7 * words];
            for (var voters = 1; voters <= 65; voters++)
            {
                var ballot = Samples.Ballot(random, parameters, Zeros.Few);
                ballots.Add(ballot);
                int before = BitPlanes.Width(voters - 1), after = BitPlanes.Width(voters);
                CountPlanes.Add(
                    buffer.AsSpan(0, before * words), before, ReferenceKernels.Pack(ballot.Select(sign => sign > 0)),
                    buffer.AsSpan(0, after * words), after, width);
                var expected = ReferenceKernels.Pack(ReferenceKernels.Counts(ballots, parameters, 1), after);
                Assert.Equal(expected, buffer.AsSpan(0, after * words).ToArray());
            }
        }
    }

    [Fact]
    public void Every_length_adds_and_merges_alike_at_every_width()
    {
        var random = new Random(12);
        for (var words = 0; words <= 40; words++)
        {
            for (var planes = 0; planes <= 5; planes++)
            {
                var parameters = words * 64;
                var a = Values(random, parameters, planes);
                var one = Values(random, parameters, 1);
                var other = random.Next(0, 5);
                var b = Values(random, parameters, other);
                var mergedPlanes = Math.Max(planes, other) + 1;
                foreach (var width in Samples.Widths)
                {
                    var sum = new ulong[(planes + 1) * words];
                    CountPlanes.Add(ReferenceKernels.Pack(a, planes), planes, ReferenceKernels.Pack(one, 1), sum,
                        planes + 1, width);
                    Assert.Equal(ReferenceKernels.Pack(Sum(a, one), planes + 1), sum);

                    var merged = new ulong[mergedPlanes * words];
                    ReferenceKernels.Pack(a, planes).CopyTo(merged, 0);
                    CountPlanes.Merge(
                        merged.AsSpan(0, planes * words), planes, ReferenceKernels.Pack(b, other), other, merged,
                        mergedPlanes, width);
                    Assert.Equal(ReferenceKernels.Pack(Sum(a, b), mergedPlanes), merged);

                    ReferenceKernels.Pack(b, other).CopyTo(merged, 0);
                    CountPlanes.Merge(
                        ReferenceKernels.Pack(a, planes), planes, merged.AsSpan(0, other * words), other, merged,
                        mergedPlanes, width);
                    Assert.Equal(ReferenceKernels.Pack(Sum(a, b), mergedPlanes), merged);
                }
            }
        }
    }

    [Property(MaxTest = 300)]
    public void A_ballot_with_a_weight_is_added_as_often_at_every_width(int seed)
    {
        var random = new Random(seed);
        int words = random.Next(0, 41), planes = random.Next(0, 9), weight = random.Next(1, 31), parameters = 64 * words;
        int[] counts = Values(random, parameters, planes), one = Values(random, parameters, 1);
        var wider = BitPlanes.Width((1 << planes) - 1 + weight) + random.Next(2);
        var expected = ReferenceKernels.Pack([.. counts.Zip(one, (count, sign) => count + (weight * sign))], wider);
        foreach (var width in Samples.Widths)
        {
            var result = new ulong[wider * words];
            CountPlanes.Add(ReferenceKernels.Pack(counts, planes), planes, ReferenceKernels.Pack(one, 1), weight, result, wider,
                width);
            Assert.Equal(expected, result);

            // In place, as exchanges do: over the counts, or over the ballot where there are none.
            ReferenceKernels.Pack(planes > 0 ? counts : one, Math.Max(planes, 1)).CopyTo(result, 0);
            ReadOnlySpan<ulong> before = planes > 0 ? result.AsSpan(0, planes * words) : default;
            CountPlanes.Add(before, planes, planes > 0 ? ReferenceKernels.Pack(one, 1) : result.AsSpan(0, words), weight, result,
                wider, width);
            Assert.Equal(expected, result);
        }
    }

    [Property]
    public bool Merging_is_associative_and_commutative_as_are_its_voters(int seed, byte votersA, byte votersB, byte votersC)
    {
        var random = new Random(seed);
        var words = random.Next(1, 30);
        var groups = new[] { votersA % 30, votersB % 30, votersC % 30 }
            .Select((voters, index) => Group(random, words, voters, index * 30)).ToArray();
        var left = Merge(Merge(groups[0], groups[1]), groups[2]);
        var right = Merge(Merge(groups[1], groups[2]), groups[0]);
        return left.Voters == right.Voters && left.Planes.SequenceEqual(right.Planes)
            && left.Voters.Count == groups.Sum(group => group.Voters.Count)
            && !groups[0].Voters.Intersects(groups[1].Voters);
    }

    [Fact]
    public void Lengths_that_do_not_match_are_named()
    {
        Assert.Contains("counts has 3", Assert.Throws<ArgumentException>(
            () => CountPlanes.Add(new ulong[3], 2, new ulong[2], new ulong[4], 2)).Message);
        Assert.Contains("result has 3", Assert.Throws<ArgumentException>(
            () => CountPlanes.Add(new ulong[4], 2, new ulong[2], new ulong[3], 2)).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => CountPlanes.Add(new ulong[4], 2, new ulong[2], new ulong[2], 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => CountPlanes.Merge([], 0, [], 0, [], 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => CountPlanes.Add([], 0, new ulong[2], 4, new ulong[4], 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => CountPlanes.Add([], 0, new ulong[2], 0, new ulong[4], 2));
    }

    static (ulong[] Planes, PeerSet Voters) Group(Random random, int words, int voters, int first)
    {
        var sum = (Planes: Array.Empty<ulong>(), Voters: PeerSet.Empty);
        for (var voter = 0; voter < voters; voter++)
        {
            var planes = BitPlanes.Width(voter + 1);
            var next = new ulong[planes * words];
            CountPlanes.Add(sum.Planes, BitPlanes.Width(voter), Samples.Words(random, words), next, planes);
            sum = (next, sum.Voters.With(first + voter));
        }

        return voters == 0 ? (new ulong[0], sum.Voters) : sum;
    }

    static (ulong[] Planes, PeerSet Voters) Merge(
        (ulong[] Planes, PeerSet Voters) a, (ulong[] Planes, PeerSet Voters) b)
    {
        var voters = a.Voters.Union(b.Voters);
        if (voters.IsEmpty)
            return a;
        var planes = BitPlanes.Width(voters.Count);
        int widthA = BitPlanes.Width(a.Voters.Count), widthB = BitPlanes.Width(b.Voters.Count);
        var words = widthA > 0 ? a.Planes.Length / widthA : b.Planes.Length / widthB;
        var merged = new ulong[planes * words];
        CountPlanes.Merge(a.Planes, widthA, b.Planes, widthB, merged, planes);
        return (merged, voters);
    }

    static int[] Values(Random random, int parameters, int planes)
    {
        var values = new int[parameters];
        for (var i = 0; i < parameters; i++)
            values[i] = random.Next(1 << planes);
        return values;
    }

    static int[] Sum(int[] a, int[] b) => [.. a.Zip(b, (x, y) => x + y)];
}
