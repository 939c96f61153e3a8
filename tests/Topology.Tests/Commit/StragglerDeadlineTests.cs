using DecentralizedLion.Topology.Commit;

namespace DecentralizedLion.Topology.Tests.Commit;

/// <summary>Tests of the deadline of a ballot, from all members' recent gradient times.</summary>
public sealed class StragglerDeadlineTests
{
    static readonly RingTimings Timings = RingTimings.Default with
    {
        DeadlineDeviations = 3,
        DeadlineMedians = 1,
        DeadlineMin = TimeSpan.FromMilliseconds(20),
        DeadlineMax = TimeSpan.FromSeconds(10),
    };

    [Fact]
    public void It_is_the_median_and_so_many_median_deviations()
    {
        var stragglerDeadline = new StragglerDeadline(3, Timings);
        foreach ((int peer, int[] times) in (ReadOnlySpan<(int, int[])>)[(0, [100, 110, 120]), (1, [130, 90, 100]), (2, [105])])
        {
            foreach (int time in times)
                stragglerDeadline.RecordGradientTime(peer, TimeSpan.FromMilliseconds(time));
        }
        // 90 100 100 105 110 120 130: the median is 105; the deviations 0 5 5 5 15 15 25 have the median 5.
        Assert.Equal(TimeSpan.FromMilliseconds(105 + 3 * 5), stragglerDeadline.Value);
    }

    [Fact]
    public void Too_few_times_are_none()
    {
        var stragglerDeadline = new StragglerDeadline(2, Timings);
        for (int i = 0; i < 5; i++)
        {
            stragglerDeadline.RecordGradientTime(i % 2, TimeSpan.FromMilliseconds(50));
            Assert.Equal(Timings.DeadlineMax, stragglerDeadline.Value);
        }
        stragglerDeadline.RecordGradientTime(0, TimeSpan.Zero); // not known
        stragglerDeadline.RecordGradientTime(0, TimeSpan.FromMilliseconds(-1));
        Assert.Equal(Timings.DeadlineMax, stragglerDeadline.Value);
        stragglerDeadline.RecordGradientTime(0, TimeSpan.FromMilliseconds(50));
        Assert.Equal(TimeSpan.FromMilliseconds(50), stragglerDeadline.Value);
    }

    [Theory]
    [InlineData(1, 20)]
    [InlineData(300, 300)]
    [InlineData(60_000, 10_000)]
    public void It_is_never_before_the_floor_or_after_the_ceiling(int time, int deadline) =>
        Assert.Equal(TimeSpan.FromMilliseconds(deadline), Steady(3, _ => time).Value);

    [Fact]
    public void It_is_never_before_so_many_medians()
    {
        var stragglerDeadline = new StragglerDeadline(1, Timings with { DeadlineMedians = 1.5 });
        for (int i = 0; i < 8; i++)
            stragglerDeadline.RecordGradientTime(0, TimeSpan.FromMilliseconds(100));
        Assert.Equal(TimeSpan.FromMilliseconds(150), stragglerDeadline.Value);
        stragglerDeadline = new StragglerDeadline(1, Timings with { DeadlineMedians = 1.5 });
        foreach (int time in (int[])[50, 50, 100, 150, 150, 100, 50, 150])
            stragglerDeadline.RecordGradientTime(0, TimeSpan.FromMilliseconds(time));
        Assert.Equal(TimeSpan.FromMilliseconds(100 + 3 * 50), stragglerDeadline.Value);
    }

    [Fact]
    public void A_slow_minority_does_not_move_it()
    {
        StragglerDeadline all = Steady(5, peer => 100 + peer), two = Steady(5, peer => peer > 2 ? 5000 : 100 + peer);
        Assert.InRange(all.Value.TotalMilliseconds, 100, 110);
        Assert.InRange(two.Value.TotalMilliseconds, 100, 115);
        Assert.InRange(Steady(5, peer => peer > 1 ? 5000 : 100).Value.TotalMilliseconds, 5000, 10_000); // a majority does
    }

    [Fact]
    public void Only_the_latest_times_count()
    {
        StragglerDeadline stragglerDeadline = Steady(3, _ => 100);
        for (int i = 0; i < 8; i++)
        {
            for (int peer = 0; peer < 3; peer++)
                stragglerDeadline.RecordGradientTime(peer, TimeSpan.FromMilliseconds(400));
        }
        Assert.Equal(TimeSpan.FromMilliseconds(400), stragglerDeadline.Value);
    }

    static StragglerDeadline Steady(int peers, Func<int, int> milliseconds)
    {
        var stragglerDeadline = new StragglerDeadline(peers, Timings);
        for (int i = 0; i < 8; i++)
        {
            for (int peer = 0; peer < peers; peer++)
                stragglerDeadline.RecordGradientTime(peer, TimeSpan.FromMilliseconds(milliseconds(peer)));
        }
        return stragglerDeadline;
    }
}
