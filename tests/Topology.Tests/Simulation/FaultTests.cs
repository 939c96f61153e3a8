using DecentralizedLion.Topology.Simulation;
using DecentralizedLion.Topology.Simulation.Faults;
using FsCheck.Xunit;

namespace DecentralizedLion.Topology.Tests.Simulation;

/// <summary>The real members under faults: every invariant, after every event (docs/protocol.md#invariants).</summary>
public sealed class FaultTests
{
    const int SeedsAtATime = 20;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    public void Every_invariant_holds_in_these_seeds(int part)
    {
        var total = new SimulationCounts();
        for (int seed = part * SeedsAtATime; seed < (part + 1) * SeedsAtATime; seed++)
        {
            SimulationResult result = SimulationRun.Run(seed);
            Assert.True(result.IsOk, result.Report);
            total.Add(result.Counts);
        }
        // A simulation in which nothing goes wrong proves nothing.
        Assert.True(total.ViewChanges > 10 && total.Crashes > 5
            && total.RejoinsByRecords + total.RejoinsBySnapshot > 5, $"{total}");
        Assert.True(total.Steps >= SeedsAtATime * 30, $"{total}");
    }

    [Property(MaxTest = 60, Replay = FixedCases.Seed, Arbitrary = [typeof(FaultCases)])]
    public void Every_invariant_holds_whatever_goes_wrong(FaultCase one)
    {
        SimulationResult result = SimulationRun.Run(one.Seed, one.Peers, one.Schedule);
        Assert.True(result.IsOk, result.Report);
    }

    [Fact]
    public void A_seed_always_does_the_same()
    {
        var hashes = new HashSet<ulong>();
        for (int seed = 5000; seed < 5040; seed++)
        {
            SimulationResult first = SimulationRun.Run(seed), second = SimulationRun.Run(seed);
            Assert.Equal(first.TraceHash, second.TraceHash);
            Assert.Equal(first.Counts, second.Counts);
            Assert.Equal(first.Trace, second.Trace);
            Assert.True(hashes.Add(first.TraceHash), $"seed {seed} repeats another");
        }
    }

    [Fact]
    public void Seeds_side_by_side_do_what_they_do_alone()
    {
        int[] seeds = [.. Enumerable.Range(6000, 12)];
        ulong[] alone = [.. seeds.Select(seed => SimulationRun.Run(seed).TraceHash)];
        var together = new ulong[seeds.Length];
        Thread[] threads = [.. seeds.Select((seed, at) => new Thread(() => together[at] = SimulationRun.Run(seed).TraceHash))];
        foreach (Thread thread in threads)
            thread.Start();
        foreach (Thread thread in threads)
            thread.Join();
        Assert.Equal(alone, together);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    internal void A_family_of_its_own_happens_and_is_survived(FaultKind kind)
    {
        bool happened = false;
        for (int seed = 0; seed < 6; seed++)
        {
            SimulationResult result = SimulationRun.Run(seed, 3 + seed % 3, [kind]);
            Assert.True(result.IsOk, result.Report);
            Assert.All(result.Schedule.Faults, fault => Assert.Equal(kind, fault.Kind));
            happened |= result.Trace.Any(line => line.Contains("fault: ", StringComparison.Ordinal));
        }
        Assert.True(happened, $"{kind} never happened");
    }

    public static IEnumerable<object[]> Kinds() => (TheoryData<FaultKind>)[.. FaultSchedule.AllKinds];

    [Fact]
    public void Without_faults_all_come_to_the_end()
    {
        for (int peers = 2; peers <= 7; peers++)
        {
            SimulationResult result = SimulationRun.Run(peers, peers, FaultSchedule.None);
            Assert.True(result.IsOk, result.Report);
            Assert.Equal(peers, result.Peers);
            Assert.InRange(result.Counts.Steps, 60, 130);
            Assert.Equal(0, result.Counts.Crashes);
        }
    }
}
