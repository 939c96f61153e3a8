using DecentralizedLion.Codecs.Bits.Simd;
using DecentralizedLion.Codecs.Reductions;

namespace DecentralizedLion.Codecs.Tests;

static class Samples
{
    public static readonly VectorWidth[] Widths =
        [VectorWidth.Scalar, VectorWidth.Bits128, VectorWidth.Bits256, VectorWidth.Bits512];

    public static readonly TieRule[] TieRules = [TieRule.Previous, TieRule.Zero, TieRule.Hash];

    public static readonly Zeros[] ZeroDensities = [Zeros.None, Zeros.Few, Zeros.Most, Zeros.All];

    // Values at which a kernel could differ from a loop: both zeros, subnormals, the ends of the range.
    static readonly float[] Special =
    [
        0f, -0f, float.Epsilon, -float.Epsilon, 1.1754942e-38f, -1.1754942e-38f, float.MaxValue, float.MinValue, 1f, -1f,
        1.17549435e-38f, 3e38f, -3e38f, 1e-40f,
    ];

    public static sbyte[] Ballot(Random random, int parameters, Zeros zeros)
    {
        var ballot = new sbyte[parameters];
        for (var i = 0; i < parameters; i++)
        {
            var zero = zeros switch
            {
                Zeros.None => false,
                Zeros.Few => random.Next(8) == 0,
                Zeros.Most => random.Next(8) != 0,
                _ => true,
            };
            ballot[i] = (sbyte)(zero ? 0 : random.Next(2) == 0 ? -1 : 1);
        }

        return ballot;
    }

    public static float[] Floats(Random random, int count)
    {
        var values = new float[count];
        for (var i = 0; i < count; i++)
        {
            values[i] = random.Next(4) switch
            {
                0 => Special[random.Next(Special.Length)],
                1 => AnyFinite(random),
                _ => (random.NextSingle() - 0.5f) * 1e-3f,
            };
        }

        return values;
    }

    public static ulong[] Words(Random random, int count)
    {
        var words = new ulong[count];
        for (var i = 0; i < count; i++)
            words[i] = (ulong)random.NextInt64(long.MinValue, long.MaxValue);
        return words;
    }

    public static int[] Bits(ReadOnlySpan<float> values)
    {
        var bits = new int[values.Length];
        for (var i = 0; i < bits.Length; i++)
            bits[i] = BitConverter.SingleToInt32Bits(values[i]);
        return bits;
    }

    static float AnyFinite(Random random)
    {
        while (true)
        {
            var value = BitConverter.Int32BitsToSingle(random.Next(int.MinValue, int.MaxValue));
            if (float.IsFinite(value))
                return value;
        }
    }
}
