using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Models.Sampling;
using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Peer.Optimizers;

namespace DecentralizedLion.Peer.Tests.Checkpoints;

public sealed class CheckpointTests : IDisposable
{
    static readonly TensorDeclaration[] Layout = [new("w", TensorType.F32, [2, 2]), new("b", TensorType.F32, [1])];
    static readonly float[] Weights = [1, 2, 3, 4, 5], Momentum = [-1, -2, -3, -4, -5];
    static readonly ulong[] Signs = [0b10110];

    readonly TemporaryFolder root = new();

    public void Dispose() => root.Dispose();

    static CheckpointState State(ulong[] signs, float[] momentum, TensorDeclaration[]? layout = null) =>
        new(layout ?? Layout, signs, [], momentum.Length == 0 ? [] : [new StateVector("momentum", momentum)]);

    static IReadOnlyList<Bucket> Parts(long step) => [new(new MajorityVote(TieRule.Previous), 5)];

    CheckpointFolder Folder => new(root.File("checkpoints"));

    static readonly Digest Chain = Digest.Of([7]);

    static Progress At(long step) => new(step, Chain, "f00d", new SamplerState(40, [new(3, 2), new(9, 1)], [0, 2]));

    [Fact]
    public void All_state_comes_back()
    {
        Folder.Write(At(7), State(Signs, Momentum), Weights, "a");
        var (weights, momentum, signs) = (new float[5], new float[5], new ulong[1]);
        var progress = Checkpoint.Read(Folder.Shared(7), State(signs, [], Layout), weights);
        Checkpoint.ReadLocalState(Folder.Momentum(7), "a", "f00d", State([0], momentum), Parts);
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
        Folder.Write(At(7), State(Signs, Momentum), Weights, "a", new PendingBallot(8, Chain, ballot, 0.75f));
        var momentum = new float[5];
        var open = Checkpoint.ReadLocalState(Folder.Momentum(7), "a", "f00d", State([0], momentum), Parts)!;
        Assert.Equal(Momentum, momentum);
        Assert.Equal((8L, Chain, 0.75f, 0b10010ul, 0b00101ul),
            (open.Step, open.DigestBefore, open.Loss, open.Ballot.Signs[0], open.Ballot.Zeros[0]));
        // another peer's vote
        Assert.Null(Checkpoint.ReadLocalState(Folder.Momentum(7), "b", "f00d", State([0], momentum), Parts));
        Assert.Null(Checkpoint.ReadLocalState(Folder.Momentum(7), "a", "beef", State([0], momentum), Parts)); // by other settings
        Folder.Write(At(7), State(Signs, Momentum), Weights, "a");
        Assert.Null(Checkpoint.ReadLocalState(Folder.Momentum(7), "a", "f00d", State([0], momentum), Parts));
    }

    [Fact]
    public void A_flipped_bit_in_the_data_is_found()
    {
        Folder.Write(At(7), State(Signs, Momentum), Weights, "a");
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
                Checkpoint.ReadLocalState(path, "a", "f00d", State([0], new float[5]), Parts);
            else
                Checkpoint.Read(path, State([0], []), new float[5]);
        }
    }

    [Fact]
    public void The_last_two_are_kept()
    {
        Assert.Empty(Folder.Steps());
        foreach (var step in new long[] { 5, 10, 123456789, 20 })
            Folder.Write(At(step), State(Signs, Momentum), Weights, "a");
        Assert.Equal([123456789, 20], Folder.Steps());
        Assert.Equal(4, Directory.GetFiles(root.File("checkpoints")).Length);
    }

    [Fact]
    public void Foreign_files_are_no_checkpoints()
    {
        Folder.Write(At(5), State(Signs, Momentum), Weights, "a");
        File.WriteAllText(Path.Combine(root.File("checkpoints"), "step-x.safetensors"), "");
        File.WriteAllText(Path.Combine(root.File("checkpoints"), "step-6.safetensors"), "");
        File.WriteAllText(Path.Combine(root.File("checkpoints"), "step-00000007.safetensors.part"), "");
        Assert.Equal([5], Folder.Steps());
    }

    [Fact]
    public void Another_model_is_refused()
    {
        Folder.Write(At(5), State(Signs, Momentum), Weights, "a");
        TensorDeclaration[] other = [new("w", TensorType.F32, [4])];
        TensorDeclaration[] larger = [.. Layout, new("c", TensorType.F32, [60])];
        Assert.Equal("tensor \"w\" is F32 [2, 2] in the file and F32 [4] by peers.json", Difference(other));
        Assert.Equal("it has a tensor \"b\", F32 [1], which is none by peers.json", Difference(Layout[..1]));
        Assert.Equal("it has no tensor \"c\", which is F32 [60] by peers.json", Difference(larger));

        string Difference(TensorDeclaration[] layout) => Assert.Throws<OtherModelException>(
            () => Checkpoint.Read(Folder.Shared(5), State([0], [], layout),
                    new float[100])).Reason["is of another model or method than peers.json has: ".Length..];
    }

    [Fact]
    public void What_is_said_of_the_run_is_covered_by_the_digest_too()
    {
        Folder.Write(At(7), State(Signs, Momentum), Weights, "a");
        var text = Convert.ToHexString(File.ReadAllBytes(Folder.Shared(7)));
        (string Right, string Wrong)[] changes =
            [("cursor\":\"40", "cursor\":\"41"), ("tail\":\"3-4,9-9", "tail\":\"3-4,8-9"),
                ("members\":\"0,2", "members\":\"0,1")];
        foreach (var (right, wrong) in changes)
        {
            Assert.Contains(Hex(right), text);
            File.WriteAllBytes(Folder.Shared(7), Convert.FromHexString(text.Replace(Hex(right), Hex(wrong))));
            Assert.Contains("is damaged", Assert.Throws<CheckpointException>(
                () => Checkpoint.Read(Folder.Shared(7), State([0], []), new float[5])).Message);
        }

        static string Hex(string text) => Convert.ToHexString(System.Text.Encoding.UTF8.GetBytes(text));
    }

    [Fact]
    public void A_state_of_the_data_that_cannot_be_is_named()
    {
        using (var writer = new SafetensorsWriter(root.File("x.safetensors"),
            [new(CheckpointState.PreviousSigns, TensorType.I64, [1]), .. Layout], new Dictionary<string, string>
            {
                ["step"] = "7",
                ["chain"] = Chain.ToString(),
                ["fingerprint"] = "f",
                ["cursor"] = "5",
                ["tail"] = "",
                ["members"] = "2,1",
            }))
        {
            writer.Write(new byte[28]);
            writer.Commit();
        }
        Assert.Contains("metadata members is \"2,1\"", Assert.Throws<CheckpointException>(
            () => Checkpoint.Read(root.File("x.safetensors"), State([0], []), new float[5])).Message);
    }

    [Fact]
    public void Before_the_first_gradient_there_is_no_momentum()
    {
        Folder.Write(At(0), State(Signs, new float[5]), Weights, "a");
        Assert.Equal([0], Folder.Steps());
        Assert.Empty(Folder.MomentumSteps());
    }

    [Fact]
    public void A_run_that_went_back_leaves_no_later_momentum()
    {
        foreach (var step in new long[] { 5, 10 })
            Folder.Write(At(step), State(Signs, Momentum), Weights, "a");
        Folder.DropAfter(5);
        Assert.Equal([10, 5], Folder.MomentumSteps());
        Folder.Write(At(7), State(Signs, Momentum), Weights, "a");
        Assert.Equal([7, 5], Folder.Steps());
        Assert.Equal([7, 5], Folder.MomentumSteps());
    }

    [Fact]
    public void What_another_peer_is_fetching_stays()
    {
        var folder = Folder;
        folder.Write(At(5), State(Signs, Momentum), Weights, "a");
        folder.Retained.Retain(peer: 1, 5);
        foreach (var step in new long[] { 10, 15, 20 })
            folder.Write(At(step), State(Signs, Momentum), Weights, "a");
        Assert.Equal([20, 15, 5], folder.Steps());
        Assert.Equal([20, 15, 5], folder.MomentumSteps());
        folder.Retained.Retain(peer: 1, 7); // it has the checkpoint and fetches the records after it
        folder.Write(At(25), State(Signs, Momentum), Weights, "a");
        Assert.Equal([25, 20], folder.Steps());
        Assert.Equal([25, 20], folder.MomentumSteps());
        Assert.Equal(7, folder.Oldest);
    }

    [Fact]
    public void The_shared_file_has_nothing_of_one_peer()
    {
        Folder.Write(At(5), State(Signs, Momentum), Weights, "a");
        var other = new CheckpointFolder(root.File("other"));
        other.Write(At(5), State(Signs, [5, 5, 5, 5, 5]), Weights, "b");
        Assert.Equal(File.ReadAllBytes(Folder.Shared(5)), File.ReadAllBytes(other.Shared(5)));
    }
}
