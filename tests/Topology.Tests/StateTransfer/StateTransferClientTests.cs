using System.Buffers.Binary;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Simulation;
using DecentralizedLion.Topology.Simulation.Faults;
using DecentralizedLion.Topology.Simulation.World;
using DecentralizedLion.Topology.StateTransfer;
using FsCheck;
using FsCheck.Xunit;

namespace DecentralizedLion.Topology.Tests.StateTransfer;

/// <summary>Tests of the fetches of a peer that rejoins: never more than it must, from anyone, and only what fits its
/// chain.</summary>
public sealed class StateTransferClientTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(20)]
    public void A_few_missed_steps_cost_their_records(int missed)
    {
        var harness = new StateTransferHarness(donors: 2, parameters: 64 * 1000);
        harness.Fill(0, 25);
        harness.Fill(1, 25 + missed);
        harness.Fill(2, 25 + missed);
        harness.Fetch();
        harness.AssertHere(25 + missed);
        Assert.InRange(harness.Received, missed * harness.RecordLength, missed * harness.Parameters / 8 * 1.1);
        Assert.Equal(missed * harness.RecordLength, harness.StateTransferClient!.BytesFetched);
        Assert.Empty(harness.Taken);
    }

    [Theory]
    [InlineData(50)] // the donors' journals begin long after the step that is missed first
    [InlineData(600)] // they would have all records, but a snapshot is cheaper
    public void A_thousand_missed_steps_cost_one_snapshot_and_few_records(int checkpointEvery)
    {
        var harness = new StateTransferHarness(donors: 2, parameters: 6400, checkpointEvery);
        harness.Fill(0, 20);
        harness.Fill(1, 1027);
        harness.Fill(2, 1027);
        harness.Fetch();
        harness.AssertHere(1027);
        Assert.Equal(1027, Assert.Single(harness.Taken).Step); // their last checkpoint was too old: one was written
        Assert.InRange(harness.Received, harness.Taken[0].Length, harness.Taken[0].Length + 2000);
        Assert.Equal(harness.Disks[1].Shared[1027], harness.Disks[0].Shared[1027]);
    }

    [Fact]
    public void A_donor_that_cannot_write_a_new_snapshot_gives_its_last_one()
    {
        var harness = new StateTransferHarness(donors: 1, parameters: 6400) { Saving = TimeSpan.FromHours(1) };
        harness.Fill(0, 20);
        harness.Fill(1, 1027);
        harness.Fetch();
        harness.AssertHere(1027);
        Assert.Equal(1000, Assert.Single(harness.Taken).Step);
        Assert.InRange(harness.Received, harness.Taken[0].Length, harness.Taken[0].Length + 27 * harness.RecordLength + 5000);
    }

    [Fact]
    public void Records_are_taken_where_they_are_cheaper_than_a_snapshot()
    {
        var harness = new StateTransferHarness(donors: 1, parameters: 6400, checkpointEvery: 100);
        harness.Fill(0, 170);
        harness.Fill(1, 199); // 29 records; a snapshot is as large as about 33
        harness.Fetch();
        harness.AssertHere(199);
        Assert.Empty(harness.Taken);
    }

    /// <summary>The length of a record decides, and that depends on the optimizer.</summary>
    [Theory]
    [InlineData(StepKind.Mean, 6, 0)]
    [InlineData(StepKind.Mean, 12, 1)] // each is as large as the weights
    [InlineData(StepKind.Average, 12, 0)]
    [InlineData(StepKind.Average, 40, 1)] // two bits a parameter
    [InlineData(StepKind.Sparse, 9, 0)]
    [InlineData(StepKind.Sparse, 30, 1)] // 3 · 8 bytes for every tenth parameter
    internal void Larger_records_make_a_snapshot_cheaper_sooner(StepKind shape, int missed, int snapshots)
    {
        var harness = new StateTransferHarness(donors: 2, parameters: 6400, checkpointEvery: 100, shape: shape);
        harness.Fill(0, 20);
        harness.Fill(1, 20 + missed);
        harness.Fill(2, 20 + missed);
        harness.Fetch();
        harness.AssertHere(20 + missed);
        Assert.Equal(snapshots, harness.Taken.Count);
        Assert.InRange(harness.Received, 0,
            snapshots == 0 ? missed * (harness.RecordLength + 100) : harness.Taken[0].Length + 4 * harness.RecordLength);
    }

    [Fact]
    public void An_interrupted_fetch_goes_on_at_the_same_byte_from_another_member()
    {
        const int Piece = Ring.PieceLength;
        var harness = new StateTransferHarness(donors: 2, parameters: 1_000_000, checkpointEvery: 5);
        harness.Fill(1, 40);
        harness.Fill(2, 40);
        harness.Until(() => harness.Disks[0].Partial.Bytes.Count >= 2 * Piece);
        harness.Network.IsCut = (from, to) => from == 1 || to == 1;
        harness.Fetch();
        harness.AssertHere(40);
        SnapshotPieceRequest[] second = [.. harness.Asks.Where(request => request.Of == 2).Select(request => request.Ask)
            .OfType<SnapshotPieceRequest>()];
        Assert.Equal([2L * Piece, 3L * Piece], second.Select(request => request.Offset));
        Assert.Equal(harness.Disks[1].Shared[40], harness.Disks[0].Shared[40]);
    }

    [Fact]
    public void A_process_goes_on_where_the_one_before_it_was_killed()
    {
        const int Piece = Ring.PieceLength;
        var harness = new StateTransferHarness(donors: 1, parameters: 1_000_000, checkpointEvery: 5);
        harness.Fill(1, 40);
        harness.Until(() => harness.Disks[0].Partial.Bytes.Count >= 3 * Piece);
        harness.RestartFetching();
        int before = harness.Asks.Count;
        harness.Fetch();
        harness.AssertHere(40);
        Assert.Equal([3L * Piece], harness.Asks.Skip(before).Select(request => request.Ask).OfType<SnapshotPieceRequest>()
            .Select(request => request.Offset));
    }

    [Fact]
    public void A_damaged_snapshot_is_noticed_and_fetched_again()
    {
        var harness = new StateTransferHarness(donors: 1, parameters: 64_000, checkpointEvery: 5);
        harness.Fill(1, 40);
        int left = 1;
        harness.Tamper = payload =>
        {
            if (payload.Length > 100_000 && left-- > 0)
                payload[50_000] ^= 4;
            return payload;
        };
        harness.Fetch();
        harness.AssertHere(40);
        Assert.Contains("what came of the snapshot of step 40 was damaged; it is fetched again", harness.Events);
        Assert.Equal(harness.Disks[1].Shared[40], harness.Disks[0].Shared[40]);
    }

    [Fact]
    public void Damaged_records_are_not_believed_and_fetched_again()
    {
        var harness = new StateTransferHarness(donors: 1, parameters: 6400);
        harness.Fill(0, 3);
        harness.Fill(1, 20);
        int left = 3;
        harness.Tamper = payload =>
        {
            if (payload.Length > 1000 && left-- > 0)
                payload[payload.Length / 2] ^= 1;
            return payload;
        };
        harness.Fetch();
        harness.AssertHere(20);
        Assert.True(left < 0);
    }

    [Fact]
    public void A_record_longer_than_any_is_not_collected()
    {
        var harness = new StateTransferHarness(donors: 2, parameters: 6400);
        harness.Fill(1, 20);
        harness.Fill(2, 20);
        // The first donor's record would go on without end.
        harness.Tamper = payload =>
        {
            if (payload.Length > 1000 && harness.Asks[^1].Of == 1)
                BinaryPrimitives.WriteInt64LittleEndian(payload.AsSpan(13), long.MaxValue);
            return payload;
        };
        harness.Fetch();
        harness.AssertHere(20);
        Assert.DoesNotContain(harness.Asks, request => request.Of == 1 && request.Ask is RecordsRequest { Offset: > 0 });
    }

    [Fact]
    public void A_snapshot_longer_than_the_models_is_not_written()
    {
        var harness = new StateTransferHarness(donors: 1, parameters: 6400, checkpointEvery: 5);
        harness.Fill(1, 200);
        harness.Tamper = payload =>
        {
            if (payload[4] == (byte)FetchResult.Bytes && harness.Asks[^1].Ask.Kind == FetchKind.SnapshotInfo)
                BinaryPrimitives.WriteInt64LittleEndian(payload.AsSpan(13), 1L << 40);
            return payload;
        };
        harness.Runs(() => false, 20);
        Assert.Contains(harness.Asks, request => request.Ask.Kind == FetchKind.SnapshotInfo);
        Assert.DoesNotContain(harness.Asks, request => request.Ask.Kind == FetchKind.Snapshot);
    }

    [Fact]
    public void A_journal_that_was_cut_while_a_donor_answered_is_looked_at_anew()
    {
        var harness = new StateTransferHarness(donors: 1, parameters: 64, checkpointEvery: 5);
        harness.Fill(0, 3);
        harness.Fill(1, 200);
        bool cut = false;
        harness.Tamper = payload =>
        {
            if (harness.Asks[^1].Ask.Kind != FetchKind.SnapshotInfo || cut)
                return payload;
            cut = true;
            harness.Journal.TruncateAfter(1);
            BinaryPrimitives.WriteInt64LittleEndian(payload.AsSpan(13), 1 << 20); // records are cheaper than that
            return payload;
        };
        harness.Fetch();
        Assert.True(cut);
        harness.AssertHere(200);
    }

    [Fact]
    public void What_lies_before_the_journal_is_not_compared()
    {
        var harness = new StateTransferHarness(donors: 1, parameters: 640);
        harness.Fill(1, 45);
        harness.Journal.ResetTo(30, harness.DigestAfter(30));
        harness.Target = new FetchTarget(10, Digest.Of([1]), true);
        Assert.False(harness.Runs(() => harness.Asks.Count > 0 || harness.Cuts.Count > 0, 5));
        Assert.Equal(30, harness.Journal.LastStep);
    }

    [Fact]
    public void Records_that_are_not_the_rings_are_cut_off()
    {
        var harness = new StateTransferHarness(donors: 1, parameters: 640);
        harness.Fill(0, 30);
        for (long step = 31; step <= 37; step++)
            harness.Journal.Append(StateTransferHarness.Record(step, 9, 640, harness.Journal.DigestAfter(step - 1)));
        harness.Fill(1, 45);
        harness.Fetch();
        harness.AssertHere(45);
        Assert.InRange(Assert.Single(harness.Cuts), 23, 30); // in growing strides back, never more than twice as far as it must
        Assert.Empty(harness.Taken);
    }

    [Fact]
    public void Who_takes_part_itself_cuts_nothing_off_for_another()
    {
        var harness = new StateTransferHarness(donors: 1, parameters: 640) { CanTruncate = false };
        harness.Fill(0, 30);
        harness.Journal.Append(StateTransferHarness.Record(31, 9, 640, harness.Journal.DigestAfter(30)));
        harness.Fill(1, 45);
        Assert.False(harness.Runs(() => harness.IsUpToDate || harness.Cuts.Count > 0 || harness.Taken.Count > 0, seconds: 20));
        Assert.Equal(31, harness.Journal.LastStep);
    }

    [Fact]
    public void A_chain_without_a_common_step_is_replaced_by_a_snapshot()
    {
        var harness = new StateTransferHarness(donors: 1, parameters: 640, checkpointEvery: 10);
        harness.Journal.ResetTo(0, Digest.Of([9]));
        for (long step = 1; step <= 5; step++)
            harness.Journal.Append(StateTransferHarness.Record(step, 9, 640, harness.Journal.DigestAfter(step - 1)));
        harness.Fill(1, 45);
        harness.Fetch();
        harness.AssertHere(45);
        Assert.Equal(40, Assert.Single(harness.Taken).Step);
    }

    [Fact]
    public void A_record_larger_than_a_piece_travels_in_pieces_and_an_interrupted_one_goes_on()
    {
        const int Parameters = 64 * 300_000; // 2.4 MB a record
        var harness = new StateTransferHarness(donors: 2, Parameters);
        Digest previous = default;
        for (long step = 1; step <= 2; step++)
        {
            StepRecord record = StateTransferHarness.Record(step, 1, Parameters, previous);
            previous = record.Digest;
            foreach (int donor in (int[])[1, 2])
                harness.Disks[donor].Records.Add((StateTransferHarness.Bytes(record), record.Digest));
        }
        (harness.Committed[1], harness.Committed[2]) = (2, 2);
        harness.Until(() => harness.Answers.Count(answer => answer.Bytes > 1 << 20) == 2);
        harness.Network.IsCut = (from, to) => from == 1 || to == 1; // the second piece is on its way
        harness.Fetch();
        Assert.Equal((2, previous), (harness.Journal.LastStep, harness.Journal.DigestAfter(2)));
        RecordsRequest[] first = [.. harness.Asks.Select(request => request.Ask).OfType<RecordsRequest>()
            .Where(request => request.FirstStep == 1)];
        Assert.Equal([0L, 1 << 20, 2 << 20], first.Select(request => request.Offset).Distinct().Order());
        Assert.InRange(harness.StateTransferClient!.BytesFetched, 2 * Parameters / 8, 2 * Parameters / 8 + 1000);
    }

    [Fact]
    public void Only_committed_records_are_given_except_for_a_view_that_begins_after_them()
    {
        var harness = new StateTransferHarness(donors: 1, parameters: 640);
        harness.Fill(0, 10);
        harness.Fill(1, 20);
        harness.Committed[1] = 19;
        harness.Fetch();
        harness.AssertHere(19);
        harness.Target = new FetchTarget(20, harness.DigestAfter(20), IncludeUncommitted: true);
        harness.Until(() => harness.Journal.LastStep == 20);
        harness.AssertHere(20);
    }

    [Fact]
    public void The_state_that_a_run_begins_with_is_taken_only_if_it_is_the_one_named()
    {
        var harness = new StateTransferHarness(donors: 2, parameters: 640);
        harness.Fill(2, 50);
        harness.Disks[1].WriteCheckpoint(50, SimulatedReplica.Initial(640, 99).Save(), []);
        Digest wanted = Digest.Of(harness.Disks[2].Shared[50]);
        harness.Target = new FetchTarget(50, default, true, wanted);
        harness.Committed[1] = 50;
        harness.Fetch();
        Assert.Equal((50, wanted), (Assert.Single(harness.Taken).Step, harness.Taken[0].Sha));
        Assert.Equal(harness.Disks[2].Shared[50], harness.Disks[0].Shared[50]);
    }

    [Fact]
    public void To_mend_weights_the_own_checkpoint_is_enough_when_it_is_the_others()
    {
        var harness = new StateTransferHarness(donors: 1, parameters: 640);
        harness.Fill(0, 60);
        harness.Fill(1, 60);
        harness.Target = new FetchTarget(60, default, false, default(Digest));
        harness.Fetch();
        Assert.Equal(50, Assert.Single(harness.Own).Step);
        harness.Disks[0].Shared[50][100] ^= 1;
        harness.Target = new FetchTarget(60, default, false, default(Digest));
        harness.Fetch();
        Assert.Equal(50, Assert.Single(harness.Taken).Step);
        Assert.Equal(harness.Disks[1].Shared[50], harness.Disks[0].Shared[50]);
    }

    [Fact]
    public void To_mend_weights_a_checkpoint_that_the_journal_does_not_reach_is_of_no_use()
    {
        var harness = new StateTransferHarness(donors: 2, parameters: 640, checkpointEvery: 20);
        harness.Fill(0, 70);
        harness.Fill(1, 73); // its last checkpoint is of step 60
        harness.Target = new FetchTarget(70, default, false, default(Digest), StateMin: 66);
        harness.Until(() => harness.Target is null);
        Assert.Equal(73, Assert.Single(harness.Taken).Step); // it wrote another one
        Assert.Empty(harness.Own);
    }

    [Fact]
    public void To_mend_weights_a_later_checkpoint_is_taken_where_the_earlier_ones_are_deleted()
    {
        var harness = new StateTransferHarness(donors: 1, parameters: 640, checkpointEvery: 10);
        harness.Fill(0, 35);
        harness.Fill(1, 73);
        harness.Target = new FetchTarget(35, default, false, default(Digest), StateMin: 20);
        harness.Until(() => harness.Target is null);
        Assert.Equal(70, Assert.Single(harness.Taken).Step);
    }

    [Fact]
    public void A_donor_whose_process_has_ended_is_not_waited_for()
    {
        var harness = new StateTransferHarness(donors: 2, parameters: 640);
        harness.Fill(0, 20);
        harness.Fill(2, 27);
        harness.Network.IsCut = (_, to) => to == 1;
        harness.Until(() => harness.Asks.Count > 0);
        Assert.Equal(1, harness.Asks[^1].Of);
        harness.StateTransferClient!.OnPeerGone(1);
        harness.Order.Remove(1);
        harness.Fetch(seconds: 0.2); // without the word it is asked four times, for more than a second
        harness.AssertHere(27);
        Assert.Single(harness.Asks, request => request.Of == 1);
    }

    [Fact]
    public void A_donors_momentum_comes_with_the_snapshot_when_none_is_here()
    {
        var harness = new StateTransferHarness(donors: 1, parameters: 640) { WantsMomentum = true };
        harness.Fill(1, 220);
        harness.Fetch();
        Assert.Equal(220, Assert.Single(harness.Taken).Step);
        Assert.Equal(harness.Disks[1].Momentum[220], harness.Disks[0].Momentum[220]);
    }

    [Fact]
    public void What_nobody_takes_over_is_not_fetched()
    {
        var harness = new StateTransferHarness(donors: 1, parameters: 640) { WantsMomentum = true, OwnBytes = 0 };
        harness.Fill(1, 220);
        harness.Fetch();
        Assert.Equal(220, Assert.Single(harness.Taken).Step);
        Assert.Empty(harness.Disks[0].Momentum);
        Assert.DoesNotContain(harness.Asks, request => request.Ask.Kind is FetchKind.MomentumInfo or FetchKind.Momentum);
    }

    [Fact]
    public void An_answer_that_takes_longer_than_the_first_try_waits_is_taken()
    {
        var harness = new StateTransferHarness(donors: 1, parameters: 640);
        harness.Network.Distance = (_, _) => TimeSpan.FromMilliseconds(400);
        harness.Fill(1, 30);
        harness.Fetch(30);
        harness.AssertHere(30);
    }

    [Fact]
    public void Pieces_are_on_their_way_for_their_share_of_the_time_only()
    {
        var harness = new StateTransferHarness(donors: 1, parameters: 2_000_000, checkpointEvery: 5,
            RingTimings.Default with { FetchTimeShare = 0.2 });
        harness.Network.Faults = new NetworkFaults
        {
            ShortestDelay = TimeSpan.FromMilliseconds(30),
            LongestDelay = TimeSpan.FromMilliseconds(30),
        };
        harness.Fill(1, 40);
        harness.Fetch();
        TimeSpan[] asked = [.. harness.Asks.Where(request => request.Ask.Kind == FetchKind.Snapshot)
            .Select(request => request.At)];
        Assert.Equal(8, asked.Length);
        TimeSpan whole = asked[^1] - asked[0];
        Assert.InRange(7 * 0.060 / whole.TotalSeconds, 0.18, 0.2001); // seven round trips
    }

    [Property(MaxTest = 60, Replay = FixedCases.Seed)]
    public void Whatever_the_network_does_all_is_here_in_the_end(DoNotSize<int> seed)
    {
        var random = new Random(seed.Item);
        var harness = new StateTransferHarness(donors: 3, parameters: random.Next(1, 5000), checkpointEvery: random.Next(5, 40),
            seed: seed.Item);
        harness.Network.Faults = new NetworkFaults
        {
            Loss = random.NextDouble() * 0.4,
            Repeat = random.NextDouble() * 0.4,
            Corrupt = random.NextDouble() * 0.2,
            Reorder = random.Next(2) == 0,
            LongestDelay = TimeSpan.FromMilliseconds(random.Next(1, 200)),
        };
        long steps = random.Next(1, 150), own = random.Next(0, (int)steps + 1), other = random.Next(0, 8);
        harness.Fill(0, own);
        for (long step = own + 1; step <= own + other; step++)
            harness.Journal.Append(StateTransferHarness.Record(step, 9, harness.Parameters,
                harness.Journal.DigestAfter(step - 1)));
        for (int donor = 1; donor <= 3; donor++)
            harness.Fill(donor, steps);
        harness.Fetch(3600);
        harness.AssertHere(steps);
    }
}
