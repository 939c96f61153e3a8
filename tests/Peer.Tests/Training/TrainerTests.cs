using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Models.Sampling;
using DecentralizedLion.Peer.Metrics;
using DecentralizedLion.Topology;

namespace DecentralizedLion.Peer.Tests.Training;

[Collection(SeededCollection.Name)]
public sealed class TrainerTests : IDisposable
{
    readonly TemporaryFolder root = new();

    public void Dispose() => root.Dispose();

    [Fact]
    public void A_run_is_told_saved_and_measured()
    {
        using var host = new Host(root.File("a"));
        Assert.True(host.Train());
        Assert.Equal(["checkpoint", "start", "step 1", "step 2", "step 3", "step 4", "evaluating", "theory 4", "evaluation 4",
            "step 5", "checkpoint", "step 6", "step 7",
            "step 8", "evaluating", "theory 8", "evaluation 8", "step 9", "step 10", "checkpoint", "step 11", "step 12",
            "checkpoint", "theory 12", "evaluation 12", "links", "finished"],
            host.Events.Select(happened => happened switch
            {
                Started => "start",
                Saved => "checkpoint",
                Stepped e => $"step {e.Step}",
                Theory e => $"theory {e.Step}",
                Evaluated e => $"evaluation {e.Step}",
                Busy e => e.With,
                Links => "links",
                Ended e => e.Reason,
                _ => $"{happened}",
            }));
        Assert.Equal([12, 10], host.Checkpoints.Steps());
        Assert.Equal((0L, 12L), (host.Journal.BaseStep, host.Journal.LastStep)); // two checkpoint intervals, at least
        Assert.All(host.Events.OfType<Stepped>(),
            step => Assert.Equal((1, 0.5, 100L), (step.Voters, step.Agreement, step.BytesSent)));
        Assert.All(host.Events.OfType<Stepped>(), step => Assert.InRange(step.Loss!.Value, 0.01, 10));
        Assert.Equal(host.Replica.Chain.ToString(), host.Events.OfType<Ended>().Single().Digest);
        // 64 samples in batches of 4, none of them twice.
        Assert.Equal(Host.Range(0, 47), host.Data.Positions.SelectMany(positions => positions));
    }

    [Fact]
    public void A_gap_casts_no_ballot_and_leaves_the_momentum_alone()
    {
        using var host = new Host(root.File("a"), new SyntheticSplit(3, 4, 6));
        var momenta = new List<float[]>();
        for (var step = 1; step < 12; step++)
            host.Ring.At(step, () =>
            {
                momenta.Add([.. host.Momentum]);
                return null;
            });
        Assert.True(host.Train());
        Assert.Equal([1, 1, 0, 0, 1, 0, 1, 1, 1, 1, 1, 1], host.Events.OfType<Stepped>().Select(s => s.Voters));
        Assert.Equal([(3, "not finite"), (4, "not finite"), (6, "not finite")],
            Whys(host));
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
        using var host = new Host(root.File("a"), new SyntheticSplit(3, 4, 5, 6, 7, 8));
        host.Ring = new RingOfOne(host.Journal, host.Model.Count, Host.Steps) { StepsAfterStop = 2 };
        Assert.False(host.Train());
        Assert.Contains(host.Notes,
            n => n.StartsWith("step 5: the loss or gradient was not finite 3 steps in a row (nonFiniteLimit)",
                    StringComparison.Ordinal));
        Assert.Equal(Ended.Failed, host.Events.OfType<Ended>().Single().Reason);
        Assert.Equal(5, host.Data.Positions.Count); // nothing is computed any more
        Assert.Equal([6, 5], host.Checkpoints.Steps());
        Assert.Equal([true, true, false, false, false, false], host.Ring.Casts.Select(c => c.Votes));
        Assert.Equal((6, "leaving"), Whys(host).Last());
    }

    [Fact]
    public void Who_has_no_share_in_a_step_relays()
    {
        using var host = new Host(root.File("a"));
        host.Ring = new RingOfOne(host.Journal, host.Model.Count, Host.Steps)
        {
            Members = step => step is 4 or 5 ? PeerSet.Of(1) : PeerSet.Of(0, 1),
        };
        host.Train();
        // The records of steps 4 and 5 say who shares in 5 and 6.
        Assert.Equal(Host.Range(1, 12).Where(step => step is not (5 or 6)),
            host.Ring.Casts.Where(c => c.Votes).Select(c => c.Step));
        Assert.All(host.Ring.Casts.Where(c => !c.Votes), c => Assert.Equal(TimeSpan.Zero, c.Took));
        Assert.Equal([(6, "no data")], Whys(host)); // of step 5 it was no member
    }

    static IEnumerable<(long, string)> Whys(Host host) =>
        host.Events.OfType<Stepped>().Where(step => step.Why is not null).Select(step => (step.Step, step.Why!));

    [Fact]
    public void Why_a_ballot_is_missing_is_told()
    {
        using var host = new Host(root.File("a"));
        host.Ring.Late.UnionWith([3, 5, 6, 8]); // it evaluates after steps 4 and 8, and its ballot of step 7 counts again
        host.Train();
        Assert.Equal([(3, "late"), (5, "evaluating"), (6, "evaluating"),
            (8, "late")], Whys(host));
    }

    [Fact]
    public void A_late_gradient_counts_in_the_momentum_and_its_samples_are_taken_again()
    {
        using var host = new Host(root.File("a"));
        host.Ring.Late.Add(3);
        host.Train();
        Assert.Equal(0, host.Events.OfType<Stepped>().Single(s => s.Step == 3).Voters);
        using var straight = new Host(root.File("straight"));
        straight.Train();
        Assert.NotEqual(straight.Momentum, host.Momentum);
        Assert.Equal([new SampleRange(8, 4)], host.Replica.Data.State.Tail);
        Assert.Equal(12, host.Ring.Casts.Count);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public void The_lowest_ranked_member_evaluates(int self, bool evaluates)
    {
        using var host = new Host(root.File("a"), members: 2);
        host.Ring = new RingOfOne(host.Journal, host.Model.Count, Host.Steps)
        {
            Members = step => step < 10 ? PeerSet.Of(0, 1) : PeerSet.Of(1),
        };
        host.Train(self);
        // The last record is without peer 0, so peer 1 measures at the end.
        Assert.Equal(evaluates ? [4, 8] : [12L], host.Events.OfType<Evaluated>().Select(e => e.Step));
    }

    [Fact]
    public void What_the_ring_has_to_say_at_the_end_is_told()
    {
        using var host = new Host(root.File("a"));
        host.Ring.At(2, () => new EndTurn(true, "b did not finish"));
        Assert.True(host.Train());
        Assert.Contains("b did not finish", host.Notes);
    }

    [Fact]
    public void A_slow_host_takes_its_time()
    {
        using var host = new Host(root.File("a"));
        var time = new HastyTime();
        host.Train(time: time, slow: 10);
        Assert.Equal(12, host.Ring.Casts.Count);
        Assert.All(host.Ring.Casts, c => Assert.InRange(c.Took, TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(13)));
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
