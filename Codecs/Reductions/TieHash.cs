namespace DecentralizedLion.Codecs.Reductions;

/// <summary>
/// A stateless coin per (step, parameter): the same on every machine, for integer arithmetic only (docs/protocol.md#exchange,
/// tie rule
/// <see cref="TieRule.Hash"/>). Not a cryptographic hash.
/// </summary>
static class TieHash
{
    // Odd, with bits in no pattern; the low constant is 2^64 / golden ratio, the usual Weyl increment.
    internal const ulong Increment = 0x9E3779B97F4A7C15;
    internal const ulong FirstFactor = 0xD6E8FEB86659FD93;
    internal const ulong SecondFactor = 0xCA5A826395121157;
    internal const int Shift = 32;

    /// <summary>64 coins: bit i belongs to parameter 64·word + i.</summary>
    /// <param name="step">The training step.</param>
    /// <param name="word">The word's index in the whole vector.</param>
    public static ulong Word(long step, int word) => Mix(Key(step) + ((ulong)(uint)word * Increment));

    /// <summary>The part of the hash that all words of a step have in common.</summary>
    internal static ulong Key(long step) => Mix(((ulong)step * Increment) + SecondFactor);

    /// <summary>An invertible mix in which each input bit turns about half of the output bits.</summary>
    internal static ulong Mix(ulong z)
    {
        z = (z ^ (z >> Shift)) * FirstFactor;
        z = (z ^ (z >> Shift)) * SecondFactor;
        return z ^ (z >> Shift);
    }
}
