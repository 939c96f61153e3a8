using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace DecentralizedLion.Codecs.Wire;

/// <summary>
/// CRC-32C (Castagnoli, reflected polynomial 0x82F63B78, as in RFC 3720): the CPU's instruction where it has one, a table
/// elsewhere. The CRC of the ASCII digits 123456789 is 0xE3069283.
/// </summary>
static class Crc32C
{
    const uint Polynomial = 0x82F63B78;
    static readonly uint[] Table = MakeTable();

    /// <summary>The CRC of some bytes; 0 of none.</summary>
    /// <param name="data">The bytes.</param>
    public static uint Of(ReadOnlySpan<byte> data) => Append(0, data);

    /// <summary>The CRC of bytes that came in pieces: Append(Of(a), b) = Of(a followed by b).</summary>
    /// <param name="crc">The CRC of all before; 0 of nothing.</param>
    /// <param name="data">The next piece.</param>
    public static uint Append(uint crc, ReadOnlySpan<byte> data) => Append(crc, data, HasInstruction);

    static bool HasInstruction =>
        Sse42.IsSupported || System.Runtime.Intrinsics.Arm.Crc32.IsSupported;

    internal static uint Append(uint crc, ReadOnlySpan<byte> data, bool instruction) =>
        ~(instruction ? ByInstruction(~crc, data) : ByTable(~crc, data));

    static uint ByInstruction(uint crc, ReadOnlySpan<byte> data)
    {
        foreach (var word in MemoryMarshal.Cast<byte, ulong>(data))
            crc = BitOperations.Crc32C(crc, word);
        foreach (var value in data[(data.Length & ~7)..])
            crc = BitOperations.Crc32C(crc, value);
        return crc;
    }

    static uint ByTable(uint crc, ReadOnlySpan<byte> data)
    {
        foreach (var value in data)
            crc = Table[(byte)(crc ^ value)] ^ (crc >> 8);
        return crc;
    }

    static uint[] MakeTable()
    {
        var table = new uint[256];
        for (uint i = 0; i < table.Length; i++)
        {
            var crc = i;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc >> 1) ^ ((crc & 1) != 0 ? Polynomial : 0);
            table[i] = crc;
        }

        return table;
    }
}
