using MessagePack;

namespace DecentralizedLion.Topology.ViewChanges;

/// <summary>
/// The batches of a view's members, in their order, from which the weights of their ballots follow (docs/protocol.md#weights).
/// The samples of a view's first step were shared out by the record before it, so that step has batches of its own.
/// </summary>
sealed class BatchShares : IEquatable<BatchShares>
{
    /// <summary>No batch is larger.</summary>
    public const int BatchMax = 1_000_000;

    readonly int[] batches, first;

    /// <summary>Makes the batches of a view.</summary>
    /// <param name="batches">The samples that each member takes in every step but the first, from 0 to
    /// <see cref="BatchMax"/>.</param>
    /// <param name="first">The same in the first step; 0 for who was no member when the step before was decided.</param>
    public BatchShares(IReadOnlyList<int> batches, IReadOnlyList<int> first)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(first.Count, batches.Count, nameof(first));
        (this.batches, this.first) = ([.. batches], [.. first]);
    }

    /// <summary>No batches are set: every ballot counts one vote.</summary>
    public static BatchShares None { get; } = new([], []);

    /// <summary>The members' batches in every step but the first; empty where none are set.</summary>
    public IReadOnlyList<int> Batches => batches;

    /// <summary>Their batches in the first step.</summary>
    public IReadOnlyList<int> First => first;

    /// <summary>Writes them: a MessagePack array of all batches, then those of the first step.</summary>
    public void Write(ref MessagePackWriter writer)
    {
        writer.WriteArrayHeader(2 * batches.Length);
        foreach (int batch in batches)
            writer.Write(batch);
        foreach (int batch in first)
            writer.Write(batch);
    }

    /// <summary>Reads what <see cref="Write"/> wrote; null when it is nothing of so many members. Throws what a MessagePack
    /// reader throws.</summary>
    public static BatchShares? TryRead(ref MessagePackReader reader, int members)
    {
        int count = reader.ReadArrayHeader();
        if (count == 0)
            return None;
        if (count != 2 * members)
            return null;
        var numbers = new int[count];
        foreach (ref int number in numbers.AsSpan())
        {
            number = reader.ReadInt32();
            if (number is < 0 or > BatchMax)
                return null;
        }
        return new BatchShares(numbers[..members], numbers[members..]);
    }

    /// <inheritdoc/>
    public bool Equals(BatchShares? other) => other is not null && batches.AsSpan().SequenceEqual(other.batches)
        && first.AsSpan().SequenceEqual(other.first);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as BatchShares);

    /// <inheritdoc/>
    public override int GetHashCode() => batches.Length == 0 ? 0 : HashCode.Combine(batches.Length, batches[0], first[0]);
}
