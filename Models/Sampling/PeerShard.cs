using DecentralizedLion.Models.Datasets;

namespace DecentralizedLion.Models.Sampling;

/// <summary>The samples of a training part that are one peer's own, numbered from 0 on in an order of the peer's own: two peers
/// with equal data read them differently, and vary them differently, too.</summary>
/// <param name="all">The training part.</param>
/// <param name="own">Those of its samples that are the peer's; null for all of them.</param>
/// <param name="peer">The peer's roster index.</param>
/// <param name="seed">The run's seed.</param>
sealed class PeerShard(IDataSplit all, long[]? own, int peer, ulong seed) : IDataSplit
{
    /// <summary>Keeps this order apart from the epochs' orders.</summary>
    const ulong Stream = 0x6F77_6E6F_7264_6572;

    /// <summary>More positions than a peer comes to; 256 times as many are still a number.</summary>
    const long PositionsPerPeer = 1L << 55;

    readonly ShuffledOrder order = new(SplitMix.Bits(SplitMix.Bits(seed, Stream), (ulong)peer), own?.Length ?? all.Count);

    /// <inheritdoc/>
    public long Count => order.Count;

    /// <inheritdoc/>
    public Batch Read(ReadOnlySpan<long> samples) => all.Read(Samples(samples));

    /// <inheritdoc/>
    public Batch Read(ReadOnlySpan<long> samples, ReadOnlySpan<long> positions)
    {
        var apart = new long[positions.Length];
        for (var i = 0; i < apart.Length; i++)
            apart[i] = unchecked((peer * PositionsPerPeer) + positions[i]);
        return all.Read(Samples(samples), apart);
    }

    /// <inheritdoc/>
    public int[]? Labels()
    {
        if (all.Labels() is not { } labels)
            return null;
        var mine = new int[Count];
        for (var i = 0; i < mine.Length; i++)
            mine[i] = labels[Sample(i)];
        return mine;
    }

    /// <summary>Which sample of the training part a number of ours is.</summary>
    internal long Sample(long number)
    {
        if (number < 0 || number >= Count)
            throw new ArgumentOutOfRangeException(nameof(number), number, $"a sample must be from 0 to {Count - 1}");
        var place = order.At(number);
        return own is null ? place : own[place];
    }

    long[] Samples(ReadOnlySpan<long> numbers)
    {
        var samples = new long[numbers.Length];
        for (var i = 0; i < samples.Length; i++)
            samples[i] = Sample(numbers[i]);
        return samples;
    }
}
