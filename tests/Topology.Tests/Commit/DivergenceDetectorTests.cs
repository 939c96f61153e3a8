using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Commit;

namespace DecentralizedLion.Topology.Tests.Commit;

/// <summary>Whose weights are wrong, from what members say of a slice of them.</summary>
public sealed class DivergenceDetectorTests
{
    static readonly Digest Right = Digest.Of([1]), Wrong = Digest.Of([2]), Other = Digest.Of([3]);

    readonly DivergenceDetector divergence = new();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void The_majority_names_the_odd_one_whatever_the_order(int first)
    {
        var found = new List<int>();
        for (int i = 0; i < 3; i++)
        {
            int member = (first + i) % 3;
            found.AddRange(divergence.Record(10, member, member == 1 ? Wrong : Right, 3)!);
        }
        Assert.Equal([1], found);
    }

    [Fact]
    public void Nobody_is_named_before_a_majority_of_the_view_has_spoken()
    {
        Assert.Empty(divergence.Record(10, 0, Right, 5)!);
        Assert.Empty(divergence.Record(10, 1, Wrong, 5)!);
        Assert.Empty(divergence.Record(10, 2, Right, 5)!);
        Assert.Equal([1], divergence.Record(10, 3, Right, 5));
        Assert.Equal([4], divergence.Record(10, 4, Other, 5));
    }

    [Fact]
    public void Of_two_nobody_can_say()
    {
        Assert.Empty(divergence.Record(10, 0, Right, 2)!);
        Assert.Null(divergence.Record(10, 1, Wrong, 2));
    }

    [Fact]
    public void Two_against_two_is_undecidable_only_when_all_have_spoken()
    {
        Assert.Empty(divergence.Record(10, 0, Right, 4)!);
        Assert.Empty(divergence.Record(10, 1, Right, 4)!);
        Assert.Empty(divergence.Record(10, 2, Wrong, 4)!);
        Assert.Null(divergence.Record(10, 3, Wrong, 4));
    }

    [Fact]
    public void One_is_named_once_and_again_after_it_was_right_in_between()
    {
        Assert.Equal([2], Say(10, Wrong));
        Assert.Empty(Say(11, Wrong)!);
        Assert.Empty(Say(12, Right)!);
        Assert.Equal([2], Say(13, Wrong));
        divergence.Forget(2); // it has a sound state now
        Assert.Empty(Say(14, Right)!);
        Assert.Equal([2], Say(15, Wrong));
    }

    [Fact]
    public void A_late_word_counts_as_long_as_its_step_is_kept()
    {
        for (long step = 1; step <= DivergenceDetector.WindowSteps + 10; step++)
        {
            divergence.Record(step, 0, Right, 3);
            divergence.Record(step, 1, Right, 3);
        }
        Assert.Empty(divergence.Record(10, 2, Wrong, 3)!); // forgotten
        Assert.Equal([2], divergence.Record(11, 2, Wrong, 3));
        Assert.Empty(divergence.Record(12, 2, Wrong, 3)!); // named already
    }

    [Fact]
    public void Whose_word_has_not_come_is_known()
    {
        divergence.Record(10, 0, Right, 3);
        Assert.True(!divergence.IsMissing(10, 0) && divergence.IsMissing(10, 1) && divergence.IsMissing(9, 0));
        divergence.Forget(0);
        Assert.True(divergence.IsMissing(10, 0));
    }

    [Fact]
    public void What_was_said_in_another_view_does_not_count()
    {
        divergence.Record(10, 0, Right, 3);
        divergence.Record(10, 1, Right, 3);
        divergence.Clear();
        Assert.Empty(divergence.Record(10, 2, Wrong, 3)!);
    }

    IReadOnlyList<int>? Say(long step, Digest third)
    {
        divergence.Record(step, 0, Right, 3);
        divergence.Record(step, 1, Right, 3);
        return divergence.Record(step, 2, third, 3);
    }
}
