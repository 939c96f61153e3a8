using DecentralizedLion.Models.Sampling;

namespace DecentralizedLion.Models.Datasets;

/// <summary>The choices behind one glyph: a stream of numbers that depends on its key alone.</summary>
struct GlyphRandom(ulong key)
{
    ulong drawn;

    /// <summary>The next 64 bits.</summary>
    public ulong Next() => SplitMix.Bits(key, drawn++);

    /// <summary>A number from 0 to bound - 1.</summary>
    public int Below(int bound) => (int)(((Next() >> 32) * (ulong)bound) >> 32);

    /// <summary>A number between two limits, from 53 bits: exact in a double, hence equal everywhere.</summary>
    public double Between(double low, double high) => low + ((high - low) * ((Next() >> 11) * (1.0 / (1L << 53))));
}
