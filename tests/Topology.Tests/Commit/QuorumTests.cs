using DecentralizedLion.Codecs;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Views;

namespace DecentralizedLion.Topology.Tests.Commit;

/// <summary>Dynamic-linear voting: more than half, or exactly half with the lowest-ranked member.</summary>
public sealed class QuorumTests
{
    [Fact]
    public void Two_disjoint_quorums_never_exist_and_one_half_always_decides()
    {
        for (int count = 1; count <= 7; count++)
        {
            int[] members = [.. Enumerable.Range(0, count).Select(place => 200 - 3 * place)]; // the lowest rank is last in the ring
            var view = new View(3, members, new ulong[count], 1);
            for (int bits = 0; bits < 1 << count; bits++)
            {
                VoterSet set = Subset(members, bits), rest = view.Set.Except(set);
                Assert.False(view.IsQuorum(set) && view.IsQuorum(rest), $"{set} and {rest}");
                Assert.True(view.IsQuorum(set) || view.IsQuorum(rest), $"neither {set} nor {rest}");
                int present = set.Count;
                bool expected = 2 * present > count || (2 * present == count && set.Contains(members[^1]));
                Assert.Equal(expected, view.IsQuorum(set));
                Assert.Equal(expected, view.IsQuorum(set.With(1).With(255))); // who is no member does not count
                for (int more = bits; more < 1 << count; more++)
                {
                    if ((more & bits) == bits && view.IsQuorum(set))
                        Assert.True(view.IsQuorum(Subset(members, more)), "a larger set is a quorum, too");
                }
            }
        }
    }

    [Theory]
    [InlineData(1, "0")]
    [InlineData(2, "0", "01")]
    [InlineData(3, "01", "02", "12", "012")]
    [InlineData(4, "01", "02", "03", "012", "013", "023", "123", "0123")]
    public void Table(int count, params string[] quorums)
    {
        int[] members = [.. Enumerable.Range(0, count)];
        var view = new View(1, members, new ulong[count], 1);
        string[] found = [.. Enumerable.Range(0, 1 << count).Select(bits => Subset(members, bits)).Where(view.IsQuorum)
            .Select(set => string.Concat(set)).OrderBy(text => text.Length).ThenBy(text => text, StringComparer.Ordinal)];
        Assert.Equal(quorums, found);
    }

    [Fact]
    public void A_step_is_committed_when_a_quorum_holds_one_and_the_same()
    {
        var view = new View(1, [0, 1, 2, 3], new ulong[4], 1);
        ChainDigest a = ChainDigest.Of([1]), b = ChainDigest.Of([2]);
        var tally = new HeldTally();
        Assert.Null(tally.Committed(view));
        Assert.True(tally.Add(2, a));
        Assert.True(tally.Add(3, a));
        Assert.Null(tally.Committed(view)); // half, without the first
        Assert.True(tally.Add(0, b));
        Assert.Null(tally.Committed(view));
        Assert.False(tally.Add(0, a), "the first word counts");
        Assert.True(tally.Add(1, b));
        Assert.Equal(b, tally.Committed(view)); // half, with the first
        Assert.Equal(VoterSet.Of(0, 1), tally.HoldersOf(b));
        Assert.Equal(VoterSet.Of(2, 3), tally.HoldersOf(a));
        Assert.True(tally.Has(1) && !tally.Has(7));
    }

    [Fact]
    public void Outsiders_do_not_commit()
    {
        var view = new View(1, [4, 5, 6], new ulong[3], 1);
        var tally = new HeldTally();
        tally.Add(4, default);
        tally.Add(0, default);
        tally.Add(1, default);
        Assert.Null(tally.Committed(view));
    }

    [Fact]
    public void Held_is_64_bytes()
    {
        var held = new Held(ChainDigest.Of([1]), ChainDigest.Of([2]));
        byte[] bytes = new byte[64];
        held.Write(bytes);
        Assert.Equal([.. held.Record.Bytes.Span, .. held.Weights.Bytes.Span], bytes);
        Assert.True(Held.TryRead(bytes, out Held read));
        Assert.Equal(held, read);
        for (int length = 0; length < 200; length++)
            Assert.Equal(length == 64, Held.TryRead(new byte[length], out _));
    }

    [Fact]
    public void A_member_is_listed_once() =>
        Assert.Throws<ArgumentException>(() => new View(1, [1, 2, 1], new ulong[3], 1));

    static VoterSet Subset(int[] members, int bits)
    {
        var set = default(VoterSet);
        for (int place = 0; place < members.Length; place++)
        {
            if ((bits >> place & 1) != 0)
                set = set.With(members[place]);
        }
        return set;
    }
}
