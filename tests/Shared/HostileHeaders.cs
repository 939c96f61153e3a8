namespace DecentralizedLion.Tests;

/// <summary>MessagePack values that claim more than any message holds, or are nested deeper than any stack is.</summary>
static class HostileHeaders
{
    static readonly byte[] codes = [0xc6, 0xdb, 0xdd, 0xdf, 0xc9]; // bin 32, str 32, array 32, map 32, ext 32
    static readonly uint[] lengths = [int.MaxValue, 1u << 31, (1u << 31) + 1, uint.MaxValue];

    /// <summary>Headers of each kind that has a length of 32 bits, around the ends of the signed and the unsigned
    /// numbers.</summary>
    public static IReadOnlyList<byte[]> All { get; } =
        [.. codes.SelectMany(code => lengths.Select(length => Header(code, length)))];

    /// <summary>Arrays in arrays, each of one element.</summary>
    /// <param name="depth">So many; with the short header they take as many bytes, with the long one five times as many.</param>
    /// <param name="isLong">Each count takes 32 bits.</param>
    public static byte[] Nested(int depth, bool isLong)
    {
        byte[] one = isLong ? Header(0xdd, 1) : [0x91];
        return [.. Enumerable.Repeat(one, depth).SelectMany(header => header)];
    }

    static byte[] Header(byte code, uint length) =>
        [code, (byte)(length >> 24), (byte)(length >> 16), (byte)(length >> 8), (byte)length];
}
