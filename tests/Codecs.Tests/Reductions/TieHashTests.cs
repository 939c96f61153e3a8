using System.Numerics;
using DecentralizedLion.Codecs.Reductions;

namespace DecentralizedLion.Codecs.Tests.Reductions;

public sealed class TieHashTests
{
    [Fact]
    public void The_same_everywhere_and_always()
    {
        // Written down once: another value would split a ring of two versions.
        Assert.Equal(Known, new[] { TieHash.Word(0, 0), TieHash.Word(1, 0), TieHash.Word(0, 1), TieHash.Word(123456789, 41234) });
    }

    [Fact]
    public void Fair_over_words_and_over_steps_and_in_every_bit()
    {
        const int words = 20000;
        foreach (var alongSteps in new[] { false, true })
        {
            var ones = new int[64];
            var turned = 0;
            for (var i = 0; i < words; i++)
            {
                var word = alongSteps ? TieHash.Word(i, 7) : TieHash.Word(7, i);
                var next = alongSteps ? TieHash.Word(i + 1, 7) : TieHash.Word(7, i + 1);
                turned += BitOperations.PopCount(word ^ next);
                for (var bit = 0; bit < 64; bit++)
                    ones[bit] += (int)((word >> bit) & 1);
            }

            // Five standard deviations of a fair coin: sqrt(20000)/2 = 71.
            Assert.All(ones, count => Assert.InRange(count, (words / 2) - 354, (words / 2) + 354));
            Assert.InRange(turned / (64.0 * words), 0.495, 0.505);
        }
    }

    static readonly ulong[] Known =
        [0x845759008ED83973, 0x1EF167BE1BCE5FFE, 0x644C5ED85B88191A, 0x8F5351CDC5E2B1F7];
}
