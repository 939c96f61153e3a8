using DecentralizedLion.Topology.Protection;
using DecentralizedLion.Topology.Simulation.World;

namespace DecentralizedLion.Topology.Tests.Protection;

public sealed class ReportLimiterTests
{
    [Fact]
    public void A_few_are_told_at_once_then_one_an_interval_with_the_number_of_the_others()
    {
        var clock = new VirtualClock();
        var reportLimiter = new ReportLimiter(clock, TimeSpan.FromSeconds(10));
        var told = new List<string>();
        for (int i = 0; i < 600; i++) // a minute, ten a second
        {
            if (reportLimiter.TryAcquire(out string since))
                told.Add(since);
            clock.After(TimeSpan.FromMilliseconds(100), () => { });
            clock.RunNext();
        }
        Assert.InRange(told.Count, 8, 9); // three at once, and six intervals
        Assert.Equal(["", "", ""], told[..3]);
        Assert.All(told[3..], text => Assert.Matches(@"\(9[0-9] more like it since the last such line\)", text));
    }
}
