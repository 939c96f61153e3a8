using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Peer.Metrics;
using DecentralizedLion.Topology;
using DecentralizedLion.Topology.Snapshots;

namespace DecentralizedLion.Peer.Tests.Training;

/// <summary>Stopped, killed, damaged, sent back: what a peer goes on from.</summary>
[Collection(SeededCollection.Name)]
public sealed class RecoveryTests : IDisposable
{
    readonly TemporaryFolder root = new();

    public void Dispose() => root.Dispose();

    sealed class Killed : Exception;

    static TrainerTurn Kill() => throw new Killed();

    /// <summary>Weights and momentum are what an undisturbed run comes to.</summary>
    void AssertEndsStraight(Host host)
    {
        using var straight = new Host(root.File("straight"));
        straight.Train();
        Assert.Equal(straight.Model.Weights.ToArray(), host.Model.Weights.ToArray());
        Assert.Equal(straight.Momentum, host.Momentum);
    }

    [Fact]
    public void When_no_checkpoint_can_be_read_the_ways_forward_are_named()
    {
        var folder = root.File("a");
        string[] files;
        using (var host = new Host(folder))
        {
            Assert.True(host.Train());
            files = [.. host.Checkpoints.Steps().Select(host.Checkpoints.Shared)];
        }
        Assert.True(files.Length > 1);
        foreach (var file in files)
            File.WriteAllBytes(file, []);
        var e = Assert.Throws<CheckpointException>(() => new Host(folder).Dispose());
        Assert.All(files, file => Assert.Contains(Path.GetFileName(file), e.Message, StringComparison.Ordinal));
        Assert.Contains($"None of the {files.Length} checkpoints in {folder} can be read", e.Message, StringComparison.Ordinal);
        Assert.Contains("start this one with --fresh", e.Message, StringComparison.Ordinal);
        Assert.Contains("--force-new-ring", e.Message, StringComparison.Ordinal);
        Assert.All(files, file => Assert.True(File.Exists(file)));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(7)]
    [InlineData(11)]
    public void Who_left_with_a_ballot_that_was_not_counted_casts_it_again(long after)
    {
        var folder = root.File("a");
        using (var host = new Host(folder))
        {
            // Asked to leave while the next step's gradient is being computed.
            host.Ring.At(after, () =>
            {
                host.Ring.RequestStop();
                return new ComputeTurn(after + 1);
            });
            Assert.True(host.Train());
            Assert.Equal((after, Ended.Left), (host.Replica.Step, host.Events.OfType<Ended>().Single().Reason));
        }
        using var again = new Host(folder, new SyntheticSplit());
        Assert.True(again.Train(reported: after));
        Assert.Contains($"resumed after step {after}: {again.Checkpoints.Shared(after)} and 0 steps of the journal", again.Notes);
        Assert.Equal(Host.Range(after + 1, 12), again.Reported);
        if (after % 5 != 0) // after a checkpoint that was due there is no other, and its momentum is of before the gradient
            Assert.Equal(12 - after - 1, again.Data.Positions.Count);
        AssertEndsStraight(again);
    }

    [Fact]
    public void Who_was_killed_goes_on_by_its_journal_and_tells_no_step_twice()
    {
        var folder = root.File("a");
        using (var host = new Host(folder))
        {
            host.Ring.At(8, Kill);
            Assert.Throws<Killed>(() => host.Train());
            Assert.Equal(8, host.Journal.LastStep);
        }
        using var again = new Host(folder);
        Assert.Equal(5, again.Replica.Step);
        again.Train(reported: 7); // the last one was applied and not reported any more
        Assert.Equal(Host.Range(8, 12), again.Reported);
        Assert.Contains($"resumed after step 8: {again.Checkpoints.Shared(5)} and 3 steps of the journal", again.Notes);
        Assert.Equal(8, again.Events.OfType<Started>().Single().Step);
        Assert.Equal([12], again.Events.OfType<Evaluated>().Select(e => e.Step)); // not of step 8, which is gone by
        Assert.Equal(ChainOf(again, 12), again.Replica.Chain.ToString());

        static string ChainOf(Host host, long step) => host.Journal.DigestAfter(step).ToString();
    }

    [Fact]
    public void A_journal_that_was_cut_by_the_ring_ends_the_replay_earlier()
    {
        var folder = root.File("a");
        using (var host = new Host(folder))
        {
            host.Ring.At(8, Kill);
            Assert.Throws<Killed>(() => host.Train());
        }
        using var again = new Host(folder);
        again.Ring.At(5, () =>
        {
            again.Journal.TruncateAfter(6);
            return null;
        });
        again.Train(reported: 6);
        Assert.Contains($"resumed after step 6: {again.Checkpoints.Shared(5)} and 1 steps of the journal", again.Notes);
        Assert.Equal(Host.Range(7, 12), again.Reported);
    }

    [Fact]
    public void A_checkpoint_that_cannot_be_read_leaves_the_one_before_it()
    {
        var folder = root.File("a");
        using (var host = new Host(folder))
        {
            host.Ring.At(11, Kill);
            Assert.Throws<Killed>(() => host.Train());
            var damaged = File.ReadAllBytes(host.Checkpoints.Shared(10));
            damaged[^1] ^= 1;
            File.WriteAllBytes(host.Checkpoints.Shared(10), damaged);
        }
        using var again = new Host(folder);
        Assert.Equal(5, again.Replica.Step);
        Assert.Contains("trying the checkpoint before it", Assert.Single(again.Notes));
        again.Train(reported: 11);
        Assert.Equal(Host.Range(12, 12), again.Reported);
        Assert.Equal([12, 10], again.Checkpoints.Steps()); // written again on the way
    }

    [Fact]
    public void In_a_folder_of_another_model_both_shapes_are_named_and_nothing_is_touched()
    {
        var folder = root.File("a");
        using (var host = new Host(folder))
            host.Train();
        var files = Directory.GetFiles(folder).Order().ToArray();
        var e = Assert.Throws<CheckpointException>(() => new Host(folder, width: 16));
        Assert.Matches(
            @"step-00000012\.safetensors: is of another model or method than peers\.json has: tensor ""\S+"" is F32 \[8, 16\] in "
                + @"the file and F32 \[16, 16\] "
            + @"by peers\.json\. Restore model and method in peers\.json, or begin anew with --fresh", e.Message);
        Assert.Equal(files, Directory.GetFiles(folder).Order());
    }

    [Fact]
    public void Damaged_weights_are_named_and_right_again()
    {
        using var host = new Host(root.File("a"));
        host.Ring.At(8, () =>
        {
            host.Model.Weights[0] += 1;
            host.Model.Weights[2] += 1;
            host.Model.Weights[^1] = -host.Model.Weights[^1];
            return new LoadTurn(7, "differs");
        });
        host.Train();
        var layout = host.Model.Layout;
        Assert.Contains($"continues from step 5: {host.Checkpoints.Shared(5)}", host.Notes);
        Assert.Contains($"after step 8 this peer's weights were wrong in {layout[0].Name} (2 of {layout[0].Length} values), "
            + $"{layout[^1].Name} (1 of {layout[^1].Length} values); they are repaired", host.Notes);
        Assert.Equal(Host.Range(1, 12), host.Reported);
        Assert.Equal([4, 8, 12], host.Events.OfType<Evaluated>().Select(e => e.Step));
        AssertEndsStraight(host);
    }

    [Fact]
    public void Where_the_ring_goes_back_other_steps_of_the_same_numbers_are_told()
    {
        using var host = new Host(root.File("a"));
        host.Ring.At(8, () =>
        {
            host.Journal.TruncateAfter(6);
            return new LoadTurn(6, null);
        });
        host.Train();
        Assert.Equal([.. Host.Range(1, 8), .. Host.Range(7, 12)], host.Reported);
        Assert.Equal([12, 10], host.Checkpoints.Steps());
    }

    [Fact]
    public void Who_lost_its_disk_goes_on_from_anothers_snapshot_and_casts_no_vote_of_its()
    {
        using var giver = new Host(root.File("b"), peer: "b");
        giver.Ring.At(7, () =>
        {
            giver.Ring.RequestStop();
            return new ComputeTurn(8);
        });
        giver.Train();
        using var theirs = new SnapshotStore(giver.Checkpoints, giver.State);

        using var host = new Host(root.File("a"));
        using var ours = new SnapshotStore(host.Checkpoints, host.State);
        Assert.Null(ours.Newest(SnapshotKind.Momentum));
        host.Ring.At(0, () =>
        {
            foreach (var kind in new[] { SnapshotKind.Shared, SnapshotKind.Momentum })
            {
                var info = theirs.Newest(kind)!.Value;
                var bytes = new byte[info.Length];
                Assert.True(theirs.TryRead(info, 0, bytes));
                ours.Receive(info, bytes);
                Assert.True(ours.Complete(info));
            }
            host.Journal.ResetTo(7, giver.Replica.Chain);
            return new LoadTurn(7, null);
        });
        host.Ring.At(7, () =>
        {
            Assert.Equal(giver.Model.Weights.ToArray(), host.Model.Weights.ToArray());
            Assert.Equal(giver.Momentum, host.Momentum);
            return null;
        });
        host.Train();
        Assert.Equal(7, host.Events.OfType<Started>().Single().Step);
        Assert.Equal(Host.Range(8, 12), host.Reported);
        Assert.Equal(Host.Range(8, 12), host.Ring.Casts.Select(c => c.Step));
        // the ballot of b for step 8 is b's
        Assert.Equal(Host.Range(28, 47), host.Data.Positions.SelectMany(positions => positions));
    }

    [Fact]
    public void When_the_ring_cannot_go_on_the_momentum_is_saved_and_the_journal_has_the_rest()
    {
        var folder = root.File("a");
        using (var host = new Host(folder))
        {
            host.Ring.At(8, () => throw new RingException("no more"));
            Assert.Equal("no more", Assert.Throws<RingException>(() => host.Train()).Message);
            Assert.Equal((8L, Ended.Failed),
                (host.Events.OfType<Ended>().Single().Step, host.Events.OfType<Ended>().Single().Reason));
            Assert.Equal([5, 0], host.Checkpoints.Steps());
            Assert.Equal(8, host.Checkpoints.MomentumSteps()[0]);
        }
        using var again = new Host(folder);
        again.Train(reported: 8);
        Assert.Equal(Host.Range(9, 12), again.Reported);
        AssertEndsStraight(again);
    }

    [Fact]
    public void A_run_that_is_done_is_said_to_be()
    {
        var folder = root.File("a");
        using (var host = new Host(folder))
            host.Train();
        using var again = new Host(folder);
        Assert.True(again.Train(reported: 12));
        Assert.Contains("all 12 steps were done before; --fresh begins anew", again.Notes);
        Assert.Empty(again.Reported);
        Assert.Equal(Ended.Finished, again.Events.OfType<Ended>().Single().Reason);
    }
}
