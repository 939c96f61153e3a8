using DecentralizedLion.Topology.Simulation.Faults;
using DecentralizedLion.Topology.Snapshots;
using DecentralizedLion.Topology.StateTransfer;

namespace DecentralizedLion.Topology.Tests.StateTransfer;

/// <summary>Tests of what donors keep while another peer fetches it, although newer checkpoints replace it.</summary>
public sealed class RetentionTests
{
    [Fact]
    public void A_transfer_that_takes_many_checkpoint_intervals_is_made_once()
    {
        const int interval = 2;
        var harness = new StateTransferHarness(donors: 2, parameters: 1_200_000, checkpointEvery: interval)
        {
            WantsMomentum = true,
            OwnBytes = 100,
        };
        harness.Network.Distance = (_, _) => TimeSpan.FromSeconds(0.3);
        foreach (int donor in harness.Order)
            harness.Fill(donor, 20);
        harness.Loop.Clock.After(TimeSpan.FromSeconds(1), OnSecond);
        harness.Until(() => harness.Journal.LastStep >= harness.Committed[1] - 1 && harness.Taken.Count > 0);

        SnapshotInfo taken = Assert.Single(harness.Taken);
        Assert.True(harness.Committed[1] > taken.Step + 4 * interval, "the test's transfer is too quick to tell");
        Assert.Contains(taken.Step, harness.Disks[0].Momentum.Keys);

        void OnSecond()
        {
            foreach (int donor in harness.Order)
                harness.Append(donor);
            harness.Loop.Clock.After(TimeSpan.FromSeconds(1), OnSecond);
        }
    }

    [Fact]
    public void An_interrupted_snapshot_goes_on_although_there_are_newer_ones()
    {
        const int Piece = Ring.PieceLength;
        var harness = new StateTransferHarness(donors: 1, parameters: 1_000_000, checkpointEvery: 5);
        harness.Fill(1, 40);
        harness.Until(() => harness.Disks[0].Partial.Bytes.Count >= 2 * Piece);
        for (int step = 0; step < 12; step++)
            harness.Append(1);
        Assert.Contains(40, harness.Disks[1].Shared.Keys);
        harness.RestartFetching();
        int before = harness.Asks.Count;
        harness.Fetch();
        harness.AssertHere(52);
        Assert.Equal(40, Assert.Single(harness.Taken).Step);
        Assert.Equal([2L * Piece, 3L * Piece], harness.Asks.Skip(before).Select(request => request.Ask)
            .OfType<SnapshotPieceRequest>().Select(request => request.Offset));
    }

    [Fact]
    public void Little_of_an_old_snapshot_is_not_worth_the_records_after_it()
    {
        const int Piece = Ring.PieceLength;
        var harness = new StateTransferHarness(donors: 1, parameters: 1_000_000, checkpointEvery: 50);
        harness.Fill(1, 100);
        harness.Until(() => harness.Disks[0].Partial.Bytes.Count >= Piece);
        for (int step = 0; step < 50; step++)
            harness.Append(1);
        harness.RestartFetching();
        harness.Fetch();
        harness.AssertHere(150);
        Assert.Equal(150, Assert.Single(harness.Taken).Step);
    }

    /// <summary>A record of two pieces is one transfer: the links are left to the others for both.</summary>
    [Fact]
    public void Records_longer_than_a_piece_take_their_share_of_the_time_only()
    {
        const int Steps = 16;
        var harness = new StateTransferHarness(donors: 1, parameters: 9_000_000, checkpointEvery: 100,
            RingTimings.Default with { FetchTimeShare = 0.2 });
        harness.Network.Faults = new NetworkFaults
        {
            ShortestDelay = TimeSpan.FromMilliseconds(30),
            LongestDelay = TimeSpan.FromMilliseconds(30),
        };
        harness.Fill(1, Steps);
        harness.Fetch();
        harness.AssertHere(Steps);
        TimeSpan At(long step) => harness.Asks.First(request => request.Ask is RecordsRequest one && one.FirstStep == step).At;
        const int Paused = Steps - Donor.RecentRecords - 1; // steps 1 to 7, two round trips of 60 ms each
        Assert.InRange(2 * 0.060 * Paused / (At(Paused + 1) - At(1)).TotalSeconds, 0.18, 0.2001);
        Assert.InRange((At(Steps) - At(Steps - 1)).TotalSeconds, 0.1, 0.13); // the last few without pauses
    }

    /// <summary>A ring that makes steps as fast as they come with pauses is caught up with nevertheless.</summary>
    [Fact]
    public void A_peer_catches_up_with_a_quick_ring()
    {
        var harness = new StateTransferHarness(donors: 1, parameters: 9_000_000, checkpointEvery: 100);
        harness.Network.Faults = new NetworkFaults
        {
            ShortestDelay = TimeSpan.FromMilliseconds(30),
            LongestDelay = TimeSpan.FromMilliseconds(30),
        };
        harness.Fill(1, 14);
        harness.Loop.Clock.After(TimeSpan.FromSeconds(0.2), OnStep); // 0.12 s for a record, 0.48 s with its pause
        harness.Until(() => harness.Committed[1] - harness.Journal.LastStep <= 2, seconds: 20);

        void OnStep()
        {
            harness.Append(1);
            harness.Loop.Clock.After(TimeSpan.FromSeconds(0.2), OnStep);
        }
    }

    [Fact]
    public void A_peer_that_does_not_go_on_is_forgotten()
    {
        var harness = new StateTransferHarness(donors: 1, parameters: 64);
        var retained = new RetainedSteps(harness.Loop.Clock);
        Assert.Equal(long.MaxValue, retained.Oldest);
        retained.Retain(peer: 3, 40);
        retained.Retain(peer: 5, 20);
        Assert.Equal((20, true, true), (retained.Oldest, retained.Has(20), retained.Has(40)));
        harness.Until(() => harness.Loop.Clock.Elapsed > RetainedSteps.TimeLimit / 2);
        retained.Retain(peer: 3, 60); // it has come so far
        Assert.Equal((20, false, true), (retained.Oldest, retained.Has(40), retained.Has(60)));
        harness.Until(() => harness.Loop.Clock.Elapsed > RetainedSteps.TimeLimit);
        Assert.Equal((60, false), (retained.Oldest, retained.Has(20)));
    }
}
