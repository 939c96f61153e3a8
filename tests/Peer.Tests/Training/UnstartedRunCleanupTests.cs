using System.Buffers;
using DecentralizedLion.Models.Sampling;
using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Peer.Journal;
using DecentralizedLion.Peer.Tests.Checkpoints;
using DecentralizedLion.Peer.Tests.Journal;
using DecentralizedLion.Peer.Training;
using DecentralizedLion.Topology.Configuration;
using DecentralizedLion.Topology.ViewChanges;
using MessagePack;

namespace DecentralizedLion.Peer.Tests.Training;

/// <summary>Tests that the files of a start with other settings are replaced only where nobody can depend on them.</summary>
public sealed class UnstartedRunCleanupTests : IDisposable
{
    static readonly Fingerprint before = new([new("model.width", "8")]), now = new([new("model.width", "16")]);

    readonly TemporaryFolder root = new();

    public UnstartedRunCleanupTests()
    {
        Checkpoints = new CheckpointFolder(root.File("a"));
        Views = new ViewStore(Checkpoints.Folder);
        Write(0);
        using (StepJournal.Open(Checkpoints.Folder, Records.Parameters, TimeProvider.System, (0, default)))
            Save(0, 0);
    }

    CheckpointFolder Checkpoints { get; }

    ViewStore Views { get; }

    public void Dispose() => root.Dispose();

    [Fact]
    public void A_start_that_came_to_nothing_is_replaced()
    {
        Assert.True(IsDropped(now));
        Assert.Empty(Directory.GetFiles(Checkpoints.Folder));
        Assert.False(IsDropped(now)); // nothing is there
    }

    [Fact]
    public void With_the_same_settings_it_goes_on() => Assert.False(IsDropped(before));

    [Fact]
    public void A_later_step_stays()
    {
        Write(5);
        Assert.False(IsDropped(now));
    }

    [Fact]
    public void A_journal_with_a_record_stays()
    {
        using (var journal = StepJournal.Open(Checkpoints.Folder, Records.Parameters, TimeProvider.System, (0, default)))
        {
            journal.ResetTo(0, Records.Start);
            journal.Append(Records.Chain(1)[0]);
        }
        Assert.False(IsDropped(now));
    }

    [Fact]
    public void A_promise_stays()
    {
        Save(0, 256);
        Assert.False(IsDropped(now));
        Save(1, 0);
        Assert.False(IsDropped(now));
    }

    bool IsDropped(Fingerprint fingerprint)
    {
        var files = Files();
        var dropped = UnstartedRunCleanup.Drop(Checkpoints, Views, 2, fingerprint);
        if (!dropped)
            Assert.Equal(files, Files());
        return dropped;

        string[] Files() => [.. Directory.GetFiles(Checkpoints.Folder).Order()];
    }

    void Write(long step) => Checkpoints.Write(
        new Progress(step, default, before.Hex, new SamplerState(0, [], [0, 1])),
        new CheckpointState([new("w", TensorType.F32, [2])], [0], [], []), (float[])[1, 2], "a");

    /// <summary>Saves an acceptor's state: its disk id, a view, the round it promised, what it accepted.</summary>
    void Save(int view, long promised)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(output);
        writer.WriteArrayHeader(5);
        writer.Write(7UL);
        new View(view, [0, 1], [1, 2], 1).Write(ref writer);
        writer.Write(promised);
        writer.Write(0L);
        writer.WriteNil();
        writer.Flush();
        Views.Save(output.WrittenSpan);
    }
}
