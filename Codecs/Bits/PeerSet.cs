using System.Buffers.Binary;
using System.Collections;
using System.Numerics;

namespace DecentralizedLion.Codecs.Bits;

/// <summary>A set of roster indices 0…255: whose ballots are inside a count. It makes merging idempotent
/// (docs/protocol.md#exchange).</summary>
readonly struct PeerSet : IEquatable<PeerSet>, IEnumerable<int>
{
    /// <summary>The number of possible members: indices 0…255.</summary>
    public const int Capacity = 256;

    /// <summary>The most bytes of a set that <see cref="WriteShort"/> writes: a bit for each index.</summary>
    public const int MapLength = Capacity / 8;

    readonly ulong w0;
    readonly ulong w1;
    readonly ulong w2;
    readonly ulong w3;

    PeerSet(ulong w0, ulong w1, ulong w2, ulong w3) => (this.w0, this.w1, this.w2, this.w3) = (w0, w1, w2, w3);

    /// <summary>Nobody.</summary>
    public static PeerSet Empty => default;

    /// <summary>The number of members, 0…256.</summary>
    public int Count => BitOperations.PopCount(w0) + BitOperations.PopCount(w1)
        + BitOperations.PopCount(w2) + BitOperations.PopCount(w3);

    /// <summary>True when nobody is in the set.</summary>
    public bool IsEmpty => (w0 | w1 | w2 | w3) == 0;

    /// <summary>The set of one member.</summary>
    /// <param name="index">A roster index, 0…255.</param>
    /// <exception cref="ArgumentOutOfRangeException">The index is not 0…255.</exception>
    public static PeerSet Of(int index) => default(PeerSet).With(index);

    /// <summary>The set of some members, in any order.</summary>
    /// <param name="indices">Roster indices, 0…255 each.</param>
    /// <exception cref="ArgumentOutOfRangeException">An index is not 0…255.</exception>
    public static PeerSet Of(params ReadOnlySpan<int> indices)
    {
        var set = default(PeerSet);
        foreach (var index in indices)
            set = set.With(index);
        return set;
    }

    /// <summary>The set of the first <paramref name="count"/> roster indices: 0…count−1.</summary>
    /// <param name="count">0…256.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is not 0…256.</exception>
    public static PeerSet First(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Capacity);
        return new(Low(count), Low(count - 64), Low(count - 128), Low(count - 192));

        static ulong Low(int bits) => bits <= 0 ? 0 : bits >= 64 ? ulong.MaxValue : (1UL << bits) - 1;
    }

    /// <summary>Reads what <see cref="CopyTo"/> writes: strictly ascending indices, one byte each.</summary>
    /// <param name="indices">The bytes.</param>
    /// <param name="voters">The set; empty when they are not strictly ascending.</param>
    /// <returns>Whether they are strictly ascending.</returns>
    public static bool TryRead(ReadOnlySpan<byte> indices, out PeerSet voters)
    {
        voters = default;
        var set = default(PeerSet);
        var last = -1;
        foreach (var index in indices)
        {
            if (index <= last)
                return false;
            last = index;
            set = set.With(index);
        }

        voters = set;
        return true;
    }

    /// <summary>Writes the indices in ascending order, one byte each.</summary>
    /// <param name="destination">Room for <see cref="Count"/> bytes.</param>
    /// <returns>The bytes written, which is <see cref="Count"/>.</returns>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    public int CopyTo(Span<byte> destination)
    {
        var count = Count;
        if (destination.Length < count)
            throw new ArgumentException($"destination has {destination.Length} bytes; {count} are needed.", nameof(destination));
        var at = 0;
        foreach (var index in this)
            destination[at++] = (byte)index;
        return at;
    }

    /// <summary>Reads what <see cref="WriteShort"/> writes, and nothing else.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="set">The set; empty when it is none.</param>
    /// <returns>Whether it is a set.</returns>
    public static bool TryReadShort(ReadOnlySpan<byte> bytes, out PeerSet set)
    {
        if (bytes.Length < MapLength)
            return TryRead(bytes, out set);
        set = bytes.Length == MapLength ? new PeerSet(Word(bytes, 0), Word(bytes, 1), Word(bytes, 2), Word(bytes, 3)) : default;
        if (set.Count >= MapLength)
            return true;
        set = default; // fewer members are written as indices: a set has one spelling
        return false;

        static ulong Word(ReadOnlySpan<byte> bytes, int word) =>
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[(word * sizeof(ulong))..]);
    }

    /// <summary>The bytes that <see cref="WriteShort"/> writes.</summary>
    public int ShortLength => Math.Min(Count, MapLength);

    /// <summary>Writes the set in as few bytes as it can: fewer than 32 members as <see cref="CopyTo"/> does, more as a bit for
    /// each index.</summary>
    /// <param name="destination">Room for <see cref="ShortLength"/> bytes.</param>
    /// <returns>The bytes written.</returns>
    public int WriteShort(Span<byte> destination)
    {
        if (Count < MapLength)
            return CopyTo(destination);
        for (var word = 0; word < MapLength / sizeof(ulong); word++)
            BinaryPrimitives.WriteUInt64LittleEndian(destination[(word * sizeof(ulong))..], Word(word));
        return MapLength;
    }

    /// <summary>True when the member is in the set; an index that cannot be is not.</summary>
    /// <param name="index">A roster index.</param>
    public bool Contains(int index) => (uint)index < Capacity && ((Word(index >> 6) >> (index & 63)) & 1) != 0;

    /// <summary>The set and one more member.</summary>
    /// <param name="index">A roster index, 0…255.</param>
    /// <exception cref="ArgumentOutOfRangeException">The index is not 0…255.</exception>
    public PeerSet With(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Capacity);
        var bit = 1UL << (index & 63);
        return (index >> 6) switch
        {
            0 => new(w0 | bit, w1, w2, w3),
            1 => new(w0, w1 | bit, w2, w3),
            2 => new(w0, w1, w2 | bit, w3),
            _ => new(w0, w1, w2, w3 | bit),
        };
    }

    /// <summary>The members of either set.</summary>
    /// <param name="other">The other set.</param>
    public PeerSet Union(PeerSet other) => new(w0 | other.w0, w1 | other.w1, w2 | other.w2, w3 | other.w3);

    /// <summary>The members of this set that are not in the other.</summary>
    /// <param name="other">Another set.</param>
    public PeerSet Except(PeerSet other) => new(w0 & ~other.w0, w1 & ~other.w1, w2 & ~other.w2, w3 & ~other.w3);

    /// <summary>True when the sets have a member in common: their counts may then not be added.</summary>
    /// <param name="other">The other set.</param>
    public bool Intersects(PeerSet other) =>
        ((w0 & other.w0) | (w1 & other.w1) | (w2 & other.w2) | (w3 & other.w3)) != 0;

    /// <summary>True when every member is in the other set too.</summary>
    /// <param name="other">The other set.</param>
    public bool IsSubsetOf(PeerSet other) =>
        ((w0 & ~other.w0) | (w1 & ~other.w1) | (w2 & ~other.w2) | (w3 & ~other.w3)) == 0;

    /// <summary>The members in ascending order, without allocation.</summary>
    public Enumerator GetEnumerator() => new(this);

    IEnumerator<int> IEnumerable<int>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public bool Equals(PeerSet other) => w0 == other.w0 && w1 == other.w1 && w2 == other.w2 && w3 == other.w3;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is PeerSet other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(w0, w1, w2, w3);

    /// <summary>The members as <c>{0,2,3}</c>.</summary>
    public override string ToString() => $"{{{string.Join(',', (IEnumerable<int>)this)}}}";

    /// <summary>True when two sets have the same members.</summary>
    public static bool operator ==(PeerSet left, PeerSet right) => left.Equals(right);

    /// <summary>True when two sets differ.</summary>
    public static bool operator !=(PeerSet left, PeerSet right) => !left.Equals(right);

    ulong Word(int word) => word switch { 0 => w0, 1 => w1, 2 => w2, _ => w3 };

    /// <summary>Walks the members in ascending order.</summary>
    public struct Enumerator : IEnumerator<int>
    {
        readonly PeerSet set;
        ulong rest;
        int word;

        internal Enumerator(PeerSet set)
        {
            this.set = set;
            rest = set.w0;
            Current = -1;
        }

        /// <inheritdoc/>
        public int Current { get; private set; }

        readonly object IEnumerator.Current => Current;

        /// <inheritdoc/>
        public bool MoveNext()
        {
            while (rest == 0)
            {
                if (word == 3)
                    return false;
                rest = set.Word(++word);
            }

            Current = (word << 6) + BitOperations.TrailingZeroCount(rest);
            rest &= rest - 1;
            return true;
        }

        /// <inheritdoc/>
        public void Reset() => this = new(set);

        /// <inheritdoc/>
        public readonly void Dispose()
        {
        }
    }
}
