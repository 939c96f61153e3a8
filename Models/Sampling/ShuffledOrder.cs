using System.Numerics;

namespace DecentralizedLion.Models.Sampling;

/// <summary>
/// In which order a run sees its samples: each epoch is a permutation of 0 … count - 1 of its own, computed for any
/// position without state, so that a peer that comes back, or takes over a slot, needs nothing but the cursor.
/// </summary>
readonly struct ShuffledOrder
{
    const int Rounds = 8;

    readonly ulong seed;
    readonly long count;
    readonly int halfBits;

    /// <summary>The order of <paramref name="count"/> samples (at least 1) under a seed.</summary>
    public ShuffledOrder(ulong seed, long count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        this.seed = seed;
        this.count = count;
        var bits = 64 - BitOperations.LeadingZeroCount((ulong)count - 1);
        halfBits = Math.Max(1, (bits + 1) / 2);
    }

    /// <summary>The number of samples of an epoch.</summary>
    public long Count => count;

    /// <summary>The sample at a position of the run; position = epoch * count + place in the epoch, at least 0.</summary>
    public long At(long position)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(position);
        var key = SplitMix.Bits(seed, (ulong)(position / count));
        var value = (ulong)(position % count);

        // A Feistel network permutes 4^halfBits < 4 * count numbers; walking on along the cycle until the number is
        // one of ours permutes 0 … count - 1, in less than four turns on average.
        do
        {
            value = Permute(value, key);
        }
        while (value >= (ulong)count);
        return (long)value;
    }

    ulong Permute(ulong value, ulong key)
    {
        var mask = (1UL << halfBits) - 1;
        var left = value >> halfBits;
        var right = value & mask;
        for (var round = 0; round < Rounds; round++)
            (left, right) = (right, left ^ (SplitMix.Bits(key + (ulong)round, right) & mask));
        return (left << halfBits) | right;
    }
}
