using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Topology.Tests.Node;

/// <summary>Invariants I1 and I6 (docs/protocol.md#i1): any process may be killed and comes back while the others go
/// on.</summary>
public sealed class RejoinTests
{
    [Theory]
    [InlineData(3, 0)]
    [InlineData(3, 2)]
    [InlineData(4, 1)]
    public void Killing_any_one_never_ends_the_run_and_loses_no_step(int peers, int killed)
    {
        var ring = new RingHarness(peers);
        ring.StartAllAndRun(20);
        long applied = ring.Records.Keys.Max();
        TimeSpan moment = ring.Now;
        ring.Peers[killed].Kill();
        // Its connection was closed: no timeout is needed.
        ring.Until(() => ring.Live.All(process => process.Replica.Step > applied + 10), "the others go on", seconds: 2);
        int other = (killed + 1) % peers;
        Assert.Contains($"p{killed} has stopped: its connection closed and its port refuses new ones. Start it again",
            ring.TextsSince(moment, other, RingEventKind.Suspected));
        Assert.StartsWith($"p{killed} was removed from the view",
            Assert.Single(ring.TextsSince(moment, other, RingEventKind.Removed)));
        ring.Peers[killed].Start();
        ring.UntilWhole(peers);
        Assert.Equal(Enumerable.Range(1, ring.Records.Count), ring.Records.Keys.Select(step => (int)step));
        ring.AssertMajorities();
    }

    [Fact]
    public void A_host_that_is_gone_without_a_word_is_missed_after_a_while()
    {
        var ring = new RingHarness(3);
        ring.StartAllAndRun(20);
        TimeSpan moment = ring.Now;
        ring.Peers[1].Kill(refuses: false);
        long applied = ring.Records.Keys.Max();
        ring.Until(() => ring.Live.All(process => process.Replica.Step > applied + 3), "the others go on", seconds: 4);
        Assert.InRange(ring.Now - moment, RingTimings.Default.SuspicionTimeout,
            RingTimings.Default.SuspicionTimeout + TimeSpan.FromSeconds(1.5));
        Assert.Contains(ring.Texts(0, RingEventKind.Suspected),
            text => text.StartsWith("p1 has sent nothing for 2.", StringComparison.Ordinal));
    }

    [Fact]
    public void One_by_one_all_but_one_may_go_and_come_back()
    {
        var ring = new RingHarness(4);
        ring.StartAllAndRun(10);
        foreach (int peer in (int[])[1, 3, 2])
        {
            ring.Peers[peer].Kill();
            ring.UntilWhole(ring.Live.Count());
        }
        foreach (int peer in (int[])[3, 2, 1])
        {
            ring.Peers[peer].Start();
            ring.UntilWhole(ring.Live.Count());
        }
        ring.AssertMajorities();
    }

    [Fact]
    public void After_a_few_missed_steps_only_their_records_travel()
    {
        var ring = new RingHarness(4, parameters: 64 * 1000);
        ring.StartAllAndRun(20);
        ring.Peers[2].Kill();
        ring.UntilWhole(3);
        Func<long> pieces = Pieces(ring, 2);
        long had = ring.Peers[2].Disk.Last;
        ring.Peers[2].Start();
        ring.UntilWhole(4);
        long missed = ring.Peers[2].Member.View!.FirstStep - 1 - had;
        Assert.InRange(missed, 4, 60);
        Assert.InRange(pieces(), 1, missed * ring.Parameters / 8 * 1.1);
        Assert.Empty(ring.Peers[2].Process!.Reloads);
    }

    [Fact]
    public void After_a_thousand_missed_steps_one_snapshot_and_the_records_after_it_travel()
    {
        var ring = new RingHarness(3, parameters: 6400)
        {
            CheckpointEvery = 100,
            Compute = (_, _) => TimeSpan.FromMilliseconds(5),
        };
        ring.StartAllAndRun(20);
        ring.Peers[2].Kill();
        long had = ring.Peers[2].Disk.Last;
        ring.UntilApplied(had + 1000);
        Func<long> pieces = Pieces(ring, 2);
        TimeSpan back = ring.Now;
        ring.Peers[2].Start();
        ring.UntilWhole(3);
        View view = ring.Peers[2].Member.View!;
        long snapshot = ring.Peers[2].Disk.Shared.Values[0].Length, from = Assert.Single(ring.Peers[2].Process!.Reloads).StepMax;
        Assert.InRange(pieces(), snapshot, snapshot + (view.FirstStep - 1 - from + 10) * (ring.Parameters / 8 * 1.1 + 300));
        // the others hardly notice
        Assert.InRange(ring.Pace(0, back, ring.Now), 0.8 * ring.Pace(0, back - TimeSpan.FromSeconds(3), back), 1e9);
        Assert.Contains($"the snapshot of step {from} has arrived", ring.Texts(2, RingEventKind.Fetched));
    }

    [Fact]
    public void One_that_lost_its_disk_comes_back_as_a_newcomer()
    {
        var ring = new RingHarness(3);
        ring.StartAllAndRun(20);
        ulong before = ring.Peers[1].Member.View!.DiskIdOf(1);
        ring.Peers[1].Kill();
        ring.Peers[1].Wipe();
        ring.Peers[1].Start();
        ring.UntilWhole(3);
        Assert.NotEqual(before, ring.Peers[1].Member.View!.DiskIdOf(1));
    }

    [Fact]
    public void All_killed_at_once_go_on_at_most_one_step_before_where_the_furthest_was()
    {
        var ring = new RingHarness(4);
        ring.StartAllAndRun(33);
        long furthest = ring.Records.Keys.Max();
        foreach (HarnessPeer peer in ring.Peers)
            peer.Kill();
        ring.Run(1);
        ring.StartAll();
        ring.UntilWhole(4);
        Assert.InRange(ring.Peers[0].Member.View!.FirstStep, furthest, furthest + 2);
        ring.AssertMajorities(); // no step was applied differently than before
    }

    [Fact]
    public void With_one_disk_of_four_left_they_wait_until_a_person_begins_again_there()
    {
        var ring = new RingHarness(4);
        ring.StartAllAndRun(33);
        foreach (HarnessPeer peer in ring.Peers)
            peer.Kill();
        long last = ring.Peers[2].Disk.Last;
        foreach (int lost in (int[])[0, 1, 3])
            ring.Peers[lost].Wipe();
        ring.StartAll();
        ring.Run(20);
        Assert.All(ring.Live, process => Assert.False(process.Member.IsActive));
        string told = ring.Texts(2, RingEventKind.Waiting)[0];
        Assert.StartsWith("waiting: 1 of 4 peers reachable, 3 needed; p0, p1, p3 came back with an empty disk", told);
        Assert.Contains("--force-new-ring", told);
        ring.Peers[2].Kill();
        ring.Peers[2].Start(Bootstrap.ForceNewRing);
        ring.UntilWhole(4);
        View view = ring.Peers[0].Member.View!;
        Assert.Equal(1, view.Generation);
        Assert.Contains(ring.Peers[2].Applied, applied => applied.Step == last + 1);
        Assert.All(ring.Peers, peer => Assert.Contains(peer.Applied, applied => applied.Step > last));
        Assert.Equal(ring.Records[last + 1].RunId, view.RunId);
        Assert.NotEqual(ring.Records[last - 1].RunId, view.RunId);
    }

    [Fact]
    public void Nobody_begins_again_while_the_others_go_on()
    {
        var ring = new RingHarness(3);
        ring.StartAllAndRun(10);
        ring.Peers[2].Kill();
        ring.UntilWhole(2);
        ring.Peers[2].Start(Bootstrap.ForceNewRing);
        ring.Until(() => ring.Peers[2].Stopped is not null, "it is refused");
        Assert.Equal(
            "--force-new-ring was refused: p0, p1 still train this run. Start this peer without the flag; it joins them.",
            ring.Peers[2].Stopped);
        ring.UntilWhole(2);
    }

    [Fact]
    public void A_record_torn_by_a_kill_is_cut_off_and_fetched()
    {
        var ring = new RingHarness(3);
        ring.StartAllAndRun(20);
        ring.Peers[1].Disk.Tear = length => length / 2;
        ring.Until(() => ring.Peers[1].Process is null, "it is killed in the middle of a write");
        ring.Peers[1].Start();
        ring.UntilWhole(3);
        ring.AssertMajorities();
    }

    [Fact]
    public void A_full_disk_stops_its_peer_with_the_reason_and_not_the_others()
    {
        var ring = new RingHarness(3);
        ring.StartAllAndRun(20);
        ring.Peers[1].Disk.IsFull = true;
        ring.Until(() => ring.Peers[1].Stopped is not null, "it stops");
        Assert.StartsWith("this peer's folder cannot be written: the journal cannot be written: no space left on the device. "
            + "This peer stops;",
            ring.Peers[1].Stopped);
        ring.UntilWhole(2);
        ring.Peers[1].Disk.IsFull = false;
        ring.Peers[1].Start();
        ring.UntilWhole(3);
    }

    /// <summary>Counts the bytes of records and checkpoints that are sent to a peer from now on.</summary>
    static Func<long> Pieces(RingHarness ring, int to)
    {
        long bytes = 0;
        ring.Network.Sent = (int _, int receiver, in FrameHeader header, ReadOnlySpan<byte> payload) =>
            bytes += header.Kind == FrameKind.FetchResponse && receiver == to ? payload.Length : 0;
        return () => bytes;
    }
}
