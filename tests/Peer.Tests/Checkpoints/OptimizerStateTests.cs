using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Models.Sampling;
using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Peer.Configuration;
using DecentralizedLion.Peer.Optimizers;
using DecentralizedLion.Peer.Tests.Optimizers;

namespace DecentralizedLion.Peer.Tests.Checkpoints;

/// <summary>Tests of the optimizers' states beside the weights, in checkpoints and back.</summary>
public sealed class OptimizerStateTests : IDisposable
{
    const int Done = 9;

    static readonly TensorDeclaration[] layout = [new("a", TensorType.F32, [200]), new("b", TensorType.F32, [400])];
    static readonly Digest chain = Digest.Of([7]);

    readonly TemporaryFolder root = new();

    public void Dispose() => root.Dispose();

    public static TheoryData<string> Settings =>
    [
        .. OptimizerRules.Names.Select(name => $"\"method\": \"{name}\""),
        "\"method\": \"mavo\", \"momentumSync\": 5",
        "\"method\": \"signum\", \"momentumSync\": 5, \"momentumSyncBy\": \"whole\"", // the next step carries it
        "\"method\": \"avg\", \"momentumSync\": 3",
        "\"method\": \"dgc\", \"keepWarmup\": 30",
    ];

    /// <summary>A worker after some steps, with a ballot for the next.</summary>
    static (DistributedMethod Method, float[] Weights, Ballot Next) Trained(string settings)
    {
        var harness = new OptimizerHarness(settings, 2);
        for (var step = 1; step <= Done; step++)
            harness.Step(step, OptimizerHarness.Gradients(step, 2));
        var optimizer = harness.DistributedOptimizers[1];
        var next = new Ballot(optimizer.BucketsOf(Done + 1));
        optimizer.FillBallot(Done + 1, OptimizerHarness.Gradients(Done + 1, 2)[1], next);
        return (optimizer, harness.Weights, next);
    }

    static CheckpointState State(DistributedMethod optimizer) =>
        new(layout, optimizer.BucketsOf(1)[0].Reduction is MajorityVote
            ? new ulong[BitPlanes.Words(OptimizerHarness.Parameters)] : null, optimizer.ReplicatedState, optimizer.LocalState);

    CheckpointFolder Write(DistributedMethod optimizer, float[] weights, Ballot? next, string peer)
    {
        var folder = new CheckpointFolder(root.File("checkpoints"));
        folder.Write(new Progress(Done, chain, "f00d", new SamplerState(0, [], [0, 1])), State(optimizer), weights, peer,
            next is null ? null : new PendingBallot(Done + 1, chain, next, 0.5f));
        return folder;
    }

    [Theory]
    [MemberData(nameof(Settings))]
    public void All_that_a_method_has_comes_back(string settings)
    {
        var (optimizer, weights, next) = Trained(settings);
        var folder = Write(optimizer, weights, next, "b");
        var fresh = new OptimizerHarness(settings, 2).DistributedOptimizers[1];
        var (state, again) = (State(fresh), new float[OptimizerHarness.Parameters]);
        Assert.Equal(Done, Checkpoint.Read(folder.Shared(Done), state, again).Step);
        Assert.Equal(weights, again);
        AssertSame(optimizer.ReplicatedState, fresh.ReplicatedState);
        if (optimizer.LocalState.Count == 0)
        {
            Assert.Empty(folder.MomentumSteps());
            return;
        }
        var open = Checkpoint.ReadLocalState(folder.Momentum(Done), "b", "f00d", state, fresh.BucketsOf)!;
        AssertSame(optimizer.LocalState, fresh.LocalState);
        Assert.Equal((Done + 1L, chain, 0.5f), (open.Step, open.DigestBefore, open.Loss));
        Assert.Equal(next.Buckets.Count, open.Ballot.Buckets.Count);
        foreach (var (cast, read) in next.Buckets.Zip(open.Ballot.Buckets))
        {
            Assert.True(cast.Planes.ContainsAnyExcept(0UL));
            Assert.Equal(cast.Bucket.Length, read.Bucket.Length);
            Assert.Equal(cast.Planes.ToArray(), read.Planes.ToArray());
            Assert.Equal(cast.Zeros.ToArray(), read.Zeros.ToArray());
        }
        // It is the state itself that came back, not a copy of what the next step is made of.
        var (ours, theirs) = (new Ballot(optimizer.BucketsOf(Done + 2)), new Ballot(fresh.BucketsOf(Done + 2)));
        var gradient = OptimizerHarness.Gradients(Done + 2, 2)[1];
        optimizer.FillBallot(Done + 2, gradient, ours);
        fresh.FillBallot(Done + 2, gradient, theirs);
        Assert.Equal(ours.Buckets[0].Planes.ToArray(), theirs.Buckets[0].Planes.ToArray());
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
        var (optimizer, weights, next) = Trained(settings);
        var folder = Write(optimizer, weights, next, "b");
        var newcomer = new OptimizerHarness(settings, 2).DistributedOptimizers[0];
        // the ballot is b's vote
        Assert.Null(Checkpoint.ReadLocalState(folder.Momentum(Done), "a", "f00d", State(newcomer), newcomer.BucketsOf));
        if (isInherited)
            AssertSame(optimizer.LocalState, newcomer.LocalState);
        else
            Assert.All(newcomer.LocalState, vector => Assert.All(vector.Values, value => Assert.Equal(0, value)));
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
