using DecentralizedLion.Topology.Simulation.World;

namespace DecentralizedLion.Topology.Tests.Simulation;

public sealed class VirtualClockTests
{
    readonly VirtualClock clock = new();
    readonly List<string> ran = [];

    [Fact]
    public void Timers_run_by_due_time_and_then_in_the_order_they_were_set()
    {
        After(20, "late");
        After(10, "a");
        After(10, "b");
        After(0, "now");
        After(10, "c");
        RunAll();
        Assert.Equal(["now@0", "a@10", "b@10", "c@10", "late@20"], ran);
    }

    [Fact]
    public void A_timer_set_by_a_timer_for_the_same_moment_runs_after_those_set_before()
    {
        clock.After(TimeSpan.FromMilliseconds(5), () =>
        {
            ran.Add("first");
            After(0, "third");
        });
        After(5, "second");
        RunAll();
        Assert.Equal(["first", "second@5", "third@5"], ran);
    }

    [Fact]
    public void Changing_moves_a_timer_and_disposing_stops_it()
    {
        ITimer moved = Timer("moved", 10), stopped = Timer("stopped", 10), paused = Timer("paused", 10);
        moved.Change(TimeSpan.FromMilliseconds(30), Timeout.InfiniteTimeSpan);
        stopped.Dispose();
        paused.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        After(20, "other");
        RunAll();
        Assert.Equal(["other@20", "moved@30"], ran);
        Assert.Equal(TimeSpan.FromMilliseconds(30), clock.Elapsed);
    }

    [Fact]
    public void A_periodic_timer_runs_until_it_is_disposed_even_by_itself()
    {
        ITimer? timer = null;
        timer = clock.CreateTimer(_ =>
        {
            ran.Add($"{clock.Elapsed.TotalMilliseconds}");
            if (ran.Count == 3)
                timer!.Dispose();
        }, null, TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(10));
        RunAll();
        Assert.Equal(["5", "15", "25"], ran);
    }

    [Fact]
    public void Time_stands_still_without_timers()
    {
        long before = clock.GetTimestamp();
        Assert.False(clock.RunNext());
        Assert.Equal(before, clock.GetTimestamp());
        After(1500, "x");
        RunAll();
        Assert.Equal(TimeSpan.FromMilliseconds(1500), clock.GetElapsedTime(before));
        Assert.Equal(new DateTimeOffset(2000, 1, 1, 0, 0, 1, 500, TimeSpan.Zero), clock.GetUtcNow());
    }

    void After(int milliseconds, string name) =>
        clock.After(TimeSpan.FromMilliseconds(milliseconds), () => ran.Add($"{name}@{clock.Elapsed.TotalMilliseconds}"));

    ITimer Timer(string name, int milliseconds) => clock.CreateTimer(
        _ => ran.Add($"{name}@{clock.Elapsed.TotalMilliseconds}"), null, TimeSpan.FromMilliseconds(milliseconds),
        Timeout.InfiniteTimeSpan);

    void RunAll()
    {
        while (clock.RunNext())
        {
            Assert.True(ran.Count < 1000);
        }
    }
}
