using DecentralizedLion.Codecs.Bits;
using FsCheck.Xunit;

namespace DecentralizedLion.Codecs.Tests.Bits;

public sealed class PeerSetTests
{
    [Property]
    public bool Behaves_as_a_sorted_set_of_bytes(byte[] first, byte[] second)
    {
        SortedSet<int> x = [.. first.Select(index => (int)index)], y = [.. second.Select(index => (int)index)];
        PeerSet a = Make(first), b = Make(second);
        return a.SequenceEqual(x) && a.Count == x.Count && a.IsEmpty == (x.Count == 0)
            && a.Union(b).SequenceEqual(x.Union(y).Order())
            && a.Intersects(b) == x.Overlaps(y)
            && a.IsSubsetOf(b) == x.IsSubsetOf(y) && a.IsSubsetOf(a.Union(b))
            && (a == b) == x.SetEquals(y) && (a != b) == !x.SetEquals(y)
            && (a != b || a.GetHashCode() == b.GetHashCode())
            && Enumerable.Range(-2, 300).All(index => a.Contains(index) == x.Contains(index))
            && a.ToString() == "{" + string.Join(",", x) + "}";
    }

    [Property]
    public bool Bytes_come_back_when_strictly_ascending_and_only_then(byte[] indices)
    {
        var set = Make(indices);
        var bytes = new byte[set.Count];
        var written = set.CopyTo(bytes);
        var ascending = indices.Zip(indices.Skip(1)).All(pair => pair.First < pair.Second);
        return written == bytes.Length && PeerSet.TryRead(bytes, out var back) && back == set
            && PeerSet.TryRead(indices, out var read) == ascending && read == (ascending ? set : PeerSet.Empty);
    }

    [Property]
    public void A_set_takes_32_bytes_at_most_and_has_one_spelling(byte[] some, bool most)
    {
        var set = most ? PeerSet.First(256).Except(Make(some)) : Make(some);
        var bytes = new byte[set.ShortLength];
        Assert.Equal(Math.Min(set.Count, 32), set.WriteShort(bytes));
        Assert.True(PeerSet.TryReadShort(bytes, out var back));
        Assert.Equal(set, back);
        Assert.False(PeerSet.TryReadShort([.. bytes, 0], out back) && back == set);
    }

    [Fact]
    public void Bits_of_fewer_than_32_members_and_more_bytes_than_bits_need_are_no_set()
    {
        var bits = new byte[32];
        PeerSet.First(32).WriteShort(bits);
        Assert.Equal(uint.MaxValue, BitConverter.ToUInt32(bits));
        Assert.True(PeerSet.TryReadShort(bits, out var all) && all == PeerSet.First(32));
        bits[0] = 0xFE;
        Assert.False(PeerSet.TryReadShort(bits, out all) || !all.IsEmpty);
        Assert.False(PeerSet.TryReadShort(new byte[33], out _));
        Assert.False(PeerSet.TryReadShort([.. Enumerable.Range(0, 40).Select(index => (byte)index)], out _));
    }

    [Fact]
    public void The_first_so_many()
    {
        for (var count = 0; count <= 256; count++)
            Assert.Equal(Enumerable.Range(0, count), PeerSet.First(count));
        Assert.Throws<ArgumentOutOfRangeException>(() => PeerSet.First(257));
        Assert.Throws<ArgumentOutOfRangeException>(() => PeerSet.Of(256));
        Assert.Throws<ArgumentOutOfRangeException>(() => PeerSet.Of(-1));
        Assert.Throws<ArgumentException>(() => PeerSet.First(3).CopyTo(new byte[2]));
        Assert.Equal("{0,2,3}", PeerSet.Of(3, 0, 2).ToString());
    }

    static PeerSet Make(byte[] indices) => indices.Aggregate(PeerSet.Empty, (set, index) => set.With(index));
}
