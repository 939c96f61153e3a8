using DecentralizedLion.Codecs.Reductions;

namespace DecentralizedLion.Codecs.Tests;

/// <summary>The reference that the kernels must equal, bit for bit: plain loops over one number per parameter, with nothing
/// packed.</summary>
static class ReferenceKernels
{
    public static int[] Counts(IEnumerable<sbyte[]> ballots, int parameters, sbyte value)
    {
        var counts = new int[parameters];
        foreach (var ballot in ballots)
            for (var i = 0; i < parameters; i++)
                if (ballot[i] == value)
                    counts[i]++;
        return counts;
    }

    public static int Majority(int positive, int abstained, int voters, TieRule ties, bool previous, bool coin)
    {
        var negative = voters - positive - abstained;
        if (abstained == voters)
            return 0;
        if (positive != negative)
            return positive > negative ? 1 : -1;
        return ties switch
        {
            TieRule.Previous => previous ? 1 : -1,
            TieRule.Zero => 0,
            _ => coin ? 1 : -1,
        };
    }

    public static (float Update, float Momentum) Lion(float gradient, float momentum, float beta1, float beta2)
    {
        float rest1 = 1 - beta1, rest2 = 1 - beta2;
        var old1 = beta1 * momentum;
        var new1 = rest1 * gradient;
        var old2 = beta2 * momentum;
        var new2 = rest2 * gradient;
        return (old1 + new1, old2 + new2);
    }

    public static float Apply(float weight, float step, float decay)
    {
        var decayed = weight * decay;
        return decayed - step;
    }

    public static ulong[] Pack(int[] values, int planes)
    {
        var words = (values.Length + 63) / 64;
        var packed = new ulong[planes * words];
        for (var plane = 0; plane < planes; plane++)
            for (var i = 0; i < values.Length; i++)
                if (((values[i] >> plane) & 1) != 0)
                    packed[(plane * words) + (i / 64)] |= 1UL << (i % 64);
        return packed;
    }

    public static ulong[] Pack(IEnumerable<bool> values) => Pack([.. values.Select(value => value ? 1 : 0)], 1);

    public static uint Crc32C(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        foreach (var value in data)
            for (var bit = 0; bit < 8; bit++)
                crc = (crc >> 1) ^ ((((crc ^ ((uint)value >> bit)) & 1) != 0) ? 0x82F63B78u : 0u);
        return ~crc;
    }
}
