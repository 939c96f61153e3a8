using DecentralizedLion.Codecs.LionK;

namespace DecentralizedLion.Codecs.Tests.LionK;

/// <summary>Every 𝒦, at several parameters, and vectors of ordinary sizes with zeros and equal magnitudes among them.</summary>
static class KappaSamples
{
    public static readonly Kappa[] All =
    [
        .. new[]
        {
            "sign", "lp(1.05)", "lp(1.5)", "lp(2)", "lp(3)", "lp(17.5)", "lp(64)", "huber(0.25)", "huber(2)",
            "soft-threshold(0.5)", "soft-threshold(0.001)", "top-k(0.1)", "top-k(0.5)", "top-k(1)",
            "group(1)", "group(2)", "group(7)", "group(64)", "tanh(0.5)", "tanh(3)", "tanh(1000)",
        }.Select(Kappa.Parse),
    ];

    public static readonly Kappa[] Ternary = [.. All.Where(kappa => kappa.IsTernary)];

    public static float[] Ordinary(Random random, int count)
    {
        var values = new float[count];
        for (var i = 0; i < count; i++)
        {
            values[i] = random.Next(8) switch
            {
                0 => 0f,
                1 => (random.Next(5) - 2) / 2f,
                _ => (random.NextSingle() - 0.5f) * 4,
            };
        }

        return values;
    }

    /// <summary>Values that no platform's generator makes, with magnitudes from 1e-12 to 1e4.</summary>
    public static float[] Fixed(int count)
    {
        var values = new float[count];
        var state = 12345u;
        for (var i = 0; i < count; i++)
        {
            state = (state * 1664525) + 1013904223;
            var exponent = 127 - 40 + (state >> 24) % 54;
            values[i] = BitConverter.UInt32BitsToSingle((state & 0x807F_FFFF & ~0x7F80_0000u) | (exponent << 23));
            if (state % 11 == 0)
                values[i] = 0;
        }

        return values;
    }

    public static float[] Gradient(Kappa kappa, ReadOnlySpan<float> u)
    {
        var gradient = new float[u.Length];
        kappa.Gradient(u, gradient);
        return gradient;
    }

    public static double Product(float[] a, float[] b) => a.Zip(b, (x, y) => (double)x * y).Sum();

    public static double Size(float[] a, float[] b) => a.Zip(b, (x, y) => Math.Abs((double)x * y)).Sum();
}
