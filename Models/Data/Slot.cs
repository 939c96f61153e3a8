namespace DecentralizedLion.Models;

/// <summary>
/// A peer's share of a step: <paramref name="Length"/> positions, <paramref name="Offset"/> after the step's cursor. The
/// slots of a step lie one behind the other, so together they cover the step's batch once.
/// </summary>
public readonly record struct Slot(int Offset, int Length)
{
    /// <summary>The slots of a step in which the peers take these many samples each (0 or more).</summary>
    public static Slot[] Layout(ReadOnlySpan<int> batches)
    {
        var slots = new Slot[batches.Length];
        var offset = 0;
        for (var i = 0; i < slots.Length; i++)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(batches[i]);
            slots[i] = new Slot(offset, batches[i]);
            offset = checked(offset + batches[i]);
        }
        return slots;
    }

    /// <summary>The positions in the run of this slot's samples, when the step begins at the cursor.</summary>
    public long[] Positions(long cursor)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(cursor);
        var positions = new long[Length];
        for (var k = 0; k < positions.Length; k++)
            positions[k] = cursor + Offset + k;
        return positions;
    }

    /// <summary>This slot's samples, when the step begins at the cursor.</summary>
    public long[] Samples(SampleOrder order, long cursor)
    {
        var samples = Positions(cursor);
        for (var k = 0; k < samples.Length; k++)
            samples[k] = order.At(samples[k]);
        return samples;
    }
}
