using System.Numerics;
using System.Runtime.CompilerServices;
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

    // The instruction takes a word each cycle and needs three for one: three blocks at once keep it busy.
    const int Blocks = 3, BlockWords = 128;
    static readonly uint[] BlockShift = MakeBlockShift();

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
        var words = MemoryMarshal.Cast<byte, ulong>(data);
        for (; words.Length >= Blocks * BlockWords; words = words[(Blocks * BlockWords)..])
            crc = OfBlocks(crc, in MemoryMarshal.GetReference(words));
        foreach (var word in words)
            crc = BitOperations.Crc32C(crc, word);
        foreach (var value in data[(data.Length & ~7)..])
            crc = BitOperations.Crc32C(crc, value);
        return crc;
    }

    /// <summary>Goes on over three blocks, which begin at a word.</summary>
    static uint OfBlocks(uint crc, in ulong first)
    {
        uint second = 0, third = 0;
        for (var at = 0; at < BlockWords; at++)
        {
            ref var word = ref Unsafe.Add(ref Unsafe.AsRef(in first), at);
            crc = BitOperations.Crc32C(crc, word);
            second = BitOperations.Crc32C(second, Unsafe.Add(ref word, BlockWords));
            third = BitOperations.Crc32C(third, Unsafe.Add(ref word, 2 * BlockWords));
        }
        return PastBlock(PastBlock(crc) ^ second) ^ third;
    }

    /// <summary>Goes on over a block of zeros.</summary>
    static uint PastBlock(uint crc) => BlockShift[(byte)crc] ^ BlockShift[256 + (byte)(crc >> 8)]
        ^ BlockShift[512 + (byte)(crc >> 16)] ^ BlockShift[768 + (crc >> 24)];

    static uint ByTable(uint crc, ReadOnlySpan<byte> data)
    {
        foreach (var value in data)
            crc = Table[(byte)(crc ^ value)] ^ (crc >> 8);
        return crc;
    }

    /// <summary>What becomes of each value of each byte of a CRC over a block of zeros. That of several bits is the sum of
    /// theirs.</summary>
    static uint[] MakeBlockShift()
    {
        Span<byte> zeros = stackalloc byte[BlockWords * sizeof(ulong)];
        zeros.Clear();
        Span<uint> bits = stackalloc uint[8 * sizeof(uint)];
        for (var bit = 0; bit < bits.Length; bit++)
            bits[bit] = ByTable(1u << bit, zeros);
        var shift = new uint[256 * sizeof(uint)];
        for (var at = 0; at < shift.Length; at++)
            for (var bit = 0; bit < 8; bit++)
                shift[at] ^= (at >> bit & 1) != 0 ? bits[(at >> 8 << 3) + bit] : 0;
        return shift;
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
