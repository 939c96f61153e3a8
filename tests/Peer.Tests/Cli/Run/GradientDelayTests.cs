using DecentralizedLion.Peer.Cli.Run;

namespace DecentralizedLion.Peer.Tests.Cli.Run;

/// <summary>The pace of <c>--slow</c>.</summary>
public sealed class GradientDelayTests
{
    static TimeSpan Ms(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    [Fact]
    public void A_gradient_takes_the_factor_times_as_long_but_for_the_first()
    {
        var delay = new GradientDelay(10);
        Assert.Equal(TimeSpan.Zero, delay.After(Ms(900)));
        Assert.All(Enumerable.Repeat(Ms(8), 20), took => Assert.Equal(Ms(72), delay.After(took)));
    }

    [Fact]
    public void A_stopped_process_goes_on_at_its_pace()
    {
        var delay = new GradientDelay(10);
        foreach (var took in (double[])[900, 8, 9, 8])
            delay.After(Ms(took));
        Assert.InRange(delay.After(Ms(5000)), Ms(72), Ms(81));
        Assert.InRange(delay.After(Ms(8)), Ms(72), Ms(81));
    }

    [Fact]
    public void A_host_that_slows_down_is_followed()
    {
        var delay = new GradientDelay(2);
        foreach (var took in (double[])[5, 5, 5, 5, 5, 5])
            delay.After(Ms(took));
        var waits = Enumerable.Repeat(Ms(50), 5).Select(delay.After).ToArray();
        Assert.Equal(Ms(5), waits[0]);
        Assert.Equal(Ms(50), waits[^1]);
    }
}
