namespace DecentralizedLion.Topology.Tests.Node;

/// <summary>A process that stands still for a while, as after SIGSTOP or under a laptop's lid.</summary>
public sealed class FreezeTests
{
    [Theory]
    [InlineData(4, 2)]
    [InlineData(4, 0)]
    [InlineData(3, 1)]
    public void After_twenty_seconds_it_suspects_nobody_and_is_equal_again(int peers, int frozen)
    {
        var ring = new RingHarness(peers);
        ring.StartAllAndRun();
        TimeSpan start = ring.Now;
        ring.Run(5);
        int other = (frozen + 1) % peers;
        double before = ring.Pace(other, start, ring.Now);
        HarnessProcess process = ring.Peers[frozen].Process!;
        process.Freeze();
        TimeSpan moment = ring.Now;
        ring.Run(20);
        // Once it is suspected the others go on as fast as before.
        Assert.InRange(ring.Pace(other, moment + TimeSpan.FromSeconds(4), ring.Now), 0.9 * before, 1.2 * before);
        Assert.True(ring.Peers[other].Applied.First(applied => applied.At > moment + TimeSpan.FromSeconds(1)).At - moment
            < TimeSpan.FromSeconds(4));
        Assert.StartsWith($"p{frozen} has sent nothing for 2.", ring.TextsSince(moment, other, RingEventKind.Suspected)[0]);
        TimeSpan woken = ring.Now;
        process.Thaw();
        ring.UntilWhole(peers);
        Assert.Empty(ring.TextsSince(moment, frozen, RingEventKind.Suspected));
        Assert.Empty(ring.TextsSince(moment, frozen, RingEventKind.Paused));
        Assert.Same(process, ring.Peers[frozen].Process); // the same process is in the ring again
        Assert.InRange(ring.Now - woken, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        ring.AssertMajorities();
    }

    [Fact]
    public void All_may_stand_still_together_and_none_is_suspected()
    {
        var ring = new RingHarness(3);
        ring.StartAllAndRun();
        foreach (HarnessProcess process in ring.Live)
            process.Freeze();
        ring.Run(30);
        long step = ring.Records.Keys.Max();
        foreach (HarnessProcess process in ring.Live)
            process.Thaw();
        ring.UntilApplied(step + 20);
        Assert.DoesNotContain(ring.Events, events => events.Event.Kind == RingEventKind.Suspected);
        Assert.All(ring.Live, process => Assert.Equal(1, process.Member.View!.Number));
    }

    [Fact]
    public void A_short_stand_still_costs_nothing()
    {
        var ring = new RingHarness(3);
        ring.StartAllAndRun();
        ring.Peers[1].Process!.Freeze();
        ring.Run(1.5);
        ring.Peers[1].Process!.Thaw();
        ring.UntilApplied(ring.Records.Keys.Max() + 20);
        Assert.DoesNotContain(ring.Events, events => events.Event.Kind == RingEventKind.Suspected);
    }
}
