namespace DecentralizedLion.Models.Sampling;

/// <summary>A stateless 64-bit mixer: every choice made from a seed comes from here, by integer arithmetic alone.</summary>
static class SplitMix
{
    /// <summary>A bijection of 64-bit words in which each bit of the input moves about half of the output's.</summary>
    public static ulong Bits(ulong x)
    {
        x ^= x >> 32;
        x *= 0xD6E8FEB86659FD93UL;
        x ^= x >> 29;
        x *= 0xA0761D6478BD642FUL;
        x ^= x >> 32;
        x *= 0xE7037ED1A0B428DBUL;
        return x ^ (x >> 30);
    }

    /// <summary>A word for a pair of numbers; (a, b) and (b, a) differ.</summary>
    public static ulong Bits(ulong a, ulong b) => Bits(Bits(a + 0x9E6D62D06F6A9A9BUL) ^ (b * 0xC2B2AE3D27D4EB4FUL));
}
