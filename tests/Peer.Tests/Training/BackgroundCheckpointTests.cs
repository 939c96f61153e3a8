using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Models.Sampling;
using DecentralizedLion.Models.Vectors;
using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Peer.Metrics;
using DecentralizedLion.Peer.Optimizers;
using DecentralizedLion.Peer.Training;
using DecentralizedLion.Topology;
using TorchSharp;

namespace DecentralizedLion.Peer.Tests.Training;

/// <summary>Checkpoints are written while training goes on.</summary>
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
        IReadOnlyList<long> steps = [];
        host.Ring.At(5, () =>
        {
            steps = host.Checkpoints.Steps();
            return null;
        });
        Assert.True(host.Train());
        Assert.Equal([0], steps);
        Assert.Equal([0, 5, 10, 12], host.Events.OfType<Saved>().Select(saved => saved.Step));
    }

    [Fact]
    public void A_program_that_changes_weights_between_steps_finds_them_copied()
    {
        using var host = new Host(root.File("a"), width: Wide) { AwaitsDisk = false, OverlapsCopy = false };
        float[] weights = [];
        host.Ring.At(5, () =>
        {
            weights = host.Model.Weights.ToArray();
            host.Model.Weights.Fill(0);
            return new EndTurn(true, null);
        });
        Assert.True(host.Train());
        using var next = new Host(root.File("a"), width: Wide);
        Assert.Equal(5, next.Replica.Step);
        Assert.True(weights.AsSpan().SequenceEqual(next.Model.Weights));
    }

    [Fact]
    public void One_whose_steps_are_not_the_ring_s_is_never_seen()
    {
        using var host = new Host(root.File("a"), width: Wide) { AwaitsDisk = false };
        IReadOnlyList<long> steps = [];
        host.Ring.At(10, () =>
        {
            host.Checkpoints.DropAfter(5);
            host.Ring.At(6, () =>
            {
                steps = host.Checkpoints.Steps();
                Assert.Empty(Directory.GetFiles(host.Checkpoints.Folder, "*.part"));
                return null;
            });
            return new LoadTurn(5, null);
        });
        Assert.True(host.Train());
        Assert.Equal([5, 0], steps);
        Assert.Equal([0, 5, 10, 12], host.Events.OfType<Saved>().Select(saved => saved.Step));
    }

    [Fact]
    public void One_that_is_being_written_will_do_for_who_asks_for_one()
    {
        using var host = new Host(root.File("a"), width: Wide) { AwaitsDisk = false };
        host.Ring.At(5, () => new SaveTurn());
        host.Ring.At(7, () => new SaveTurn());
        Assert.True(host.Train());
        Assert.Equal([0, 5, 7, 10, 12], host.Events.OfType<Saved>().Select(saved => saved.Step));
    }

    [Fact]
    public void What_it_contains_may_change_when_the_system_has_it_though_the_disk_has_not()
    {
        using var disk = new ManualResetEventSlim();
        using var write = new CheckpointWrite(Prepared, _ => Assert.True(disk.Wait(TimeSpan.FromSeconds(60))), onOwnThread: true,
            TimeProvider.System);
        Assert.True(write.AwaitCopy());
        Assert.False(write.AwaitCopy());
        Assert.False(write.HasEnded);
        disk.Set();
        var (files, began, ended) = write.Finish();
        Assert.True(write.HasEnded && ended >= began);
        Assert.Equal(7, files.Step);
    }

    [Fact]
    public void What_went_wrong_is_told_to_whoever_waits_and_nothing_is_left()
    {
        static PreparedCheckpoint Full() => throw new IOException("full");
        static void Broken(PreparedCheckpoint files) => throw new IOException("broken");
        using var early = new CheckpointWrite(Full, _ => { }, onOwnThread: true, TimeProvider.System);
        Assert.Throws<IOException>(() => early.AwaitCopy());
        using var late = new CheckpointWrite(Prepared, Broken, onOwnThread: true, TimeProvider.System);
        Assert.True(late.AwaitCopy());
        Assert.Equal("broken", Assert.Throws<IOException>(() => late.Finish()).Message);
        Assert.Throws<IOException>(() => new CheckpointWrite(Full, _ => { }, onOwnThread: false, TimeProvider.System));
        Assert.Throws<IOException>(() => new CheckpointWrite(Prepared, Broken, onOwnThread: false, TimeProvider.System));
        Assert.Empty(Directory.GetFiles(root.File("files")));
    }

    [Fact]
    public void After_one_that_could_not_be_written_a_peer_goes_on_and_leaves_its_momentum()
    {
        using var host = new Host(root.File("a")) { AwaitsDisk = false };
        var folder = new CheckpointFolder(root.File("b"));
        using var manager = new CheckpointManager("a", folder, new CheckpointState(host.State.Weights, host.Replica.Previous, [],
            [new StateVector("momentum", new float[] { 1, 2 })]), host.Model.Parameters, host.Replica,
            host.Run.Fingerprint(1, host.Model.Count, [1]), host.Events.Add);
        string blocked = folder.Shared(0) + ".part";
        Directory.CreateDirectory(blocked);
        Assert.True(manager.BeginSave(null));
        Assert.ThrowsAny<IOException>(() => manager.AwaitCopy());
        Assert.False(manager.AwaitCopy());
        Assert.False(manager.FinishSave());
        Assert.True(manager.BeginSave(null));
        manager.SaveLocalState(null);
        Assert.Equal([0], folder.MomentumSteps());
        Assert.Empty(folder.Steps());
        Directory.Delete(blocked);
        manager.Save(null);
        Assert.Equal([0], folder.Steps());
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
    public void Disposing_leaves_no_half_written_file()
    {
        using var host = new Host(root.File("a"), width: Wide) { AwaitsDisk = false };
        CheckpointManager Manager(string folder) => new("a", new CheckpointFolder(folder), host.State, host.Model.Parameters,
            host.Replica, host.Run.Fingerprint(1, host.Model.Count, [1]), _ => { });
        CheckpointManager good = Manager(root.File("good")), bad = Manager(root.File("bad"));
        good.BeginSave(null);
        good.Dispose();
        Assert.Empty(Directory.GetFiles(root.File("good")));
        File.WriteAllText(root.File("bad"), "a file where the folder would be");
        bad.BeginSave(null);
        bad.Dispose();
    }

    [Fact]
    public void What_a_killed_process_had_not_finished_is_deleted()
    {
        var folder = new CheckpointFolder(root.File("killed"));
        folder.DeleteUnfinished(); // there is no folder yet
        Prepare();
        string[] unfinished = [folder.Shared(7) + ".part", folder.Momentum(7) + ".part"];
        foreach (string file in unfinished)
            File.WriteAllText(file, "half");
        File.WriteAllText(root.File("killed") + "/notes.part", "somebody else's");
        folder.DeleteUnfinished();
        Assert.All(unfinished, file => Assert.False(File.Exists(file)));
        Assert.Equal([7], folder.Steps());
        Assert.True(File.Exists(root.File("killed") + "/notes.part"));

        void Prepare()
        {
            using PreparedCheckpoint files = Prepared("killed");
            folder.Commit(files);
        }
    }

    [Fact]
    public void A_file_that_cannot_get_its_name_is_deleted()
    {
        string path = root.File("taken");
        Directory.CreateDirectory(path);
        using (var file = new AtomicFile(path))
        {
            file.Write([1]);
            Assert.ThrowsAny<IOException>(file.Commit);
        }
        Assert.False(File.Exists(path + ".part"));
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
        Assert.False(manager.BeginSave(null));
        Assert.True(manager.IsIdle);
        Assert.True(manager.FinishSave());
        Assert.Equal([0], folder.Steps());
        Assert.Equal([0], folder.MomentumSteps());
        Assert.False(manager.FinishSave());
    }

    PreparedCheckpoint Prepared() => Prepared("files");

    PreparedCheckpoint Prepared(string folder) => new CheckpointFolder(root.File(folder)).Prepare(
        new Progress(7, default, "f00d", new SamplerState(0, [], [0])),
        new CheckpointState([new("w", TensorType.F32, [2])], [0], [], []), (float[])[1, 2], "a");
}
