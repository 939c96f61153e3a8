using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Simulated;
using DecentralizedLion.Topology.Views;

namespace DecentralizedLion.Topology.Tests.Simulated;

/// <summary>The watchers notice what they are there for.</summary>
public sealed class SimulationOracleTests
{
    static readonly ChainDigest one = ChainDigest.Of([1]), other = ChainDigest.Of([2]);

    readonly Judge judge;
    readonly ViewOracle views;
    readonly ChainOracle chain;

    public SimulationOracleTests()
    {
        var clock = new VirtualClock();
        judge = new Judge(clock);
        var counts = new SimulationCounts();
        views = new ViewOracle(judge, new SimulationTrace(clock), counts);
        chain = new ChainOracle(Scenario.Draw(1, 3), judge, views, counts);
    }

    [Fact]
    public void Two_views_of_one_number()
    {
        Assert.True(views.Installed(0, Of(1, 1)));
        Assert.False(views.Installed(1, Of(1, 1)));
        Assert.Null(judge.Failure);
        views.Installed(2, Of(1, 2));
        Assert.Contains("one view has a number", judge.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_founded_twice()
    {
        views.Installed(0, Of(1, 1));
        views.Installed(0, Of(2, 5));
        Assert.Null(judge.Failure);
        views.Installed(1, new View(3, [1], [1], 5, [1]) { Lineage = 8 });
        Assert.Contains("founded once", judge.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public void A_step_that_a_quorum_holds_and_another_quorum_holds_otherwise()
    {
        chain.Held(0, Of(1, 1), 4, one);
        chain.Held(2, Of(1, 1), 4, other);
        Assert.Null(judge.Failure); // neither is a quorum's
        chain.Held(1, Of(1, 1), 4, one);
        chain.Held(0, Of(2, 4), 4, other);
        Assert.Null(judge.Failure);
        chain.Held(2, Of(2, 4), 4, other);
        Assert.Contains("decided once", judge.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public void A_view_that_begins_after_something_else_than_was_decided()
    {
        chain.Held(0, Of(1, 1), 4, one);
        chain.Held(1, Of(1, 1), 4, one);
        chain.Installed(Of(2, 5, one));
        Assert.Null(judge.Failure);
        chain.Installed(Of(2, 5, other));
        Assert.Contains("decided otherwise", judge.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public void Disks_that_a_quorum_needs()
    {
        View view = Of(1, 1);
        views.Installed(0, view);
        Assert.True(views.HasQuorum(view, without: 2));
        views.DiskLost(1, 99); // not the one that is in the view
        Assert.True(views.HasQuorum(view, without: 2));
        views.DiskLost(1, view.IncarnationOf(1));
        Assert.True(views.HasQuorum(view));
        Assert.False(views.HasQuorum(view, without: 2));
    }

    [Fact]
    public void The_first_broken_promise_is_kept()
    {
        judge.Broken("a", "b");
        judge.Broken("c", "d");
        Assert.Equal("0.000 s: a; but b", judge.Failure);
    }

    static View Of(int number, long first, ChainDigest before = default) =>
        new(number, [0, 1, 2], [11, 12, 13], first, [21, 22, 23]) { Lineage = 7, Base = before };
}
