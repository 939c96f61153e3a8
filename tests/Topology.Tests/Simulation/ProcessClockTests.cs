using DecentralizedLion.Topology.Simulation.World;

namespace DecentralizedLion.Topology.Tests.Simulation;

public sealed class ProcessClockTests
{
    readonly VirtualClock world = new();
    readonly ProcessClock clock;
    readonly List<string> ran = [];

    public ProcessClockTests() => clock = new ProcessClock(world);

    [Fact]
    public void A_frozen_process_s_timers_run_at_once_when_it_is_let_go_and_its_clock_has_jumped()
    {
        Timer("b", 20);
        Timer("a", 10);
        Timer("later", 500);
        clock.Freeze();
        long before = clock.GetTimestamp();
        GoTo(100);
        Assert.Empty(ran);
        foreach (Action missed in clock.Thaw())
            missed();
        Assert.Equal(["a@100", "b@100"], ran);
        Assert.Equal(TimeSpan.FromMilliseconds(100), clock.GetElapsedTime(before));
        GoTo(600);
        Assert.Equal("later@500", ran[^1]);
    }

    [Fact]
    public void A_periodic_timer_is_missed_once()
    {
        using ITimer timer = Timer("tick", 10, 10);
        clock.Freeze();
        GoTo(55);
        Assert.Single(clock.Thaw())();
        GoTo(65);
        Assert.Equal(["tick@55", "tick@60"], ran);
    }

    [Fact]
    public void What_a_missed_timer_stops_or_moves_does_not_run()
    {
        ITimer stopped = Timer("stopped", 20), moved = Timer("moved", 20);
        clock.Freeze();
        GoTo(50);
        IReadOnlyList<Action> missed = clock.Thaw();
        Assert.Equal(2, missed.Count);
        stopped.Dispose();
        moved.Change(TimeSpan.FromMilliseconds(30), Timeout.InfiniteTimeSpan);
        foreach (Action one in missed)
            one();
        Assert.Empty(ran);
        GoTo(100);
        Assert.Equal(["moved@80"], ran);
    }

    [Fact]
    public void Nothing_runs_after_the_process_s_end()
    {
        Timer("a", 10, 10);
        clock.Freeze();
        GoTo(50);
        IReadOnlyList<Action> missed = clock.Thaw();
        clock.Stop();
        foreach (Action one in missed)
            one();
        GoTo(100);
        Assert.Empty(ran);
    }

    ITimer Timer(string name, int due, int period = -1) =>
        clock.CreateTimer(_ => ran.Add($"{name}@{world.Elapsed.TotalMilliseconds}"), null,
        TimeSpan.FromMilliseconds(due), TimeSpan.FromMilliseconds(period));

    void GoTo(int milliseconds)
    {
        bool there = false;
        world.After(TimeSpan.FromMilliseconds(milliseconds) - world.Elapsed, () => there = true);
        while (!there)
            Assert.True(world.RunNext());
    }
}
