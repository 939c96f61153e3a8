namespace DecentralizedLion.Integration.Tests.Soak;

public sealed class GoodputTests
{
    /// <summary>Ten steps a second in some times, and none otherwise.</summary>
    static double[] Steps(params (double From, double To)[] times) =>
        [.. times.SelectMany(time => Enumerable.Range(0, (int)Math.Round(10 * (time.To - time.From)))
            .Select(step => time.From + (step / 10.0) + 0.05))];

    [Fact]
    public void Lost_time_is_that_of_the_phase_in_which_there_were_no_steps()
    {
        // Killed at 10; half a second until suspected, one until the next step; at 15 half a second to take it back in.
        var goodput = Goodput.Of(Steps((0, 10), (11.5, 15), (15.5, 20), (20, 30)), [(0, 10), (20, 30)], 20,
            [new DeathMarks(10, 10.5, 11.5, 13, 15, 15.5, 16)]);
        Assert.Equal((10, 0.8, 2), (goodput.CalmRate, goodput.Share, Math.Round(goodput.LostSeconds, 9)));
        Assert.Equal([10.0, 10.0], goodput.CalmRates);
        Assert.StartsWith("undisturbed 10.00 steps/s (10.00, 10.00)", goodput.Lines(1).First(), StringComparison.Ordinal);
        Assert.DoesNotContain("not steady", goodput.Lines(1).First(), StringComparison.Ordinal);
        Assert.Contains("not steady", (goodput with { CalmRates = [10, 11] }).Lines(1).First(), StringComparison.Ordinal);
        Assert.Equal([("detection", 0.5), ("view change", 1.5), ("restart", 0), ("catching up", 0),
            ("warming up", 0), ("all in", 0)],
            goodput.Phases.Select(phase => (phase.Name, Math.Round(phase.Lost(10), 9))));
        Assert.Equal([0.5, 1.5, 1.5, 2, 0.5, 4], goodput.Phases.Select(phase => phase.Seconds));
    }

    [Fact]
    public void All_lost_time_is_told_also_where_marks_are_missing_or_the_next_kill_came_first()
    {
        var goodput = Goodput.Of(Steps((0, 10), (12, 20), (24, 31)), [(0, 10)], 31,
        [
            new DeathMarks(10, null, 12, 11, null, 25, null), // back only after it was killed again
            new DeathMarks(20, null, null, null, null, null, null),
        ]);
        Assert.Equal(21, goodput.Seconds);
        Assert.Equal(21, goodput.Phases.Sum(phase => phase.Seconds), 9);
        Assert.Equal(goodput.Steps, goodput.Phases.Sum(phase => phase.Steps));
        Assert.Equal(6, goodput.LostSeconds, 9);
        Assert.Equal(6, goodput.Phases.Sum(phase => phase.Lost(goodput.CalmRate)), 9);
        Assert.Equal(6, goodput.Phases[0].Lost(goodput.CalmRate), 9); // nobody suspected either
    }

    [Fact]
    public async Task A_kill_of_a_real_ring_is_measured_and_the_run_verified()
    {
        using var place = new TestCluster(3, """{ "steps": 1000000 }""");
        var (goodput, outcome) = await new GoodputRun(place, new GoodputOptions(6, 1, Peers: 3, Calm: 1), TimeProvider.System)
            .Run(_ => { });
        Assert.Equal(1, outcome.Kills);
        Assert.True(goodput.Steps > 0 && goodput.CalmRate > 0);
        Assert.True(goodput.Phases.Take(4).Sum(phase => phase.Seconds) > 0);
        Assert.Equal(goodput.Seconds, goodput.Phases.Sum(phase => phase.Seconds), 6);
        Assert.Equal(4 + goodput.Phases.Count, goodput.Lines(1).Count());
    }

    [Theory]
    [InlineData("--every 10 --kills 17 --calm 5 --slow 1 --peers 3 --seed 4", true)]
    [InlineData("", true)]
    [InlineData("--every", false)]
    [InlineData("--every 0", false)]
    [InlineData("--peers 9", false)]
    [InlineData("--minutes 3", false)]
    public void Options_are_read(string line, bool right) =>
        Assert.Equal(right, GoodputOptions.Read(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)) is not null);
}
