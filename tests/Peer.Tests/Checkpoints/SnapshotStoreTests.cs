using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Models.Sampling;
using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Peer.Optimizers;
using DecentralizedLion.Topology.Snapshots;

namespace DecentralizedLion.Peer.Tests.Checkpoints;

public sealed class SnapshotStoreTests : IDisposable
{
    const int Parameters = 5;
    static readonly TensorDeclaration[] Layout = [new("w", TensorType.F32, [2, 2]), new("b", TensorType.F32, [1])];

    readonly TemporaryFolder root = new();
    readonly CheckpointFolder theirs, ours;
    readonly SnapshotStore giver;
    SnapshotStore taker;

    public SnapshotStoreTests()
    {
        (theirs, ours) = (new(root.File("theirs")), new(root.File("ours")));
        (giver, taker) = (Store(theirs), Store(ours));
    }

    public void Dispose()
    {
        giver.Dispose();
        taker.Dispose();
        root.Dispose();
    }

    static CheckpointState State(ulong[] signs, float[] momentum) =>
        new(Layout, signs, [], [new StateVector("momentum", momentum)]);

    static IReadOnlyList<Bucket> Parts(long step) => [new(new MajorityVote(TieRule.Previous), Parameters)];

    static SnapshotStore Store(CheckpointFolder folder) => new(folder, State(new ulong[1], new float[Parameters]));

    static Progress At(long step) => new(step, Digest.Of([(byte)step]), "f00d", new SamplerState(60, [new(12, 8)], [0, 1, 2]));

    static void Write(CheckpointFolder folder, long step, string peer = "a", float value = 1, bool momentum = true) =>
        folder.Write(At(step), State([0b10110], momentum ? [-value, -2, -3, -4, -5] : new float[Parameters]),
            (float[])[value, 2, 3, 4, 5], peer);

    static byte[] ReadAll(ISnapshotStore store, SnapshotInfo info)
    {
        var bytes = new byte[info.Length];
        for (var at = 0; at < bytes.Length; at += 100)
            Assert.True(store.TryRead(info, at, bytes.AsSpan(at, Math.Min(100, bytes.Length - at))));
        return bytes;
    }

    static void Receive(ISnapshotStore store, SnapshotInfo info, ReadOnlySpan<byte> bytes)
    {
        for (var at = (int)store.Received(info); at < bytes.Length; at += 64)
            store.Receive(info, bytes.Slice(at, Math.Min(64, bytes.Length - at)));
    }

    [Fact]
    public void The_newest_at_or_before_a_step_is_offered()
    {
        Assert.Null(giver.Newest(SnapshotKind.Shared));
        Write(theirs, 0, momentum: false);
        Assert.Null(giver.Newest(SnapshotKind.Momentum));
        Write(theirs, 10);
        var info = giver.Newest(SnapshotKind.Shared)!.Value;
        Assert.Equal((SnapshotKind.Shared, 10L, new FileInfo(theirs.Shared(10)).Length), (info.Kind, info.Step, info.Length));
        Assert.Equal(info, giver.Newest(SnapshotKind.Shared, 10));
        Assert.Equal(0, giver.Newest(SnapshotKind.Shared, 9)!.Value.Step);
        Assert.Null(giver.Newest(SnapshotKind.Shared, -1));
        Assert.Equal(10, giver.Newest(SnapshotKind.Momentum)!.Value.Step);
        Assert.Null(giver.Newest(SnapshotKind.Momentum, 9));
    }

    [Fact]
    public void A_file_whose_header_is_damaged_is_not_offered()
    {
        Write(theirs, 10);
        Write(theirs, 20);
        using (var file = File.OpenWrite(theirs.Shared(20)))
            file.SetLength(100);
        Assert.Equal(10, giver.Newest(SnapshotKind.Shared)!.Value.Step);
        File.Copy(theirs.Shared(10), theirs.Shared(20), overwrite: true); // of another step than its name says
        Assert.Equal(10, giver.Newest(SnapshotKind.Shared)!.Value.Step);
        Write(theirs, 20, value: 7);
        Assert.Equal(20, giver.Newest(SnapshotKind.Shared)!.Value.Step);
    }

    [Fact]
    public void A_new_file_of_the_same_step_is_another_snapshot()
    {
        Write(theirs, 10);
        var old = giver.Newest(SnapshotKind.Shared)!.Value;
        Write(theirs, 10, value: 7);
        File.SetLastWriteTimeUtc(theirs.Shared(10), DateTime.UnixEpoch); // clocks are coarser than this test is fast
        var info = giver.Newest(SnapshotKind.Shared)!.Value;
        Assert.NotEqual(old.Sha, info.Sha);
        Assert.False(giver.TryRead(old, 0, new byte[8]));
        Assert.True(giver.TryRead(info, 0, new byte[8]));
    }

    [Fact]
    public void What_is_being_served_may_be_deleted()
    {
        Write(theirs, 10);
        var info = giver.Newest(SnapshotKind.Shared)!.Value;
        var whole = File.ReadAllBytes(theirs.Shared(10));
        Assert.True(giver.TryRead(info, 0, new byte[8]));
        foreach (var step in new[] { 20, 30, 40 })
            Write(theirs, step);
        Assert.False(File.Exists(theirs.Shared(10)));
        Assert.Equal(whole, ReadAll(giver, info));
        using var another = Store(theirs);
        Assert.False(another.TryRead(info, 0, new byte[8]));
    }

    [Fact]
    public void Nothing_beyond_the_file_is_read()
    {
        Write(theirs, 10);
        var info = giver.Newest(SnapshotKind.Shared)!.Value;
        Assert.True(giver.TryRead(info, info.Length - 8, new byte[8]));
        Assert.False(giver.TryRead(info, info.Length - 7, new byte[8]));
        Assert.False(giver.TryRead(info, -1, new byte[8]));
        Assert.False(giver.TryRead(info, long.MaxValue, new byte[8]));
    }

    [Fact]
    public void A_fetched_snapshot_is_a_checkpoint_of_ours()
    {
        Write(theirs, 10);
        foreach (var kind in new[] { SnapshotKind.Shared, SnapshotKind.Momentum })
        {
            var info = giver.Newest(kind)!.Value;
            Receive(taker, info, ReadAll(giver, info));
            Assert.Equal(info.Length, taker.Received(info));
            Assert.True(taker.Complete(info));
            Assert.Equal(info, taker.Newest(kind));
        }
        Assert.Equal(File.ReadAllBytes(theirs.Shared(10)), File.ReadAllBytes(ours.Shared(10)));
        Assert.Equal(2, Directory.GetFiles(root.File("ours")).Length);
        var (weights, momentum, signs) = (new float[5], new float[5], new ulong[1]);
        Assert.Equal(At(10), Checkpoint.Read(ours.Shared(10), State(signs, []), weights));
        Checkpoint.ReadLocalState(ours.Momentum(10), "b", "f00d", State([0], momentum), Parts);
        Assert.Equal([1, 2, 3, 4, 5], weights);
        Assert.Equal([-1, -2, -3, -4, -5], momentum);
    }

    [Fact]
    public void A_fetch_goes_on_in_a_new_process()
    {
        Write(theirs, 10);
        var info = giver.Newest(SnapshotKind.Shared)!.Value;
        var bytes = ReadAll(giver, info);
        taker.Receive(info, bytes.AsSpan(0, 100));
        taker.Receive(info, bytes.AsSpan(100, 50));
        taker.Dispose();
        taker = Store(ours);
        Assert.Equal(150, taker.Received(info));
        Assert.Null(taker.Newest(SnapshotKind.Shared));
        Receive(taker, info, bytes);
        Assert.True(taker.Complete(info));
        Assert.Equal(info, taker.Newest(SnapshotKind.Shared));
    }

    [Fact]
    public void Another_snapshot_throws_away_what_was_received_of_the_last_and_leaves_the_other_part()
    {
        Write(theirs, 10);
        var (first, momentum) = (giver.Newest(SnapshotKind.Shared)!.Value, giver.Newest(SnapshotKind.Momentum)!.Value);
        taker.Receive(first, new byte[64]);
        taker.Receive(momentum, new byte[32]);
        Write(theirs, 10, value: 3);
        using var fresh = Store(theirs);
        var second = fresh.Newest(SnapshotKind.Shared)!.Value;
        Assert.Equal(0, taker.Received(second));
        taker.Receive(second, new byte[16]);
        Assert.Equal((0L, 16L, 32L), (taker.Received(first), taker.Received(second), taker.Received(momentum)));
    }

    [Theory]
    [InlineData(SnapshotKind.Shared)]
    [InlineData(SnapshotKind.Momentum)]
    internal void What_was_damaged_on_the_way_is_thrown_away(SnapshotKind kind)
    {
        Write(theirs, 10);
        var info = giver.Newest(kind)!.Value;
        var bytes = ReadAll(giver, info);
        for (var at = 0; at < bytes.Length; at++)
        {
            var damaged = (byte[])bytes.Clone();
            damaged[at] ^= 4;
            Receive(taker, info, damaged);
            Assert.False(taker.Complete(info));
            Assert.Equal(0, taker.Received(info));
            Assert.Null(taker.Newest(kind));
        }
        Receive(taker, info, bytes.AsSpan(..^1));
        Assert.False(taker.Complete(info));
        taker.Receive(info, [.. bytes, 0]);
        Assert.False(taker.Complete(info));
        Assert.Empty(Directory.GetFiles(root.File("ours")));
    }

    [Fact]
    public void What_is_not_what_was_promised_is_thrown_away()
    {
        Write(theirs, 10);
        var info = giver.Newest(SnapshotKind.Shared)!.Value;
        var bytes = ReadAll(giver, info);
        SnapshotInfo[] others = [info with { Step = 11 }, info with { Sha = Digest.Of([1]) },
            info with { Kind = SnapshotKind.Momentum }];
        foreach (var other in others)
        {
            Receive(taker, other, bytes);
            Assert.False(taker.Complete(other));
        }
        using var larger = new SnapshotStore(ours,
            new CheckpointState([.. Layout, new("more", TensorType.F32, [1])], [0], [], []));
        Receive(larger, info, bytes);
        Assert.False(larger.Complete(info));
        Assert.Empty(ours.Steps());
    }

    [Fact]
    public void A_momentum_of_our_own_stays()
    {
        Write(theirs, 10, "a");
        Write(ours, 10, "b", value: 9);
        var info = giver.Newest(SnapshotKind.Momentum)!.Value;
        Receive(taker, info, ReadAll(giver, info));
        Assert.True(taker.Complete(info));
        var momentum = new float[5];
        Checkpoint.ReadLocalState(ours.Momentum(10), "b", "f00d", State([0], momentum), Parts);
        Assert.Equal(-9, momentum[0]);
        Assert.Equal(2, Directory.GetFiles(root.File("ours")).Length);
    }

    [Fact]
    public void A_fetched_one_counts_among_the_last_two_and_stays_even_when_it_is_older()
    {
        foreach (var step in new[] { 10, 20 })
            Write(ours, step);
        Write(theirs, 30);
        Take(30);
        Assert.Equal([30, 20], ours.Steps());
        Write(theirs, 5);
        Take(5);
        Assert.Equal([30, 20, 5], ours.Steps());
        taker.DropAfter(20);
        Assert.Equal([20, 5], ours.Steps());
        Assert.Equal([20, 10], ours.MomentumSteps());

        void Take(long step)
        {
            var info = giver.Newest(SnapshotKind.Shared, step)!.Value;
            Receive(taker, info, ReadAll(giver, info));
            Assert.True(taker.Complete(info));
        }
    }

    [Fact]
    public void The_previous_majority_is_read_out_unless_it_is_damaged()
    {
        Write(theirs, 10);
        var info = giver.Newest(SnapshotKind.Shared)!.Value;
        var signs = new ulong[1];
        Assert.True(giver.TryReadPrevious(info, signs));
        Assert.Equal(0b10110ul, signs[0]);
        Assert.False(giver.TryReadPrevious(info, new ulong[2]));
        Assert.False(giver.TryReadPrevious(giver.Newest(SnapshotKind.Momentum)!.Value, signs));
        var bytes = File.ReadAllBytes(theirs.Shared(10));
        bytes[^1] ^= 1; // in the weights, so that nothing in the file can be trusted
        File.WriteAllBytes(theirs.Shared(10), bytes);
        using var another = Store(theirs);
        Assert.False(another.TryReadPrevious(info, signs));
        File.Delete(theirs.Shared(10));
        Assert.False(another.TryReadPrevious(info, signs));
    }

    [Fact]
    public void Clearing_takes_what_was_fetched_along()
    {
        Write(theirs, 10);
        var info = giver.Newest(SnapshotKind.Shared)!.Value;
        taker.Receive(info, new byte[10]);
        Write(ours, 5);
        File.WriteAllText(Path.Combine(root.File("ours"), "notes.fetch"), "mine");
        ours.Clear();
        Assert.Equal(["notes.fetch"], Directory.GetFiles(root.File("ours")).Select(f => Path.GetFileName(f)));
    }
}
