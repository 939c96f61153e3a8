using DecentralizedLion.Topology.Commit;

namespace DecentralizedLion.Topology.Tests.Node;

/// <summary>Samples that are shared out by the members' measured gradient times.</summary>
public sealed class RebalanceTests
{
    const int Sum = 64;

    static readonly RingTimings timings = RingTimings.Default with
    {
        RebalanceTime = TimeSpan.FromSeconds(2),
        RebalanceInterval = TimeSpan.FromSeconds(5),
    };

    [Fact]
    public void Shares_follow_the_speeds_by_one_view_and_the_slowest_votes_again()
    {
        double[] perSample = [1, 1, 2, 5]; // milliseconds
        RingHarness ring = Ring(4, (peer, _) => perSample[peer]);
        ring.StartAllAndRun();
        Assert.Equal([16, 16, 16, 16], ring.Records[2].Batches);
        ring.Run(seconds: 60);
        StepRecord last = ring.Records.Values.Last();
        Assert.Equal(2, last.View);
        Assert.Equal([23, 23, 12, 6], Near([23, 23, 12, 6], last.Batches));
        Assert.Equal(Sum, last.Batches.Sum());
        Assert.Equal(4, last.Voters.Count); // nobody is late any more
        Assert.Contains("; samples per step: p0 ", Assert.Single(ring.Texts(0, RingEventKind.Reconfigured)),
            StringComparison.Ordinal);
        StepRecord first = ring.Records.Values.First(record => record.View == 2);
        Assert.Equal([16, 16, 16, 16], first.Batches); // its samples were shared out by the record before it
        Assert.Equal(last.Batches, first.NextBatches);
        ring.AssertMajorities();
    }

    [Fact]
    public void Who_comes_and_goes_leaves_the_sum_as_it_is()
    {
        RingHarness ring = Ring(3, (_, _) => 1);
        ring.StartAllAndRun(20);
        ring.Peers[1].Kill();
        ring.UntilWhole(2);
        Assert.Equal(Sum, ring.Records.Values.Last().NextBatches.Sum());
        ring.Peers[1].Start();
        ring.UntilWhole(3);
        StepRecord last = ring.Records.Values.Last();
        Assert.Equal((3, Sum), (last.NextBatches.Length, last.NextBatches.Sum()));
        ring.AssertMajorities();
    }

    [Fact]
    public void Speeds_that_change_all_the_time_are_no_endless_row_of_views()
    {
        RingHarness ring = Ring(3, (peer, step) => step / 200 % 3 == peer ? 4 : 1); // another one is slow every 200 steps
        ring.StartAllAndRun();
        ring.Run(seconds: 300);
        // Each change makes the next one wait twice as long: 5 s, 10 s, 20 s, …
        Assert.InRange(ring.Records.Values.Last().View, 3, 9);
        ring.AssertMajorities();
    }

    [Fact]
    public void Noise_is_no_reason()
    {
        RingHarness ring = Ring(3, (peer, step) => 1 + 0.15 * ((step * 7 + peer * 3) % 5) / 5);
        ring.StartAllAndRun();
        ring.Run(seconds: 60);
        Assert.Equal(1, ring.Records.Values.Last().View);
    }

    /// <summary>The same batches, each within two samples; else what they are.</summary>
    static int[] Near(int[] wanted, int[] batches) =>
        wanted.Zip(batches).All(pair => Math.Abs(pair.First - pair.Second) <= 2) ? wanted : batches;

    static RingHarness Ring(int peers, Func<int, long, double> millisecondsPerSample)
    {
        RingHarness ring = null!;
        ring = new RingHarness(peers)
        {
            Timings = timings,
            Change = (_, options) => options with { SharedBatch = Sum },
            Compute = (peer, step) => TimeSpan.FromMilliseconds(millisecondsPerSample(peer, step) * BatchOf(peer, step)),
        };
        return ring;

        // Shared out by the record before it.
        int BatchOf(int peer, long step) => ring.Records.TryGetValue(step - 1, out StepRecord? before)
            && before.Members.Contains(peer)
            ? before.NextBatches[before.Members.TakeWhile(member => member != peer).Count()] : Sum / peers;
    }
}
