using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Topology.ViewChanges;
using FsCheck;
using FsCheck.Xunit;

namespace DecentralizedLion.Topology.Tests.ViewChanges;

/// <summary>Dynamic-linear voting: more than half, or exactly half with the lowest-ranked member.</summary>
public sealed class QuorumTests
{
    [Fact]
    public void Two_disjoint_quorums_never_exist_and_one_half_always_decides()
    {
        for (int count = 1; count <= 7; count++)
        {
            // the lowest rank is last in the ring
            int[] members = [.. Enumerable.Range(0, count).Select(place => 200 - 3 * place)];
            var view = new View(3, members, new ulong[count], 1);
            for (int bits = 0; bits < 1 << count; bits++)
            {
                PeerSet set = Subset(members, bits), rest = view.MemberSet.Except(set);
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

    [Property]
    public void Of_any_two_sets_that_share_nobody_one_is_no_quorum(DoNotSize<int> seed)
    {
        var random = new Random(seed.Item);
        int[] members = [.. Enumerable.Range(0, 256)];
        random.Shuffle(members);
        members = members[..random.Next(1, 40)];
        var view = new View(random.Next(3), members, new ulong[members.Length], 1);
        PeerSet one = default, other = default;
        foreach (int member in Enumerable.Range(0, 256)) // outsiders, too
        {
            int side = random.Next(5);
            one = side < 2 ? one.With(member) : one;
            other = side is 2 or 3 ? other.With(member) : other;
        }
        Assert.False(view.IsQuorum(one) && view.IsQuorum(other));
        Assert.True(view.IsQuorum(view.MemberSet));
        Assert.False(view.IsQuorum(PeerSet.First(256).Except(view.MemberSet)));
    }

    [Fact]
    public void Two_halves_never_both_go_on_and_the_one_with_the_lowest_rank_does()
    {
        var view = new View(1, [7, 3, 9, 5], new ulong[4], 1);
        Assert.True(view.IsQuorum(PeerSet.Of(3, 9)) && !view.IsQuorum(PeerSet.Of(7, 5)));
        Assert.Equal(3, view.QuorumSize);
    }

    [Fact]
    public void A_bootstrap_needs_all()
    {
        View none = View.BeforeBootstrap(5);
        Assert.Equal((0, 5, 5), (none.Number, none.Count, none.QuorumSize));
        Assert.True(none.IsQuorum(PeerSet.First(5)) && none.IsQuorum(PeerSet.First(6)));
        for (int away = 0; away < 5; away++)
            Assert.False(none.IsQuorum(PeerSet.First(5).Except(PeerSet.Of(away))));
    }

    static PeerSet Subset(int[] members, int bits)
    {
        var set = default(PeerSet);
        for (int place = 0; place < members.Length; place++)
        {
            if ((bits >> place & 1) != 0)
                set = set.With(members[place]);
        }
        return set;
    }
}
