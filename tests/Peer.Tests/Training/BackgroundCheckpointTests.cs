using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Models.Vectors;
using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Peer.Metrics;
using DecentralizedLion.Peer.Optimizers;
using DecentralizedLion.Peer.Training;
using TorchSharp;

namespace DecentralizedLion.Peer.Tests.Training;

/// <summary>Checkpoints are written while the next gradient is computed.</summary>
[Collection(SeededCollection.Name)]
public sealed class BackgroundCheckpointTests : IDisposable
{
    // 1.2 million parameters take longer to write than a step of this network takes.
    const int Wide = 65_536;

    readonly TemporaryFolder root = new();

    public void Dispose() => root.Dispose();

    [Fact]
    public void A_checkpoint_has_the_state_of_its_step_though_the_next_step_follows_at_once()
    {
        using var host = new Host(root.File("a"), width: Wide) { AwaitsDisk = false };
        float[] weights = [], momentum = [];
        ulong[] previous = [];
        host.Ring.At(10, () =>
        {
            (weights, momentum, previous) = (host.Model.Weights.ToArray(), [.. host.Momentum], [.. host.Replica.Previous!]);
            return null;
        });
        Assert.True(host.Train());
        host.Checkpoints.DropAfter(10);
        File.Delete(host.Checkpoints.Momentum(12));
        using var next = new Host(root.File("a"), width: Wide) { AwaitsDisk = false };
        Assert.Empty(next.Notes);
        Assert.Equal(10, next.Replica.Step);
        Assert.True(weights.AsSpan().SequenceEqual(next.Model.Weights));
        Assert.True(momentum.AsSpan().SequenceEqual(next.Momentum));
        Assert.Equal(previous, next.Replica.Previous);
        Assert.False(weights.AsSpan().SequenceEqual(host.Model.Weights)); // training went on
    }

    [Fact]
    public void The_ring_goes_on_while_it_is_written()
    {
        using var host = new Host(root.File("a"), width: Wide) { AwaitsDisk = false };
        bool? isWritten = null;
        host.Ring.At(5, () =>
        {
            isWritten = host.Events.OfType<Saved>().Any(saved => saved.Step == 5);
            return null;
        });
        Assert.True(host.Train());
        Assert.False(isWritten);
        Assert.Equal([0, 5, 10, 12], host.Events.OfType<Saved>().Select(saved => saved.Step));
    }

    [Fact]
    public void What_it_contains_may_change_when_the_system_has_it_though_the_disk_has_not()
    {
        using var disk = new ManualResetEventSlim();
        using var write = new CheckpointWrite(7, copied =>
        {
            copied();
            disk.Wait();
        }, isBeside: true, TimeProvider.System);
        Assert.True(write.AwaitCopy());
        Assert.False(write.AwaitCopy());
        Assert.False(write.IsWritten);
        disk.Set();
        var (began, ended) = write.Finish();
        Assert.True(write.IsWritten && ended >= began);
    }

    [Fact]
    public void What_went_wrong_is_told_to_whoever_waits()
    {
        using var early = new CheckpointWrite(7, _ => throw new IOException("full"), isBeside: true, TimeProvider.System);
        Assert.Throws<IOException>(() => early.AwaitCopy());
        using var late = new CheckpointWrite(7, copied =>
        {
            copied();
            throw new IOException("broken");
        }, isBeside: true, TimeProvider.System);
        Assert.True(late.AwaitCopy());
        Assert.Equal("broken", Assert.Throws<IOException>(() => late.Finish()).Message);
        Assert.Throws<IOException>(() =>
            new CheckpointWrite(7, _ => throw new IOException("full"), isBeside: false, TimeProvider.System));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void One_that_cannot_be_written_ends_the_run_before_anything_changes(bool hasSamples)
    {
        using var host = new Host(root.File("a")) { AwaitsDisk = false };
        host.Ring = new RingOfOne(host.Journal, host.Model.Count, Host.Steps)
        {
            // The record of step 5 says who shares in step 6; who does not only applies it.
            Members = step => step == 5 && !hasSamples ? PeerSet.Of(1) : PeerSet.Of(0, 1),
        };
        string file = host.Checkpoints.Shared(5);
        Directory.CreateDirectory(file + ".part"); // where the file would grow
        Assert.Contains(file, Assert.ThrowsAny<IOException>(() => host.Train()).Message);
        Assert.Equal(5, host.Ring.Casts.Count(cast => cast.Votes));
        Assert.Equal(5, host.Replica.Step);
        Assert.Equal([0], host.Checkpoints.Steps());
        Assert.DoesNotContain(host.Events.OfType<Saved>(), saved => saved.Step == 5);
    }

    [Fact]
    public void Disposing_waits_for_it_and_does_not_throw()
    {
        using var host = new Host(root.File("a"), width: Wide) { AwaitsDisk = false };
        CheckpointManager Manager(string folder) => new("a", new CheckpointFolder(folder), host.State, host.Model.Parameters,
            host.Replica, host.Run.Fingerprint(1, host.Model.Count, [1]), _ => { });
        CheckpointManager good = Manager(root.File("good")), bad = Manager(root.File("bad"));
        good.BeginSave(null);
        good.Dispose();
        Assert.Equal([0], new CheckpointFolder(root.File("good")).Steps());
        File.WriteAllText(root.File("bad"), "a file where the folder would be");
        bad.BeginSave(null);
        bad.Dispose();
    }

    [Fact]
    public void State_on_a_device_is_written_at_once_since_one_thread_reads_it()
    {
        using var host = new Host(root.File("a")) { AwaitsDisk = false };
        using var place = new DevicePlace(torch.CPU);
        FlatVector momentum = place.NewVector(host.Model.Count);
        momentum.Write(0, [1]);
        var folder = new CheckpointFolder(root.File("device"));
        using var manager = new CheckpointManager("a", folder,
            new CheckpointState(host.State.Weights, host.Replica.Previous, [], [new StateVector("momentum", momentum)]),
            host.Model.Parameters, host.Replica, host.Run.Fingerprint(1, host.Model.Count, [1]), host.Events.Add);
        manager.BeginSave(null);
        Assert.Equal([0], folder.Steps());
        Assert.Equal([0], folder.MomentumSteps());
        Assert.True(manager.FinishSave());
        Assert.False(manager.FinishSave());
    }
}
