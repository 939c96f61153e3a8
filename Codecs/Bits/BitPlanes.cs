using System.Numerics;

namespace DecentralizedLion.Codecs.Bits;

/// <summary>
/// The layout of bits in planes: bit <c>i</c> of word <c>w</c> belongs to parameter <c>64·w + i</c>; a group of k planes over
/// n words holds plane b at words [b·n, (b+1)·n), and plane b is bit b of each count (docs/protocol.md#exchange). Bits beyond
/// the last parameter are zero in every plane.
/// </summary>
static class BitPlanes
{
    /// <summary>Parameters in one word.</summary>
    public const int BitsPerWord = 64;

    /// <summary>The 64-bit words of one plane: ⌈parameters / 64⌉.</summary>
    /// <param name="parameters">The number of parameters, not negative.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="parameters"/> is negative.</exception>
    public static int Words(int parameters)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(parameters);
        return (int)(((uint)parameters + (BitsPerWord - 1)) / BitsPerWord);
    }

    /// <summary>The planes that hold counts from 0 to <paramref name="count"/>: ⌈log2(count + 1)⌉.</summary>
    /// <param name="count">The largest count, not negative.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative.</exception>
    public static int Width(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return 32 - BitOperations.LeadingZeroCount((uint)count);
    }

    /// <summary>The valid bits of a plane's last word: all ones when it is full, and for no parameters at all.</summary>
    /// <param name="parameters">The number of parameters, not negative.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="parameters"/> is negative.</exception>
    public static ulong TailMask(int parameters)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(parameters);
        var tail = parameters % BitsPerWord;
        return tail == 0 ? ulong.MaxValue : (1UL << tail) - 1;
    }
}
