using DecentralizedLion.Codecs;
using DecentralizedLion.Peer.Checkpoints;

namespace DecentralizedLion.Peer.Tests.Checkpoints;

public sealed class CheckpointTests : IDisposable
{
    static readonly TensorDeclaration[] Layout = [new("w", TensorType.F32, [2, 2]), new("b", TensorType.F32, [1])];
    static readonly float[] Weights = [1, 2, 3, 4, 5], Momentum = [-1, -2, -3, -4, -5];
    static readonly ulong[] Signs = [0b10110];

    readonly TemporaryFolder root = new();

    public void Dispose() => root.Dispose();

    CheckpointFolder Folder => new(root.File("checkpoints"));

    static Progress At(long step) => new(step, 40, 1, "c0ffee", "f00d");

    [Fact]
    public void All_state_comes_back()
    {
        Folder.Write(At(7), Layout, Weights, Signs, Momentum);
        var (weights, momentum, signs) = (new float[5], new float[5], new ulong[1]);
        var progress = Checkpoint.Read(Folder.Shared(7), Layout, weights, signs);
        Checkpoint.ReadMomentum(Folder.Momentum(7), progress, momentum);
        Assert.Equal(At(7), progress);
        Assert.Equal(Weights, weights);
        Assert.Equal(Momentum, momentum);
        Assert.Equal(Signs, signs);
        var again = new float[5];
        Checkpoint.ReadWeights(Folder.Shared(7), Layout, again);
        Assert.Equal(Weights, again);
    }

    [Fact]
    public void A_ballot_cast_for_the_next_step_comes_back()
    {
        var ballot = new Ballot(5);
        (ballot.Signs[0], ballot.Zeros[0]) = (0b10010, 0b00101);
        Folder.Write(At(7), Layout, Weights, Signs, Momentum, new OpenBallot(8, ballot, 0.75f));
        var momentum = new float[5];
        var open = Checkpoint.ReadMomentum(Folder.Momentum(7), At(7), momentum)!;
        Assert.Equal(Momentum, momentum);
        Assert.Equal((8L, 0.75f, 0b10010ul, 0b00101ul), (open.Step, open.Loss, open.Ballot.Signs[0], open.Ballot.Zeros[0]));
        Folder.Write(At(7), Layout, Weights, Signs, Momentum);
        Assert.Null(Checkpoint.ReadMomentum(Folder.Momentum(7), At(7), momentum));
    }

    [Fact]
    public void A_flipped_bit_in_the_data_is_found()
    {
        Folder.Write(At(7), Layout, Weights, Signs, Momentum);
        foreach (var path in new[] { Folder.Shared(7), Folder.Momentum(7) })
        {
            var whole = File.ReadAllBytes(path);
            var data = 8 + (int)BitConverter.ToInt64(whole);
            for (var at = data; at < whole.Length; at++)
            {
                var damaged = (byte[])whole.Clone();
                damaged[at] ^= 1;
                File.WriteAllBytes(path, damaged);
                var e = Assert.Throws<CheckpointException>(() => Read(path));
                Assert.Contains("is damaged", e.Message);
            }
            File.WriteAllBytes(path, whole);
        }

        void Read(string path)
        {
            if (path == Folder.Momentum(7))
                Checkpoint.ReadMomentum(path, At(7), new float[5]);
            else
                Checkpoint.Read(path, Layout, new float[5], new ulong[1]);
        }
    }

    [Fact]
    public void The_last_two_are_kept()
    {
        Assert.Empty(Folder.Steps());
        foreach (var step in new long[] { 5, 10, 123456789, 20 })
            Folder.Write(At(step), Layout, Weights, Signs, Momentum);
        Assert.Equal([123456789, 20], Folder.Steps());
        Assert.Equal(4, Directory.GetFiles(root.File("checkpoints")).Length);
    }

    [Fact]
    public void Foreign_files_are_no_checkpoints()
    {
        Folder.Write(At(5), Layout, Weights, Signs, Momentum);
        File.WriteAllText(Path.Combine(root.File("checkpoints"), "step-x.safetensors"), "");
        File.WriteAllText(Path.Combine(root.File("checkpoints"), "step-6.safetensors"), "");
        File.WriteAllText(Path.Combine(root.File("checkpoints"), "step-00000007.safetensors.part"), "");
        Assert.Equal([5], Folder.Steps());
    }

    [Fact]
    public void Another_model_is_refused()
    {
        Folder.Write(At(5), Layout, Weights, Signs, Momentum);
        TensorDeclaration[] other = [new("w", TensorType.F32, [4])];
        Assert.Contains("expected F32 [4]",
            Assert.Throws<CheckpointException>(
                () => Checkpoint.Read(Folder.Shared(5), other, new float[4], new ulong[1])).Message);
        Assert.Contains("has 3 tensors; the model has 1",
            Assert.Throws<CheckpointException>(
                () => Checkpoint.Read(Folder.Shared(5), Layout[..1], new float[4], new ulong[1])).Message);
    }

    [Fact]
    public void Momentum_of_another_chain_is_refused()
    {
        Folder.Write(At(5), Layout, Weights, Signs, Momentum);
        Assert.Contains("belongs to step 5", Assert.Throws<CheckpointException>(
            () => Checkpoint.ReadMomentum(Folder.Momentum(5), At(5) with { ChainDigest = "other" }, new float[5])).Message);
    }

    [Fact]
    public void The_shared_file_has_nothing_of_one_peer()
    {
        Folder.Write(At(5), Layout, Weights, Signs, Momentum);
        var other = new CheckpointFolder(root.File("other"));
        other.Write(At(5), Layout, Weights, Signs, new float[5]);
        Assert.Equal(File.ReadAllBytes(Folder.Shared(5)), File.ReadAllBytes(other.Shared(5)));
    }
}
