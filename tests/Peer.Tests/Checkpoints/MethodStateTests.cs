using DecentralizedLion.Codecs;
using DecentralizedLion.Models;
using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Peer.Methods;
using DecentralizedLion.Peer.Settings;
using DecentralizedLion.Peer.Tests.Methods;
using DecentralizedLion.Topology.Commit;

namespace DecentralizedLion.Peer.Tests.Checkpoints;

/// <summary>What the methods have beside the weights, in checkpoints and back.</summary>
public sealed class MethodStateTests : IDisposable
{
    const int Done = 9;

    static readonly TensorDeclaration[] layout = [new("a", TensorType.F32, [200]), new("b", TensorType.F32, [400])];
    static readonly ChainDigest chain = ChainDigest.Of([7]);

    readonly TemporaryFolder root = new();

    public void Dispose() => root.Dispose();

    public static TheoryData<string> Settings =>
    [
        .. MethodSettings.Names.Select(name => $"\"method\": \"{name}\""),
        "\"method\": \"mavo\", \"momentumSync\": 5",
        "\"method\": \"signum\", \"momentumSync\": 5, \"momentumSyncBy\": \"whole\"", // the next step carries it
        "\"method\": \"avg\", \"momentumSync\": 3",
        "\"method\": \"dgc\", \"keepWarmup\": 30",
    ];

    /// <summary>A worker after some steps, with a ballot for the next.</summary>
    static (Method Method, float[] Weights, Ballot Next) Trained(string settings)
    {
        var rig = new MethodRig(settings, 2);
        for (var step = 1; step <= Done; step++)
            rig.Step(step, MethodRig.Gradients(step, 2));
        var method = rig.Methods[1];
        var next = new Ballot(method.Parts(Done + 1));
        method.Vote(Done + 1, MethodRig.Gradients(Done + 1, 2)[1], next);
        return (method, rig.Weights, next);
    }

    static CheckpointState State(Method method) =>
        new(layout, method.Parts(1)[0].Reduction is MajorityVote ? new ulong[BitPlanes.Words(MethodRig.Parameters)] : null, method.Shared, method.Own);

    CheckpointFolder Write(Method method, float[] weights, Ballot? next, string peer)
    {
        var folder = new CheckpointFolder(root.File("checkpoints"));
        folder.Write(new Progress(Done, chain, "f00d", new DataState(0, [], [0, 1])), State(method), weights, peer,
            next is null ? null : new OpenBallot(Done + 1, chain, next, 0.5f));
        return folder;
    }

    [Theory]
    [MemberData(nameof(Settings))]
    public void All_that_a_method_has_comes_back(string settings)
    {
        var (method, weights, next) = Trained(settings);
        var folder = Write(method, weights, next, "b");
        var fresh = new MethodRig(settings, 2).Methods[1];
        var (state, again) = (State(fresh), new float[MethodRig.Parameters]);
        Assert.Equal(Done, Checkpoint.Read(folder.Shared(Done), state, again).Step);
        Assert.Equal(weights, again);
        AssertSame(method.Shared, fresh.Shared);
        if (method.Own.Count == 0)
        {
            Assert.Empty(folder.MomentumSteps());
            return;
        }
        var open = Checkpoint.ReadOwn(folder.Momentum(Done), "b", "f00d", state, fresh.Parts)!;
        AssertSame(method.Own, fresh.Own);
        Assert.Equal((Done + 1L, chain, 0.5f), (open.Step, open.After, open.Loss));
        Assert.Equal(next.Parts.Count, open.Ballot.Parts.Count);
        foreach (var (cast, read) in next.Parts.Zip(open.Ballot.Parts))
        {
            Assert.True(cast.Planes.ContainsAnyExcept(0UL));
            Assert.Equal(cast.Part.Length, read.Part.Length);
            Assert.Equal(cast.Planes.ToArray(), read.Planes.ToArray());
            Assert.Equal(cast.Zeros.ToArray(), read.Zeros.ToArray());
        }
        // It is the state itself that came back, not a copy of what the next step is made of.
        var (ours, theirs) = (new Ballot(method.Parts(Done + 2)), new Ballot(fresh.Parts(Done + 2)));
        var gradient = MethodRig.Gradients(Done + 2, 2)[1];
        method.Vote(Done + 2, gradient, ours);
        fresh.Vote(Done + 2, gradient, theirs);
        Assert.Equal(ours.Parts[0].Planes.ToArray(), theirs.Parts[0].Planes.ToArray());
    }

    [Theory]
    [InlineData("mavo", true)]
    [InlineData("avg", true)]
    [InlineData("signum", true)]
    [InlineData("graddrop", false)]
    [InlineData("dgc", false)]
    public void A_newcomer_takes_anothers_momentum_and_leaves_it_what_it_did_not_send_yet(string name, bool isInherited)
    {
        var settings = $"\"method\": \"{name}\"";
        var (method, weights, next) = Trained(settings);
        var folder = Write(method, weights, next, "b");
        var newcomer = new MethodRig(settings, 2).Methods[0];
        Assert.Null(Checkpoint.ReadOwn(folder.Momentum(Done), "a", "f00d", State(newcomer), newcomer.Parts)); // the ballot is b's vote
        if (isInherited)
            AssertSame(method.Own, newcomer.Own);
        else
            Assert.All(newcomer.Own, vector => Assert.All(vector.Values, value => Assert.Equal(0, value)));
    }

    static void AssertSame(IReadOnlyList<StateVector> expected, IReadOnlyList<StateVector> found)
    {
        Assert.Equal(expected.Count, found.Count);
        foreach (var (one, other) in expected.Zip(found))
        {
            Assert.Contains(one.Values, value => value != 0); // else there is nothing to compare
            Assert.Equal(one.Values, other.Values);
        }
    }
}
