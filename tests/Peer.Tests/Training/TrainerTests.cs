using DecentralizedLion.Codecs;
using DecentralizedLion.Models;
using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Peer.Commands;
using DecentralizedLion.Peer.Metrics;
using DecentralizedLion.Topology.Membership;
using DecentralizedLion.Topology.Snapshots;

namespace DecentralizedLion.Peer.Tests.Training;

public sealed class TrainerTests : IDisposable
{
    readonly TemporaryFolder root = new();

    public void Dispose() => root.Dispose();

    sealed class Killed : Exception;

    static Turn Kill() => throw new Killed();

    static IEnumerable<long> Range(long first, long last) => Enumerable.Range((int)first, (int)(last - first + 1)).Select(step => (long)step);

    /// <summary>What an undisturbed run comes to.</summary>
    (float[] Weights, float[] Momentum) Straight()
    {
        using var host = new Host(root.File($"straight-{Guid.NewGuid()}"));
        Assert.Equal(ExitCode.Done, host.Train());
        return (host.Model.Weights.ToArray(), host.Momentum);
    }

    void AssertEndsStraight(Host host)
    {
        var (weights, momentum) = Straight();
        Assert.Equal(weights, host.Model.Weights.ToArray());
        Assert.Equal(momentum, host.Momentum);
    }

    [Fact]
    public void A_run_is_told_saved_and_measured()
    {
        using var host = new Host(root.File("a"));
        Assert.Equal(ExitCode.Done, host.Train());
        Assert.Equal(["checkpoint", "start", "step 1", "step 2", "step 3", "step 4", "evaluation 4", "step 5", "checkpoint", "step 6", "step 7",
            "step 8", "evaluation 8", "step 9", "step 10", "checkpoint", "step 11", "step 12", "checkpoint", "evaluation 12", "finished"],
            host.Events.Select(happened => happened switch
            {
                Started => "start",
                Saved => "checkpoint",
                Stepped e => $"step {e.Step}",
                Evaluated e => $"evaluation {e.Step}",
                Ended e => e.Reason,
                _ => $"{happened}",
            }));
        Assert.Equal([12, 10], host.Checkpoints.Steps());
        Assert.Equal((10L, 12L), (host.Journal.First, host.Journal.Last)); // what the older checkpoint needs, and no more
        Assert.All(host.Events.OfType<Stepped>(), step => Assert.Equal((1, 0.5, 100L), (step.Voters, step.Agreement, step.BytesSent)));
        Assert.All(host.Events.OfType<Stepped>(), step => Assert.InRange(step.Loss!.Value, 0.01, 10));
        Assert.Equal(host.Replica.Chain.ToString(), host.Events.OfType<Ended>().Single().Digest);
        // 64 samples in batches of 4, none of them twice.
        Assert.Equal(Range(0, 47), host.Data.Positions.SelectMany(positions => positions));
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
            Assert.Equal(ExitCode.Done, host.Train());
            Assert.Equal((after, Ended.Left), (host.Replica.Step, host.Events.OfType<Ended>().Single().Reason));
        }
        using var again = new Host(folder, new SyntheticPart());
        Assert.Equal(ExitCode.Done, again.Train(reported: after));
        Assert.Contains($"resumed after step {after}: {again.Checkpoints.Shared(after)} and 0 steps of the journal", again.Notes);
        Assert.Equal(Range(after + 1, 12), again.Reported);
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
            Assert.Equal(8, host.Journal.Last);
        }
        using var again = new Host(folder);
        Assert.Equal(5, again.Replica.Step);
        again.Train(reported: 7); // the last one was applied and not told of any more
        Assert.Equal(Range(8, 12), again.Reported);
        Assert.Contains($"resumed after step 8: {again.Checkpoints.Shared(5)} and 3 steps of the journal", again.Notes);
        Assert.Equal(8, again.Events.OfType<Started>().Single().Step);
        Assert.Equal([12], again.Events.OfType<Evaluated>().Select(e => e.Step)); // not of step 8, which is gone by
        Assert.Equal(ChainOf(again, 12), again.Replica.Chain.ToString());

        static string ChainOf(Host host, long step) => host.Journal.ChainAt(step).ToString();
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
            again.Journal.CutAfter(6);
            return null;
        });
        again.Train(reported: 6);
        Assert.Contains($"resumed after step 6: {again.Checkpoints.Shared(5)} and 1 steps of the journal", again.Notes);
        Assert.Equal(Range(7, 12), again.Reported);
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
        Assert.Equal(Range(12, 12), again.Reported);
        Assert.Equal([12, 10], again.Checkpoints.Steps()); // written again on the way
    }

    [Fact]
    public void When_no_checkpoint_can_be_read_none_is_touched()
    {
        var folder = root.File("a");
        using (var host = new Host(folder))
            host.Train();
        var files = Directory.GetFiles(folder).Order().ToArray();
        var e = Assert.Throws<CheckpointException>(() => new Host(folder, width: 16));
        Assert.Contains("expected", e.Message);
        Assert.Equal(files, Directory.GetFiles(folder).Order());
    }

    [Fact]
    public void A_gap_casts_no_ballot_and_leaves_the_momentum_alone()
    {
        using var host = new Host(root.File("a"), new SyntheticPart(3, 4, 6));
        var momenta = new List<float[]>();
        for (var step = 1; step < 12; step++)
            host.Ring.At(step, () =>
            {
                momenta.Add([.. host.Momentum]);
                return null;
            });
        Assert.Equal(ExitCode.Done, host.Train());
        Assert.Equal([1, 1, 0, 0, 1, 0, 1, 1, 1, 1, 1, 1], host.Events.OfType<Stepped>().Select(s => s.Voters));
        Assert.Equal(momenta[1], momenta[2]);
        Assert.Equal(momenta[1], momenta[3]);
        Assert.NotEqual(momenta[3], momenta[4]);
        Assert.DoesNotContain(host.Model.Weights.ToArray(), float.IsNaN);
        // A finite step in between begins the count anew: three in all, never three in a row.
        Assert.Equal(["step 3", "step 4", "step 6"], host.Notes.Select(n => n[..6]));
        Assert.Equal(["(1 in", "(2 in", "(1 in"], host.Notes.Select(n => n.Substring(n.IndexOf('('), 5)));
    }

    [Fact]
    public void Too_many_gaps_in_a_row_end_the_run_in_order()
    {
        using var host = new Host(root.File("a"), new SyntheticPart(3, 4, 5, 6, 7, 8));
        host.Ring = new RingOfOne(host.Journal, host.Model.Count, Host.Steps) { StepsAfterStop = 2 };
        Assert.Equal(ExitCode.Failed, host.Train());
        Assert.Contains(host.Notes, n => n.StartsWith("step 5: the loss or gradient was not finite 3 steps in a row (nonFiniteLimit)", StringComparison.Ordinal));
        Assert.Equal(Ended.Failed, host.Events.OfType<Ended>().Single().Reason);
        Assert.Equal(5, host.Data.Positions.Count); // nothing is computed any more
        Assert.Equal([6, 5], host.Checkpoints.Steps());
        Assert.Equal([true, true, false, false, false, false], host.Ring.Casts.Select(c => c.Votes));
    }

    [Fact]
    public void Who_has_no_share_in_a_step_relays()
    {
        using var host = new Host(root.File("a"));
        host.Ring = new RingOfOne(host.Journal, host.Model.Count, Host.Steps) { Members = step => step is 4 or 5 ? VoterSet.Of(1) : VoterSet.Of(0, 1) };
        host.Train();
        // The records of steps 4 and 5 say who shares in 5 and 6.
        Assert.Equal(Range(1, 12).Where(step => step is not (5 or 6)), host.Ring.Casts.Where(c => c.Votes).Select(c => c.Step));
        Assert.All(host.Ring.Casts.Where(c => !c.Votes), c => Assert.Equal(TimeSpan.Zero, c.Took));
    }

    [Fact]
    public void A_late_gradient_counts_in_the_momentum_and_its_samples_are_taken_again()
    {
        using var host = new Host(root.File("a"));
        host.Ring.Late.Add(3);
        host.Train();
        Assert.Equal(0, host.Events.OfType<Stepped>().Single(s => s.Step == 3).Voters);
        Assert.NotEqual(Straight().Momentum, host.Momentum);
        Assert.Equal([new SampleRange(8, 4)], host.Replica.Data.State.Tail);
        Assert.Equal(12, host.Ring.Casts.Count);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public void The_lowest_ranked_member_evaluates(int self, bool evaluates)
    {
        using var host = new Host(root.File("a"), members: 2);
        host.Ring = new RingOfOne(host.Journal, host.Model.Count, Host.Steps) { Members = step => step < 10 ? VoterSet.Of(0, 1) : VoterSet.Of(1) };
        host.Train(self);
        // The last record is without peer 0, so peer 1 measures at the end.
        Assert.Equal(evaluates ? [4, 8] : [12L], host.Events.OfType<Evaluated>().Select(e => e.Step));
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
            return new ReloadTurn(7, "differs");
        });
        host.Train();
        var layout = host.Model.Layout;
        Assert.Contains($"goes on from step 5: {host.Checkpoints.Shared(5)}", host.Notes);
        Assert.Contains($"after step 8 this peer's weights were wrong in {layout[0].Name} (2 of {layout[0].Length} values), "
            + $"{layout[^1].Name} (1 of {layout[^1].Length} values); they are right again", host.Notes);
        Assert.Equal(Range(1, 12), host.Reported);
        Assert.Equal([4, 8, 12], host.Events.OfType<Evaluated>().Select(e => e.Step));
        AssertEndsStraight(host);
    }

    [Fact]
    public void Where_the_ring_goes_back_other_steps_of_the_same_numbers_are_told()
    {
        using var host = new Host(root.File("a"));
        host.Ring.At(8, () =>
        {
            host.Journal.CutAfter(6);
            return new ReloadTurn(6, null);
        });
        host.Train();
        Assert.Equal([.. Range(1, 8), .. Range(7, 12)], host.Reported);
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
        using var theirs = new SnapshotStore(giver.Checkpoints, TrainedModel.Tensors(giver.Model), giver.Model.Count);

        using var host = new Host(root.File("a"));
        using var ours = new SnapshotStore(host.Checkpoints, TrainedModel.Tensors(host.Model), host.Model.Count);
        Assert.Null(ours.Newest(SnapshotPart.Momentum));
        host.Ring.At(0, () =>
        {
            foreach (var part in new[] { SnapshotPart.Shared, SnapshotPart.Momentum })
            {
                var info = theirs.Newest(part)!.Value;
                var bytes = new byte[info.Length];
                Assert.True(theirs.TryRead(info, 0, bytes));
                ours.Receive(info, bytes);
                Assert.True(ours.Complete(info));
            }
            host.Journal.Restart(7, giver.Replica.Chain);
            return new ReloadTurn(7, null);
        });
        host.Ring.At(7, () =>
        {
            Assert.Equal(giver.Model.Weights.ToArray(), host.Model.Weights.ToArray());
            Assert.Equal(giver.Momentum, host.Momentum);
            return null;
        });
        host.Train();
        Assert.Equal(7, host.Events.OfType<Started>().Single().Step);
        Assert.Equal(Range(8, 12), host.Reported);
        Assert.Equal(Range(8, 12), host.Ring.Casts.Select(c => c.Step));
        Assert.Equal(Range(28, 47), host.Data.Positions.SelectMany(positions => positions)); // the ballot of b for step 8 is b's
    }

    [Fact]
    public void When_the_ring_cannot_go_on_the_momentum_is_saved_and_the_journal_has_the_rest()
    {
        var folder = root.File("a");
        using (var host = new Host(folder))
        {
            host.Ring.At(8, () => throw new RingException("no more"));
            Assert.Equal("no more", Assert.Throws<RingException>(() => host.Train()).Message);
            Assert.Equal((8L, Ended.Failed), (host.Events.OfType<Ended>().Single().Step, host.Events.OfType<Ended>().Single().Reason));
            Assert.Equal([5, 0], host.Checkpoints.Steps());
            Assert.Equal(8, host.Checkpoints.MomentumSteps()[0]);
        }
        using var again = new Host(folder);
        again.Train(reported: 8);
        Assert.Equal(Range(9, 12), again.Reported);
        AssertEndsStraight(again);
    }

    [Fact]
    public void A_run_that_is_done_is_said_to_be()
    {
        var folder = root.File("a");
        using (var host = new Host(folder))
            host.Train();
        using var again = new Host(folder);
        Assert.Equal(ExitCode.Done, again.Train(reported: 12));
        Assert.Contains("all 12 steps were done before; --fresh begins anew", again.Notes);
        Assert.Empty(again.Reported);
        Assert.Equal(Ended.Finished, again.Events.OfType<Ended>().Single().Reason);
    }

    [Fact]
    public void What_the_ring_has_to_say_at_the_end_is_told()
    {
        using var host = new Host(root.File("a"));
        host.Ring.At(2, () => new EndTurn(true, "b did not finish"));
        Assert.Equal(ExitCode.Done, host.Train());
        Assert.Contains("b did not finish", host.Notes);
    }

    [Fact]
    public void A_slow_host_takes_its_time()
    {
        using var host = new Host(root.File("a"));
        var time = new HastyTime();
        host.Train(time: time, slow: 10);
        Assert.Equal(12, host.Ring.Casts.Count);
        Assert.All(host.Ring.Casts, c => Assert.InRange(c.Took, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(11)));
    }

    /// <summary>Each look at the clock takes a second, and waiting takes none.</summary>
    sealed class HastyTime : TimeProvider
    {
        long now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Interlocked.Add(ref now, TimeSpan.TicksPerSecond);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Interlocked.Add(ref now, dueTime.Ticks);
            return System.CreateTimer(callback, state, TimeSpan.Zero, period);
        }
    }
}
