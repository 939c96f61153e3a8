using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Reductions;

namespace DecentralizedLion.Codecs.Tests.Bits;

public sealed class BitPlanesTests
{
    [Fact]
    public void Words_and_tail_mask_agree_with_counting()
    {
        for (var parameters = 0; parameters <= 300; parameters++)
        {
            var words = 0;
            while (words * 64 < parameters)
                words++;
            Assert.Equal(words, BitPlanes.Words(parameters));
            var tail = parameters - (64 * (words - 1));
            var mask = Enumerable.Range(0, parameters == 0 ? 64 : tail).Aggregate(0UL, (sum, bit) => sum | (1UL << bit));
            Assert.Equal(mask, BitPlanes.TailMask(parameters));
        }

        Assert.Equal(33554432, BitPlanes.Words(int.MaxValue));
    }

    [Fact]
    public void Width_is_the_smallest_that_holds_the_count()
    {
        for (var count = 0; count <= 1100; count++)
        {
            var width = 0;
            while ((1 << width) <= count)
                width++;
            Assert.Equal(width, BitPlanes.Width(count));
        }
    }

    [Fact]
    public void Negative_numbers_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => BitPlanes.Words(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => BitPlanes.Width(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => BitPlanes.TailMask(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Ballot(-1));
    }

    [Fact]
    public void A_ballot_finds_its_zeros_by_range()
    {
        var ballot = new Ballot(64 * 9);
        Assert.Equal(9, ballot.Words);
        ballot.Zeros[4] = 1UL << 63;
        for (var first = 0; first <= 9; first++)
            for (var words = 0; first + words <= 9; words++)
                Assert.Equal(first <= 4 && first + words > 4, ballot.Buckets[0].HasZeros(first, words));
        Assert.Throws<ArgumentOutOfRangeException>(() => ballot.Buckets[0].HasZeros(5, 5));
    }
}
