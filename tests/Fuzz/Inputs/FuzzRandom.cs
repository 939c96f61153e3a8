using System.Numerics;

namespace DecentralizedLion.Fuzz.Inputs;

/// <summary>A sequence of numbers that a parser's name, a seed and an input's number decide: every input can be made again
/// alone.</summary>
sealed class FuzzRandom
{
    ulong state;

    public FuzzRandom(string parser, ulong seed, long number)
    {
        state = seed * 0x9E3779B97F4A7C15;
        foreach (char letter in parser)
            state = (state ^ letter) * 0x100000001B3;
        state ^= (ulong)number * 0xD1342543DE82EF95;
        Next();
    }

    /// <summary>The next 64 bits (SplitMix64).</summary>
    public ulong Next()
    {
        ulong z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>0 … below − 1; below is at least 1.</summary>
    public int Below(int below) => (int)Math.BigMul(Next(), (ulong)below, out _);

    /// <summary>True once in so many times.</summary>
    public bool OneIn(int times) => Below(times) == 0;

    public T Of<T>(ReadOnlySpan<T> choices) => choices[Below(choices.Length)];

    /// <summary>A number that errors like: near a power of two, near the ends of a type, or any.</summary>
    public ulong Interesting() => Below(5) switch
    {
        0 => (ulong)Below(4),
        1 => 1UL << Below(64),
        2 => (1UL << Below(64)) - 1,
        3 => ulong.MaxValue << Below(64),
        _ => BitOperations.RotateRight(Next(), 7) >> Below(64),
    };
}
