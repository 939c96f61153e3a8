using DecentralizedLion.Topology.Membership;

namespace DecentralizedLion.Topology.Tests.Membership;

/// <summary>Tests of the smoothed round trip and the time after which an answer is late.</summary>
public sealed class RoundTripEstimatorTests
{
    readonly RoundTripEstimator estimator = new();

    [Fact]
    public void Before_the_first_round_trip_nothing_is_known()
    {
        Assert.Equal(TimeSpan.Zero, estimator.Smoothed);
        Assert.Equal(TimeSpan.Zero, estimator.Timeout);
    }

    [Fact]
    public void The_first_two_round_trips_give_what_the_standard_says()
    {
        Record(100);
        Assert.Equal(Milliseconds(100), estimator.Smoothed);
        Assert.Equal(Milliseconds(100 + 4 * 50), estimator.Timeout);
        Record(200); // the deviation is 3/4 of 50 and a quarter of 100, the mean moves by an eighth
        Assert.Equal(Milliseconds(112.5), estimator.Smoothed);
        Assert.Equal(Milliseconds(112.5 + 4 * 62.5), estimator.Timeout);
    }

    [Fact]
    public void Where_all_are_alike_an_answer_is_late_soon_after_one_of_them()
    {
        for (int i = 0; i < 40; i++)
            Record(600);
        Assert.InRange(estimator.Timeout, Milliseconds(600), Milliseconds(601));
    }

    [Fact]
    public void One_long_round_trip_is_forgotten_after_a_few_seconds_of_heartbeats()
    {
        Record(10);
        Record(4000);
        Assert.True(estimator.Timeout > Milliseconds(3000));
        for (int i = 0; i < 40; i++)
            Record(10);
        Assert.True(estimator.Timeout < Milliseconds(60));
    }

    [Fact]
    public void No_timeout_is_longer_than_the_bound_whatever_a_peer_says()
    {
        Record(1_000_000);
        Record(0);
        Record(1_000_000);
        Assert.Equal(RoundTripEstimator.SampleMax, estimator.Timeout);
        Assert.Throws<ArgumentOutOfRangeException>(() => Record(-1));
    }

    void Record(double milliseconds) => estimator.Record(Milliseconds(milliseconds));

    static TimeSpan Milliseconds(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds);
}
