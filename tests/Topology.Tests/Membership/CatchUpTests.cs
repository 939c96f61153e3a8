using System.Buffers.Binary;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Membership;
using DecentralizedLion.Topology.Simulated;
using FsCheck;
using FsCheck.Xunit;

namespace DecentralizedLion.Topology.Tests.Membership;

/// <summary>What a peer that comes back fetches: never more than it must, from anyone, and only what fits its chain.</summary>
public sealed class CatchUpTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(20)]
    public void A_few_missed_steps_cost_their_records(int missed)
    {
        var rig = new FetchRig(donors: 2, parameters: 64 * 1000);
        rig.Fill(0, 25);
        rig.Fill(1, 25 + missed);
        rig.Fill(2, 25 + missed);
        rig.Fetch();
        rig.AssertHere(25 + missed);
        Assert.InRange(rig.Received, missed * rig.RecordLength, missed * rig.Parameters / 8 * 1.1);
        Assert.Equal(missed * rig.RecordLength, rig.CatchUp!.BytesFetched);
        Assert.Empty(rig.Taken);
    }

    [Theory]
    [InlineData(50)] // the donors' journals begin long after the step that is missed first
    [InlineData(600)] // they would have all records, but a snapshot is cheaper
    public void A_thousand_missed_steps_cost_one_snapshot_and_few_records(int checkpointEvery)
    {
        var rig = new FetchRig(donors: 2, parameters: 6400, checkpointEvery);
        rig.Fill(0, 20);
        rig.Fill(1, 1027);
        rig.Fill(2, 1027);
        rig.Fetch();
        rig.AssertHere(1027);
        Assert.Equal(1027, Assert.Single(rig.Taken).Step); // their last checkpoint was too old: one was written
        Assert.InRange(rig.Received, rig.Taken[0].Length, rig.Taken[0].Length + 2000);
        Assert.Equal(rig.Disks[1].Shared[1027], rig.Disks[0].Shared[1027]);
    }

    [Fact]
    public void A_donor_that_cannot_write_a_new_snapshot_gives_its_last_one()
    {
        var rig = new FetchRig(donors: 1, parameters: 6400) { Saving = TimeSpan.FromHours(1) };
        rig.Fill(0, 20);
        rig.Fill(1, 1027);
        rig.Fetch();
        rig.AssertHere(1027);
        Assert.Equal(1000, Assert.Single(rig.Taken).Step);
        Assert.InRange(rig.Received, rig.Taken[0].Length, rig.Taken[0].Length + 27 * rig.RecordLength + 5000);
    }

    [Fact]
    public void Records_are_taken_where_they_are_cheaper_than_a_snapshot()
    {
        var rig = new FetchRig(donors: 1, parameters: 6400, checkpointEvery: 100);
        rig.Fill(0, 170);
        rig.Fill(1, 199); // 29 records; a snapshot is as large as about 33
        rig.Fetch();
        rig.AssertHere(199);
        Assert.Empty(rig.Taken);
    }

    /// <summary>How long a record is decides, and that is the method's matter.</summary>
    [Theory]
    [InlineData(MethodShape.Mean, 6, 0)]
    [InlineData(MethodShape.Mean, 12, 1)] // each is as large as the weights
    [InlineData(MethodShape.Average, 12, 0)]
    [InlineData(MethodShape.Average, 40, 1)] // two bits a parameter
    [InlineData(MethodShape.Sparse, 9, 0)]
    [InlineData(MethodShape.Sparse, 30, 1)] // 3 · 8 bytes for every tenth parameter
    public void Larger_records_make_a_snapshot_cheaper_sooner(MethodShape shape, int missed, int snapshots)
    {
        var rig = new FetchRig(donors: 2, parameters: 6400, checkpointEvery: 100, shape: shape);
        rig.Fill(0, 20);
        rig.Fill(1, 20 + missed);
        rig.Fill(2, 20 + missed);
        rig.Fetch();
        rig.AssertHere(20 + missed);
        Assert.Equal(snapshots, rig.Taken.Count);
        Assert.InRange(rig.Received, 0, snapshots == 0 ? missed * (rig.RecordLength + 100) : rig.Taken[0].Length + 4 * rig.RecordLength);
    }

    [Fact]
    public void An_interrupted_fetch_goes_on_at_the_same_byte_from_another_member()
    {
        const int Piece = Ring.PieceLength;
        var rig = new FetchRig(donors: 2, parameters: 1_000_000, checkpointEvery: 5);
        rig.Fill(1, 40);
        rig.Fill(2, 40);
        rig.Until(() => rig.Disks[0].Partial.Bytes.Count >= 2 * Piece);
        rig.Network.IsCut = (from, to) => from == 1 || to == 1;
        rig.Fetch();
        rig.AssertHere(40);
        FetchAsk[] second = [.. rig.Asks.Where(ask => ask.Of == 2 && ask.Ask.Kind == FetchKind.Snapshot).Select(ask => ask.Ask)];
        Assert.Equal([2L * Piece, 3L * Piece], second.Select(ask => ask.Offset));
        Assert.Equal(rig.Disks[1].Shared[40], rig.Disks[0].Shared[40]);
    }

    [Fact]
    public void A_process_goes_on_where_the_one_before_it_was_killed()
    {
        const int Piece = Ring.PieceLength;
        var rig = new FetchRig(donors: 1, parameters: 1_000_000, checkpointEvery: 5);
        rig.Fill(1, 40);
        rig.Until(() => rig.Disks[0].Partial.Bytes.Count >= 3 * Piece);
        rig.RestartFetching();
        int before = rig.Asks.Count;
        rig.Fetch();
        rig.AssertHere(40);
        Assert.Equal([3L * Piece], rig.Asks.Skip(before).Where(ask => ask.Ask.Kind == FetchKind.Snapshot).Select(ask => ask.Ask.Offset));
    }

    [Fact]
    public void A_damaged_snapshot_is_noticed_and_fetched_again()
    {
        var rig = new FetchRig(donors: 1, parameters: 64_000, checkpointEvery: 5);
        rig.Fill(1, 40);
        int left = 1;
        rig.Tamper = payload =>
        {
            if (payload.Length > 100_000 && left-- > 0)
                payload[50_000] ^= 4;
            return payload;
        };
        rig.Fetch();
        rig.AssertHere(40);
        Assert.Contains("what came of the snapshot of step 40 was damaged; it is fetched again", rig.Told);
        Assert.Equal(rig.Disks[1].Shared[40], rig.Disks[0].Shared[40]);
    }

    [Fact]
    public void Damaged_records_are_not_believed_and_fetched_again()
    {
        var rig = new FetchRig(donors: 1, parameters: 6400);
        rig.Fill(0, 3);
        rig.Fill(1, 20);
        int left = 3;
        rig.Tamper = payload =>
        {
            if (payload.Length > 1000 && left-- > 0)
                payload[payload.Length / 2] ^= 1;
            return payload;
        };
        rig.Fetch();
        rig.AssertHere(20);
        Assert.True(left < 0);
    }

    [Fact]
    public void A_record_longer_than_any_is_not_collected()
    {
        var rig = new FetchRig(donors: 2, parameters: 6400);
        rig.Fill(1, 20);
        rig.Fill(2, 20);
        // The first donor's record would go on without end.
        rig.Tamper = payload =>
        {
            if (payload.Length > 1000 && rig.Asks[^1].Of == 1)
                BinaryPrimitives.WriteInt64LittleEndian(payload.AsSpan(13), long.MaxValue);
            return payload;
        };
        rig.Fetch();
        rig.AssertHere(20);
        Assert.DoesNotContain(rig.Asks, ask => ask.Of == 1 && ask.Ask.Offset > 0);
    }

    [Fact]
    public void A_snapshot_longer_than_the_models_is_not_written()
    {
        var rig = new FetchRig(donors: 1, parameters: 6400, checkpointEvery: 5);
        rig.Fill(1, 200);
        rig.Tamper = payload =>
        {
            if (payload[4] == (byte)FetchResult.Bytes && rig.Asks[^1].Ask.Kind == FetchKind.SnapshotInfo)
                BinaryPrimitives.WriteInt64LittleEndian(payload.AsSpan(13), 1L << 40);
            return payload;
        };
        rig.Runs(() => false, 20);
        Assert.Contains(rig.Asks, ask => ask.Ask.Kind == FetchKind.SnapshotInfo);
        Assert.DoesNotContain(rig.Asks, ask => ask.Ask.Kind == FetchKind.Snapshot);
    }

    [Fact]
    public void A_journal_that_was_cut_while_a_donor_answered_is_looked_at_anew()
    {
        var rig = new FetchRig(donors: 1, parameters: 64, checkpointEvery: 5);
        rig.Fill(0, 3);
        rig.Fill(1, 200);
        bool cut = false;
        rig.Tamper = payload =>
        {
            if (rig.Asks[^1].Ask.Kind != FetchKind.SnapshotInfo || cut)
                return payload;
            cut = true;
            rig.Journal.CutAfter(1);
            BinaryPrimitives.WriteInt64LittleEndian(payload.AsSpan(13), 1 << 20); // records are cheaper than that
            return payload;
        };
        rig.Fetch();
        Assert.True(cut);
        rig.AssertHere(200);
    }

    [Fact]
    public void What_lies_before_the_journal_is_not_compared()
    {
        var rig = new FetchRig(donors: 1, parameters: 640);
        rig.Fill(1, 45);
        rig.Journal.Restart(30, rig.ChainAt(30));
        rig.Goal = new FetchGoal(10, ChainDigest.Of([1]), true);
        Assert.False(rig.Runs(() => rig.Asks.Count > 0 || rig.Cuts.Count > 0, 5));
        Assert.Equal(30, rig.Journal.Last);
    }

    [Fact]
    public void Records_that_are_not_the_rings_are_cut_off()
    {
        var rig = new FetchRig(donors: 1, parameters: 640);
        rig.Fill(0, 30);
        for (long step = 31; step <= 37; step++)
            rig.Journal.Append(FetchRig.Record(step, 9, 640, rig.Journal.ChainAt(step - 1)));
        rig.Fill(1, 45);
        rig.Fetch();
        rig.AssertHere(45);
        Assert.InRange(Assert.Single(rig.Cuts), 23, 30); // in growing strides back, never more than twice as far as it must
        Assert.Empty(rig.Taken);
    }

    [Fact]
    public void Who_takes_part_itself_cuts_nothing_off_for_another()
    {
        var rig = new FetchRig(donors: 1, parameters: 640) { MayCut = false };
        rig.Fill(0, 30);
        rig.Journal.Append(FetchRig.Record(31, 9, 640, rig.Journal.ChainAt(30)));
        rig.Fill(1, 45);
        Assert.False(rig.Runs(() => rig.IsUpToDate || rig.Cuts.Count > 0 || rig.Taken.Count > 0, seconds: 20));
        Assert.Equal(31, rig.Journal.Last);
    }

    [Fact]
    public void A_chain_without_a_common_step_is_replaced_by_a_snapshot()
    {
        var rig = new FetchRig(donors: 1, parameters: 640, checkpointEvery: 10);
        rig.Journal.Restart(0, ChainDigest.Of([9]));
        for (long step = 1; step <= 5; step++)
            rig.Journal.Append(FetchRig.Record(step, 9, 640, rig.Journal.ChainAt(step - 1)));
        rig.Fill(1, 45);
        rig.Fetch();
        rig.AssertHere(45);
        Assert.Equal(40, Assert.Single(rig.Taken).Step);
    }

    [Fact]
    public void A_record_larger_than_a_piece_travels_in_pieces_and_an_interrupted_one_goes_on()
    {
        const int Parameters = 64 * 300_000; // 2.4 MB a record
        var rig = new FetchRig(donors: 2, Parameters);
        ChainDigest previous = default;
        for (long step = 1; step <= 2; step++)
        {
            StepRecord record = FetchRig.Record(step, 1, Parameters, previous);
            previous = record.Digest;
            foreach (int donor in (int[])[1, 2])
                rig.Disks[donor].Records.Add((FetchRig.Bytes(record), record.Digest));
        }
        (rig.Committed[1], rig.Committed[2]) = (2, 2);
        rig.Until(() => rig.Answers.Count(answer => answer.Bytes > 1 << 20) == 2);
        rig.Network.IsCut = (from, to) => from == 1 || to == 1; // the second piece is on its way
        rig.Fetch();
        Assert.Equal((2, previous), (rig.Journal.Last, rig.Journal.ChainAt(2)));
        FetchAsk[] first = [.. rig.Asks.Select(ask => ask.Ask).Where(ask => ask is { Kind: FetchKind.Records, Step: 1 })];
        Assert.Equal([0L, 1 << 20, 2 << 20], first.Select(ask => ask.Offset).Distinct().Order());
        Assert.InRange(rig.CatchUp!.BytesFetched, 2 * Parameters / 8, 2 * Parameters / 8 + 1000);
    }

    [Fact]
    public void Only_committed_records_are_given_except_for_a_view_that_begins_after_them()
    {
        var rig = new FetchRig(donors: 1, parameters: 640);
        rig.Fill(0, 10);
        rig.Fill(1, 20);
        rig.Committed[1] = 19;
        rig.Fetch();
        rig.AssertHere(19);
        rig.Goal = new FetchGoal(20, rig.ChainAt(20), UpToHeld: true);
        rig.Until(() => rig.Journal.Last == 20);
        rig.AssertHere(20);
    }

    [Fact]
    public void The_state_that_a_run_begins_with_is_taken_only_if_it_is_the_one_named()
    {
        var rig = new FetchRig(donors: 2, parameters: 640);
        rig.Fill(2, 50);
        rig.Disks[1].WriteCheckpoint(50, SimulatedReplica.Initial(640, 99).Save(), []);
        ChainDigest wanted = ChainDigest.Of(rig.Disks[2].Shared[50]);
        rig.Goal = new FetchGoal(50, default, true, wanted);
        rig.Committed[1] = 50;
        rig.Fetch();
        Assert.Equal((50, wanted), (Assert.Single(rig.Taken).Step, rig.Taken[0].Sha));
        Assert.Equal(rig.Disks[2].Shared[50], rig.Disks[0].Shared[50]);
    }

    [Fact]
    public void To_mend_weights_the_own_checkpoint_is_enough_when_it_is_the_others()
    {
        var rig = new FetchRig(donors: 1, parameters: 640);
        rig.Fill(0, 60);
        rig.Fill(1, 60);
        rig.Goal = new FetchGoal(60, default, false, default(ChainDigest));
        rig.Fetch();
        Assert.Equal(50, Assert.Single(rig.Own).Step);
        rig.Disks[0].Shared[50][100] ^= 1;
        rig.Goal = new FetchGoal(60, default, false, default(ChainDigest));
        rig.Fetch();
        Assert.Equal(50, Assert.Single(rig.Taken).Step);
        Assert.Equal(rig.Disks[1].Shared[50], rig.Disks[0].Shared[50]);
    }

    [Fact]
    public void A_donors_momentum_comes_with_the_snapshot_when_none_is_here()
    {
        var rig = new FetchRig(donors: 1, parameters: 640) { WantsMomentum = true };
        rig.Fill(1, 220);
        rig.Fetch();
        Assert.Equal(220, Assert.Single(rig.Taken).Step);
        Assert.Equal(rig.Disks[1].Momentum[220], rig.Disks[0].Momentum[220]);
    }

    [Fact]
    public void What_nobody_takes_over_is_not_fetched()
    {
        var rig = new FetchRig(donors: 1, parameters: 640) { WantsMomentum = true, OwnBytes = 0 };
        rig.Fill(1, 220);
        rig.Fetch();
        Assert.Equal(220, Assert.Single(rig.Taken).Step);
        Assert.Empty(rig.Disks[0].Momentum);
        Assert.DoesNotContain(rig.Asks, ask => ask.Ask.Kind is FetchKind.MomentumInfo or FetchKind.Momentum);
    }

    [Fact]
    public void Pieces_are_on_their_way_for_their_share_of_the_time_only()
    {
        var rig = new FetchRig(donors: 1, parameters: 2_000_000, checkpointEvery: 5, RingTimings.Default with { FetchShare = 0.2 });
        rig.Network.Faults = new NetworkFaults { ShortestDelay = TimeSpan.FromMilliseconds(30), LongestDelay = TimeSpan.FromMilliseconds(30) };
        rig.Fill(1, 40);
        rig.Fetch();
        TimeSpan[] asked = [.. rig.Asks.Where(ask => ask.Ask.Kind == FetchKind.Snapshot).Select(ask => ask.At)];
        Assert.Equal(8, asked.Length);
        TimeSpan whole = asked[^1] - asked[0];
        Assert.InRange(7 * 0.060 / whole.TotalSeconds, 0.18, 0.2001); // seven round trips
    }

    [Property(MaxTest = 60, Replay = FixedCases.Seed)]
    public void Whatever_the_network_does_all_is_here_in_the_end(DoNotSize<int> seed)
    {
        var random = new Random(seed.Item);
        var rig = new FetchRig(donors: 3, parameters: random.Next(1, 5000), checkpointEvery: random.Next(5, 40), seed: seed.Item);
        rig.Network.Faults = new NetworkFaults
        {
            Loss = random.NextDouble() * 0.4,
            Repeat = random.NextDouble() * 0.4,
            Corrupt = random.NextDouble() * 0.2,
            Reorder = random.Next(2) == 0,
            LongestDelay = TimeSpan.FromMilliseconds(random.Next(1, 200)),
        };
        long steps = random.Next(1, 150), own = random.Next(0, (int)steps + 1), other = random.Next(0, 8);
        rig.Fill(0, own);
        for (long step = own + 1; step <= own + other; step++)
            rig.Journal.Append(FetchRig.Record(step, 9, rig.Parameters, rig.Journal.ChainAt(step - 1)));
        for (int donor = 1; donor <= 3; donor++)
            rig.Fill(donor, steps);
        rig.Fetch(3600);
        rig.AssertHere(steps);
    }
}
