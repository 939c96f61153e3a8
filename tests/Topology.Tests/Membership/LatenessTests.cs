using DecentralizedLion.Topology.Membership;

namespace DecentralizedLion.Topology.Tests.Membership;

/// <summary>When a ballot is late, from all members' recent gradient times.</summary>
public sealed class LatenessTests
{
    static readonly RingTimings Timings = RingTimings.Default with
    {
        LateFactor = 3,
        LateRatio = 1,
        LateFloor = TimeSpan.FromMilliseconds(20),
        LateCeiling = TimeSpan.FromSeconds(10),
    };

    [Fact]
    public void It_is_the_median_and_so_many_median_deviations()
    {
        var lateness = new Lateness(3, Timings);
        foreach ((int peer, int[] times) in (ReadOnlySpan<(int, int[])>)[(0, [100, 110, 120]), (1, [130, 90, 100]), (2, [105])])
        {
            foreach (int time in times)
                lateness.Add(peer, TimeSpan.FromMilliseconds(time));
        }
        // 90 100 100 105 110 120 130: the median is 105; the deviations 0 5 5 5 15 15 25 have the median 5.
        Assert.Equal(TimeSpan.FromMilliseconds(105 + 3 * 5), lateness.Deadline);
    }

    [Fact]
    public void Too_few_times_are_none()
    {
        var lateness = new Lateness(2, Timings);
        for (int i = 0; i < 5; i++)
        {
            lateness.Add(i % 2, TimeSpan.FromMilliseconds(50));
            Assert.Equal(Timings.LateCeiling, lateness.Deadline);
        }
        lateness.Add(0, TimeSpan.Zero); // not known
        lateness.Add(0, TimeSpan.FromMilliseconds(-1));
        Assert.Equal(Timings.LateCeiling, lateness.Deadline);
        lateness.Add(0, TimeSpan.FromMilliseconds(50));
        Assert.Equal(TimeSpan.FromMilliseconds(50), lateness.Deadline);
    }

    [Theory]
    [InlineData(1, 20)]
    [InlineData(300, 300)]
    [InlineData(60_000, 10_000)]
    public void It_is_never_before_the_floor_or_after_the_ceiling(int time, int deadline) =>
        Assert.Equal(TimeSpan.FromMilliseconds(deadline), Steady(3, _ => time).Deadline);

    [Fact]
    public void It_is_never_before_so_many_medians()
    {
        var lateness = new Lateness(1, Timings with { LateRatio = 1.5 });
        for (int i = 0; i < 8; i++)
            lateness.Add(0, TimeSpan.FromMilliseconds(100));
        Assert.Equal(TimeSpan.FromMilliseconds(150), lateness.Deadline);
        lateness = new Lateness(1, Timings with { LateRatio = 1.5 });
        foreach (int time in (int[])[50, 50, 100, 150, 150, 100, 50, 150])
            lateness.Add(0, TimeSpan.FromMilliseconds(time));
        Assert.Equal(TimeSpan.FromMilliseconds(100 + 3 * 50), lateness.Deadline);
    }

    [Fact]
    public void A_slow_minority_does_not_move_it()
    {
        Lateness all = Steady(5, peer => 100 + peer), two = Steady(5, peer => peer > 2 ? 5000 : 100 + peer);
        Assert.InRange(all.Deadline.TotalMilliseconds, 100, 110);
        Assert.InRange(two.Deadline.TotalMilliseconds, 100, 115);
        Assert.InRange(Steady(5, peer => peer > 1 ? 5000 : 100).Deadline.TotalMilliseconds, 5000, 10_000); // a majority does
    }

    [Fact]
    public void Only_the_latest_times_count()
    {
        Lateness lateness = Steady(3, _ => 100);
        for (int i = 0; i < 8; i++)
        {
            for (int peer = 0; peer < 3; peer++)
                lateness.Add(peer, TimeSpan.FromMilliseconds(400));
        }
        Assert.Equal(TimeSpan.FromMilliseconds(400), lateness.Deadline);
    }

    static Lateness Steady(int peers, Func<int, int> milliseconds)
    {
        var lateness = new Lateness(peers, Timings);
        for (int i = 0; i < 8; i++)
        {
            for (int peer = 0; peer < peers; peer++)
                lateness.Add(peer, TimeSpan.FromMilliseconds(milliseconds(peer)));
        }
        return lateness;
    }
}
