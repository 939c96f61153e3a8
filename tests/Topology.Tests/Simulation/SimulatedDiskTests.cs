using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Simulation.World;
using DecentralizedLion.Topology.Snapshots;

namespace DecentralizedLion.Topology.Tests.Simulation;

public sealed class SimulatedDiskTests
{
    const int Parameters = 100;

    readonly SimulatedDisk disk = new(Parameters, checkpointEvery: 5);
    int deaths;

    [Fact]
    public void A_journal_keeps_what_it_is_given_and_survives_its_process()
    {
        SimulatedJournal journal = Begun(7);
        Assert.Throws<InvalidOperationException>(() => journal.Append(Record(9, journal.DigestAfter(7))));
        Assert.Throws<InvalidOperationException>(() => journal.Append(Record(8, journal.DigestAfter(6))));
        DiskHandle next = disk.Open(() => deaths++);
        Assert.Equal((0, 7), (next.Journal.BaseStep, next.Journal.LastStep));
        Assert.Equal(next.Journal.DigestAfter(4), next.Journal.Read(4)!.Digest);
        Assert.Equal(4, next.Journal.Read(4)!.Step);
        Assert.Null(next.Journal.Read(0));
        Assert.Null(next.Journal.Read(8));
        Assert.Throws<ArgumentOutOfRangeException>(() => next.Journal.DigestAfter(8));
        Assert.Throws<ProcessDiedException>(() => journal.LastStep); // the earlier process is gone
        next.Journal.TruncateAfter(3);
        Assert.Equal(3, next.Journal.LastStep);
        next.Journal.ResetTo(20, Digest.Of([1]));
        Assert.Equal((20, 20, Digest.Of([1])), (next.Journal.BaseStep, next.Journal.LastStep, next.Journal.DigestAfter(20)));
    }

    [Theory]
    [InlineData(0, 3)]
    [InlineData(0.5, 3)]
    [InlineData(1, 4)] // whole, and yet nobody was told that it is held
    public void A_torn_record_ends_the_process_and_is_cut_at_the_next_start(double share, long last)
    {
        SimulatedJournal journal = Begun(3);
        disk.Tear = length => (int)(length * share);
        StepRecord fourth = Record(4, journal.DigestAfter(3));
        Assert.Throws<ProcessDiedException>(() => journal.Append(fourth));
        Assert.Equal(1, deaths);
        SimulatedJournal next = disk.Open(() => deaths++).Journal;
        Assert.Equal(last, next.LastStep);
        if (last == 3)
            next.Append(fourth);
        Assert.Equal(fourth.Digest, next.DigestAfter(4));
        Assert.Equal(1, deaths);
    }

    [Fact]
    public void A_full_disk_takes_nothing_and_loses_nothing()
    {
        SimulatedJournal journal = Begun(2);
        DiskHandle handle = disk.Open(() => deaths++);
        handle.Save([1, 2]);
        disk.IsFull = true;
        Assert.Throws<IOException>(() => handle.Journal.Append(Record(3, handle.Journal.DigestAfter(2))));
        Assert.Throws<IOException>(() => handle.Save([3]));
        Assert.Throws<IOException>(() => disk.WriteCheckpoint(2, [], []));
        Assert.Equal(3, disk.Failures);
        Assert.Equal(2, handle.Journal.LastStep);
        Assert.Equal([1, 2], handle.Load());
        disk.IsFull = false;
        handle.Journal.Append(Record(3, handle.Journal.DigestAfter(2)));
        Assert.Equal(3, handle.Journal.LastStep);
    }

    [Fact]
    public void Two_checkpoints_are_kept_and_the_journal_from_two_intervals_before_the_newest()
    {
        SimulatedJournal journal = Begun(17);
        foreach (long step in (long[])[0, 5, 10, 15])
            disk.WriteCheckpoint(step, [(byte)step], []);
        Assert.Equal([10, 15], disk.Shared.Keys);
        Assert.Equal((5, 17), (journal.BaseStep, journal.LastStep));
        Assert.Null(journal.Read(5));
        Assert.Equal(6, journal.Read(6)!.Step);
    }

    [Fact]
    public void A_snapshot_is_fetched_piece_by_piece_and_believed_only_whole()
    {
        byte[] bytes = SimulatedReplica.Initial(Parameters, 3).Save();
        var info = new SnapshotInfo(SnapshotKind.Shared, 40, bytes.Length, Digest.Of(bytes));
        SimulatedSnapshots snapshots = disk.Open(() => deaths++).Snapshots;
        snapshots.Receive(info with { Step = 30 }, bytes.AsSpan(0, 10));
        snapshots.Receive(info, bytes.AsSpan(0, 100));
        Assert.Equal(0, snapshots.Received(info with { Step = 30 }));

        snapshots = disk.Open(() => deaths++).Snapshots; // a new process goes on
        Assert.Equal(100, snapshots.Received(info));
        snapshots.Receive(info, bytes.AsSpan(100));
        Assert.True(snapshots.Complete(info));
        Assert.Equal(info, snapshots.Newest(SnapshotKind.Shared));
        Assert.Null(snapshots.Newest(SnapshotKind.Shared, 39));
        var previous = new ulong[BitPlanes.Words(Parameters)];
        Assert.True(snapshots.TryReadPrevious(info, previous));
        Assert.Equal(SimulatedReplica.Initial(Parameters, 3).Previous, previous);

        SnapshotInfo damaged = info with { Step = 50 };
        bytes[7] ^= 1;
        snapshots.Receive(damaged, bytes);
        Assert.False(snapshots.Complete(damaged));
        Assert.Equal(0, snapshots.Received(damaged));
        snapshots.DropAfter(39);
        Assert.Null(snapshots.Newest(SnapshotKind.Shared));
        Assert.False(snapshots.TryRead(info, 0, new byte[1]));
    }

    [Fact]
    public void A_replica_is_the_same_after_a_checkpoint_and_its_slices_cover_it()
    {
        SimulatedReplica replica = SimulatedReplica.Initial(Parameters, 5), other = new(Parameters);
        replica.Apply(Record(1, default));
        other.Load(replica.Save());
        Assert.Equal((replica.Step, replica.Chain, replica.WeightsHash), (other.Step, other.Chain, other.WeightsHash));
        Assert.Equal(replica.Previous, other.Previous);
        int covered = 0;
        for (long step = 1; step <= SimulatedReplica.Slices; step++)
        {
            (int begin, int end) = SimulatedReplica.Slice(Parameters, step);
            covered += end - begin;
            Digest before = replica.SliceDigest(step);
            replica.Weights[begin] += 1;
            Assert.NotEqual(before, replica.SliceDigest(step));
        }
        Assert.Equal(Parameters, covered);
    }

    SimulatedJournal Begun(long last)
    {
        SimulatedJournal journal = disk.Open(() => deaths++).Journal;
        journal.ResetTo(0, Digest.Of([9]));
        for (long step = 1; step <= last; step++)
            journal.Append(Record(step, journal.DigestAfter(step - 1)));
        return journal;
    }

    static StepRecord Record(long step, Digest before)
    {
        Ballot ballot = SimulatedGradient.Of(1, 0, step, 1, Parameters, Buckets.Vote(Parameters)(step)).Ballot
            ?? new Ballot(Parameters);
        return new StepRecord(step, 1, 77, PeerSet.First(3), PeerSet.First(2), [1, 2], 3, 4,
            [new Aggregate(ballot.Signs.ToArray(), null)], default).WithDigestAfter(before);
    }
}
