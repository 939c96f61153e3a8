using DecentralizedLion.Codecs.Bits;
using FsCheck.Xunit;

namespace DecentralizedLion.Codecs.Tests.Bits;

public sealed class CountBoundsTests
{
    [Property(MaxTest = 200)]
    public void It_is_what_plain_loops_find(int seed)
    {
        var random = new Random(seed);
        int words = random.Next(1, 40), voters = random.Next(1, 20), planes = BitPlanes.Width(voters);
        bool abstains = random.Next(2) == 0;
        ulong[] counts = new ulong[planes * words], abstentions = new ulong[abstains ? planes * words : 0];
        for (int i = 0; i < 64 * words; i++)
        {
            int p = random.Next(voters + 1);
            Put(counts, i, p);
            if (abstains)
                Put(abstentions, i, random.Next(voters - p + 1));
        }
        Assert.True(Holds());
        // One more somewhere, where there is room for it to be said.
        for (int at = 0; at < 20; at++)
        {
            int i = random.Next(64 * words), p = random.Next(1 << planes), a = abstains ? random.Next(1 << planes) : 0;
            (int wasP, int wasA) = (Get(counts, i), abstains ? Get(abstentions, i) : 0);
            Put(counts, i, p);
            if (abstains)
                Put(abstentions, i, a);
            Assert.Equal(p + a <= voters, Holds());
            Put(counts, i, wasP);
            if (abstains)
                Put(abstentions, i, wasA);
        }

        bool Holds() => CountBounds.Hold(counts, planes, abstentions, abstains ? planes : 0, voters);

        int Get(ulong[] values, int i) =>
            Enumerable.Range(0, planes).Sum(plane => (int)(values[plane * words + i / 64] >> i % 64 & 1) << plane);

        void Put(ulong[] values, int i, int value)
        {
            for (int plane = 0; plane < planes; plane++)
            {
                ref ulong word = ref values[plane * words + i / 64];
                word = (word & ~(1UL << i % 64)) | ((ulong)(value >> plane & 1) << i % 64);
            }
        }
    }

    [Fact]
    public void Nothing_and_empty_segments_hold()
    {
        Assert.True(CountBounds.Hold([], 0, [], 0, 0));
        Assert.True(CountBounds.Hold([], 2, [], 0, 2));
        Assert.True(CountBounds.Hold([], 2, [], 2, 2));
        Assert.True(CountBounds.Hold([ulong.MaxValue], 1, [], 0, 1));
        Assert.False(CountBounds.Hold([1], 1, [1], 1, 1)); // +1 and zero at once
        Assert.False(CountBounds.Hold([4, 4], 2, [], 0, 2)); // three of two
    }
}
