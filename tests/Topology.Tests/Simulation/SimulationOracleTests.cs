using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Simulation;
using DecentralizedLion.Topology.Simulation.Oracles;
using DecentralizedLion.Topology.Simulation.World;
using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Topology.Tests.Simulation;

/// <summary>The watchers notice what they are there for.</summary>
public sealed class SimulationOracleTests
{
    static readonly Digest one = Digest.Of([1]), other = Digest.Of([2]);

    readonly Invariants invariants;
    readonly ViewOracle views;
    readonly ChainOracle chain;

    public SimulationOracleTests()
    {
        var clock = new VirtualClock();
        invariants = new Invariants(clock);
        var counts = new SimulationCounts();
        views = new ViewOracle(invariants, new SimulationTrace(clock), counts);
        chain = new ChainOracle(Scenario.Draw(1, 3), invariants, views, counts);
    }

    [Fact]
    public void Two_views_of_one_number()
    {
        Assert.True(views.Installed(0, Of(1, 1)));
        Assert.False(views.Installed(1, Of(1, 1)));
        Assert.Null(invariants.Failure);
        views.Installed(2, Of(1, 2));
        Assert.Contains("one view has a number", invariants.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_begun_twice()
    {
        views.Installed(0, Of(1, 1));
        views.Installed(0, Of(2, 5));
        Assert.Null(invariants.Failure);
        views.Installed(1, new View(3, [1], [1], 5, [1]) { RunId = 8 });
        Assert.Contains("begins once", invariants.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public void A_step_that_a_quorum_holds_and_another_quorum_holds_otherwise()
    {
        chain.OnPersisted(0, Of(1, 1), 4, one);
        chain.OnPersisted(2, Of(1, 1), 4, other);
        Assert.Null(invariants.Failure); // neither is a quorum's
        chain.OnPersisted(1, Of(1, 1), 4, one);
        chain.OnPersisted(0, Of(2, 4), 4, other);
        Assert.Null(invariants.Failure);
        chain.OnPersisted(2, Of(2, 4), 4, other);
        Assert.Contains("decided once", invariants.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public void A_view_that_begins_after_something_else_than_was_decided()
    {
        chain.OnPersisted(0, Of(1, 1), 4, one);
        chain.OnPersisted(1, Of(1, 1), 4, one);
        chain.Installed(Of(2, 5, one));
        Assert.Null(invariants.Failure);
        chain.Installed(Of(2, 5, other));
        Assert.Contains("decided otherwise", invariants.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public void Disks_that_a_quorum_needs()
    {
        View view = Of(1, 1);
        views.Installed(0, view);
        Assert.True(views.HasQuorum(view, without: 2));
        views.DiskLost(1, 99); // not the one that is in the view
        Assert.True(views.HasQuorum(view, without: 2));
        views.DiskLost(1, view.DiskIdOf(1));
        Assert.True(views.HasQuorum(view));
        Assert.False(views.HasQuorum(view, without: 2));
    }

    [Fact]
    public void The_first_violation_is_kept()
    {
        invariants.Violated("a", "b");
        invariants.Violated("c", "d");
        Assert.Equal("0.000 s: a; but b", invariants.Failure);
    }

    static View Of(int number, long first, Digest before = default) =>
        new(number, [0, 1, 2], [11, 12, 13], first, [21, 22, 23]) { RunId = 7, BaseDigest = before };
}
