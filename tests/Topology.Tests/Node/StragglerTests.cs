using DecentralizedLion.Topology.Commit;

namespace DecentralizedLion.Topology.Tests.Node;

/// <summary>Invariant I4 (docs/protocol.md#i4): a peer that is slow to compute does not hold the others up, and stays
/// equal.</summary>
public sealed class StragglerTests
{
    static readonly TimeSpan Usual = TimeSpan.FromMilliseconds(20);

    [Theory]
    [InlineData(3, ExchangeKind.Ring)]
    [InlineData(4, ExchangeKind.Ring)]
    [InlineData(4, ExchangeKind.Direct)]
    internal void One_that_is_ten_times_slower_abstains_in_most_steps_and_stays_equal(int peers, ExchangeKind exchange)
    {
        const int Slow = 1;
        var ring = new RingHarness(peers) { Exchange = exchange };
        ring.StartAllAndRun();
        TimeSpan start = ring.Now;
        ring.Run(5);
        double before = ring.Pace(0, start, ring.Now);
        ring.Compute = (peer, _) => peer == Slow ? 10 * Usual : Usual;
        ring.Run(1);
        TimeSpan slow = ring.Now;
        long first = ring.Records.Keys.Max() + 1;
        ring.Run(10);
        Assert.InRange(ring.Pace(0, slow, ring.Now), 0.8 * before, 1.05 * before);
        StepRecord[] records = [.. ring.Records.Values.Where(record => record.Step >= first)];
        Assert.InRange(records.Count(record => !record.Voters.Contains(Slow)), 0.8 * records.Length, records.Length);
        Assert.All(records, record => Assert.Equal(peers - 1, record.Voters.Count - (record.Voters.Contains(Slow) ? 1 : 0)));
        Assert.All(ring.Live, process => Assert.Equal(1, process.Member.View!.Number)); // slow is not dead
        ring.Compute = (_, _) => Usual;
        ring.Until(() => ring.Records.Values.Last().Voters.Contains(Slow), "it votes again");
        ring.UntilApplied(ring.Records.Keys.Max() + 20); // every step that it applied was compared by the rig
        ring.AssertMajorities();
    }

    [Fact]
    public void While_one_computes_the_others_steps_are_committed_for_it_and_applied_in_order_when_it_is_done()
    {
        var ring = new RingHarness(4);
        ring.StartAllAndRun(10);
        ring.Compute = (peer, _) => peer == 3 ? TimeSpan.FromSeconds(4) : Usual;
        ring.Run(3);
        HarnessProcess slow = ring.Peers[3].Process!;
        Assert.True(slow.Member.Committed > slow.Replica.Step + 40, ring.Describe());
        Assert.Equal(slow.Member.Committed, ring.Peers[3].Disk.Last, tolerance: 1.0);
        ring.Compute = (_, _) => Usual;
        ring.Until(() => slow.Replica.Step >= slow.Member.Committed - 1, "it has caught up");
        Assert.Equal(Enumerable.Range(1, ring.Peers[3].Applied.Count),
            ring.Peers[3].Applied.Select(applied => (int)applied.Step));
    }

    [Fact]
    public void Two_of_five_may_be_slow()
    {
        var ring = new RingHarness(5);
        ring.StartAllAndRun();
        ring.Compute = (peer, _) => peer is 0 or 4 ? 10 * Usual : Usual;
        ring.Run(2);
        TimeSpan start = ring.Now;
        ring.Run(5);
        Assert.InRange(ring.Pace(2, start, ring.Now), 30, 50);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public void Where_nobody_abstains_the_one_that_computes_for_long_is_named_and_waited_for(int peers)
    {
        var ring = new RingHarness(peers) { Timings = RingTimings.Default with { UseStragglerDeadline = false }, LastStep = 4 };
        ring.Compute = (peer, step) => peer == 1 && step == 3 ? TimeSpan.FromMinutes(5) : Usual;
        ring.StartAll();
        ring.UntilEnded();
        for (int peer = 0; peer < peers; peer++)
        {
            Assert.Equal(4, ring.Peers[peer].Applied.Count);
            string[] told = ring.Texts(peer, RingEventKind.Waiting);
            if (peer == 1)
            {
                Assert.Empty(told);
                continue;
            }
            Assert.InRange(told.Length, 5, 100);
            Assert.All(told, text => Assert.StartsWith("step 3 waits for p1: its gradient is not finished", text));
        }
    }
}
