using DecentralizedLion.Topology.Membership;
using DecentralizedLion.Topology.Simulation.World;

namespace DecentralizedLion.Topology.Tests.Membership;

/// <summary>Tests of round trips measured by heartbeats that say when the last one came the other way.</summary>
public sealed class RoundTripMeterTests
{
    readonly VirtualClock clock = new();

    [Theory]
    [InlineData(1)]
    [InlineData(4294)] // seconds: the microseconds begin anew at 2³²
    public void The_time_that_the_other_side_held_an_echo_does_not_count(int startedAt)
    {
        Pass(1000 * startedAt);
        var (here, there) = (new RoundTripMeter(clock), new RoundTripMeter(clock));
        for (int i = 0; i < 10; i++)
        {
            RoundTripStamp sent = here.NextStamp();
            Pass(300);
            there.OnStamp(sent, isOurs: true);
            Pass(170);
            RoundTripStamp back = there.NextStamp();
            Pass(200);
            here.OnStamp(back, isOurs: true);
        }
        Assert.Equal(TimeSpan.FromMilliseconds(500), here.Estimate.Smoothed);
    }

    [Fact]
    public void An_echo_for_an_earlier_process_is_none()
    {
        var (here, there) = (new RoundTripMeter(clock), new RoundTripMeter(clock));
        there.OnStamp(here.NextStamp(), isOurs: true);
        here.OnStamp(there.NextStamp(), isOurs: false);
        Assert.Equal(TimeSpan.Zero, here.Estimate.Timeout);
        there.ForgetEcho();
        Assert.Equal(0u, there.NextStamp().Echo);
        Pass(100);
        here.OnStamp(there.NextStamp(), isOurs: true);
        Assert.Equal(TimeSpan.Zero, here.Estimate.Timeout);
    }

    [Fact]
    public void What_was_on_its_way_while_this_process_stood_still_says_nothing()
    {
        var (here, there) = (new RoundTripMeter(clock), new RoundTripMeter(clock));
        there.OnStamp(here.NextStamp(), isOurs: true);
        RoundTripStamp back = there.NextStamp();
        Pass(3000);
        here.BeginAnew();
        here.OnStamp(back, isOurs: true);
        Assert.Equal(TimeSpan.Zero, here.Estimate.Timeout);
        there.OnStamp(here.NextStamp(), isOurs: true);
        Pass(40);
        here.OnStamp(there.NextStamp() with { Held = 0 }, isOurs: true);
        Assert.Equal(TimeSpan.FromMilliseconds(40), here.Estimate.Smoothed);
    }

    [Fact]
    public void A_time_that_was_never_sent_is_not_taken()
    {
        var here = new RoundTripMeter(clock);
        Pass(1000);
        here.OnStamp(new RoundTripStamp(1, 5_000_000, 0), isOurs: true); // of the future
        here.OnStamp(new RoundTripStamp(1, 900_000, 200_000), isOurs: true); // held for longer than it was away
        Assert.Equal(TimeSpan.Zero, here.Estimate.Timeout);
    }

    void Pass(int milliseconds)
    {
        clock.After(TimeSpan.FromMilliseconds(milliseconds), () => { });
        clock.RunNext();
    }
}
