using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Topology;
using DecentralizedLion.Topology.Snapshots;

namespace DecentralizedLion.Peer.Tests.Training;

/// <summary>Tests that a counted step changes a peer's local state once, however often it is applied.</summary>
[Collection(SeededCollection.Name)]
public sealed class LocalStateTests : IDisposable
{
    const string GradDrop = "\"method\": \"graddrop\"", Dgc = "\"method\": \"dgc\"",
        Synchronised = "\"method\": \"mavo\", \"momentumSync\": 3, \"momentumSyncBy\": \"whole\"";

    readonly TemporaryFolder root = new();

    public void Dispose() => root.Dispose();

    sealed class Killed : Exception;

    /// <summary>The process dies before a checkpoint says that its entries were counted; the records do.</summary>
    [Theory]
    [InlineData(GradDrop)]
    [InlineData(Dgc)]
    public void What_was_counted_before_a_kill_is_not_sent_again(string settings)
    {
        var folder = root.File("a");
        using (var host = new Host(folder, settings: settings))
        {
            host.Ring.At(8, () => throw new Killed());
            Assert.Throws<Killed>(() => host.Train());
        }
        using var again = new Host(folder, settings: settings);
        Assert.Equal(5, again.Replica.Step);
        float[][] saved = [.. again.State.LocalState.Select(vector => vector.Values.ToArray())];
        var counted = Host.Range(6, 8).SelectMany(step => again.Journal.Read(step)!.Buckets[0].Planes)
            .Select(SparseGather.Index).ToHashSet();
        Assert.Contains(counted, at => saved[^1][at] != 0); // it would be sent again
        var looked = false;
        again.Ring.At(8, () =>
        {
            looked = true;
            foreach (var (vector, before) in again.State.LocalState.Zip(saved))
                Assert.Equal(before.Select((value, at) => counted.Contains(at) ? 0 : value), vector.Values);
            return null;
        });
        again.Train(reported: 8);
        Assert.True(looked);
    }

    [Theory]
    [InlineData(GradDrop)]
    [InlineData(Dgc)]
    [InlineData(Synchronised)]
    public void Steps_that_are_applied_once_more_after_damage_are_not_settled_once_more(string settings)
    {
        using var straight = new Host(root.File("straight"), settings: settings);
        straight.Train();
        using var host = new Host(root.File("a"), settings: settings);
        host.Ring.At(8, () =>
        {
            host.Model.Weights[0] += 1;
            return new LoadTurn(7, "differs");
        });
        host.Train();
        Assert.Equal(straight.Model.Weights.ToArray(), host.Model.Weights.ToArray());
        Assert.All(straight.State.LocalState.Zip(host.State.LocalState),
            pair => Assert.Equal(pair.First.Values, pair.Second.Values));
    }

    /// <summary>Steps 4 to 7 come as a snapshot: whether they counted a ballot of ours is not known.</summary>
    [Theory]
    [InlineData(GradDrop, true)]
    [InlineData(Dgc, true)]
    [InlineData(Synchronised, false)]
    public void Behind_steps_that_were_not_seen_nothing_is_sent_that_may_have_been_counted(string settings, bool isDropped)
    {
        using var giver = new Host(root.File("b"), peer: "b", settings: settings);
        giver.Ring.At(7, () =>
        {
            giver.Ring.RequestStop();
            return new ComputeTurn(8);
        });
        giver.Train();
        using var theirs = new SnapshotStore(giver.Checkpoints, giver.State);

        using var host = new Host(root.File("a"), settings: settings);
        using var ours = new SnapshotStore(host.Checkpoints, host.State);
        float[] before = [];
        host.Ring.At(3, () =>
        {
            before = [.. host.State.LocalState[^1].Values];
            var info = theirs.Newest(SnapshotKind.Shared)!.Value;
            var bytes = new byte[info.Length];
            Assert.True(theirs.TryRead(info, 0, bytes));
            ours.Receive(info, bytes);
            Assert.True(ours.Complete(info));
            host.Journal.ResetTo(7, giver.Replica.Chain);
            return new LoadTurn(7, null);
        });
        float[] after = [];
        host.Ring.At(7, () =>
        {
            after = [.. host.State.LocalState[^1].Values];
            return null;
        });
        host.Train();
        Assert.Contains(before, value => value != 0);
        Assert.Equal(isDropped ? new float[before.Length] : before, after);
        Assert.Equal(Host.Range(8, 12), host.Reported.Skip(3));
    }

    /// <summary>The others are at other steps of the same numbers: these are settled, too.</summary>
    [Fact]
    public void Where_the_ring_goes_back_other_steps_are_settled()
    {
        using var host = new Host(root.File("a"), settings: GradDrop);
        host.Ring.At(8, () =>
        {
            host.Journal.TruncateAfter(6);
            return new LoadTurn(6, null);
        });
        host.Ring.At(9, () =>
        {
            foreach (var entry in host.Journal.Read(9)!.Buckets[0].Planes)
                Assert.Equal(0, host.Momentum[SparseGather.Index(entry)]);
            foreach (var step in new long[] { 7, 8 })
                Assert.Contains(host.Journal.Read(step)!.Buckets[0].Planes, entry => SparseGather.Value(entry) != 0);
            Assert.Equal(9, host.Replica.LocalStateStep);
            return null;
        });
        host.Train();
        Assert.Equal(12, host.Replica.LocalStateStep);
    }
}
