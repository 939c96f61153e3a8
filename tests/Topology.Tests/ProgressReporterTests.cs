using DecentralizedLion.Topology.Simulation.World;

namespace DecentralizedLion.Topology.Tests;

public sealed class ProgressReporterTests
{
    readonly VirtualClock clock = new();

    [Fact]
    public void It_is_told_once_an_interval_with_the_time_that_is_left()
    {
        var progress = new ProgressReporter(clock, TimeSpan.FromSeconds(5), first: 100);
        Assert.Null(progress.Report(150, 1000));
        Pass(5);
        Assert.Equal("20 %, about 40 s left", progress.Report(200, 1000)); // 100 in 5 s
        Assert.Null(progress.Report(201, 1000));
        Pass(5);
        Assert.Equal("30 %, about 35 s left", progress.Report(300, 1000)); // 200 in 10 s
    }

    [Fact]
    public void Long_times_are_minutes()
    {
        var progress = new ProgressReporter(clock, TimeSpan.FromSeconds(5), first: 0);
        Pass(60);
        Assert.Equal("1 %, about 99 min left", progress.Report(10, 1000));
    }

    [Fact]
    public void Without_progress_or_at_the_end_there_is_nothing_to_tell()
    {
        var progress = new ProgressReporter(clock, TimeSpan.FromSeconds(5), first: 100);
        Pass(6);
        Assert.Null(progress.Report(100, 1000));
        Assert.Null(progress.Report(1000, 1000));
    }

    void Pass(int seconds)
    {
        clock.After(TimeSpan.FromSeconds(seconds), () => { });
        clock.RunNext();
    }
}
