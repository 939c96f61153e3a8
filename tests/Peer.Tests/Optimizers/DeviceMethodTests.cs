using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Models;
using DecentralizedLion.Models.Sampling;
using DecentralizedLion.Models.Vectors;
using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Peer.Cli.Compare;
using DecentralizedLion.Peer.Configuration;
using DecentralizedLion.Peer.Optimizers;
using DecentralizedLion.Peer.Tests.Checkpoints;
using DecentralizedLion.Topology.Commit;
using TorchSharp;

namespace DecentralizedLion.Peer.Tests.Optimizers;

/// <summary>Methods whose vectors lie on a device, here the CPU, against the same methods in host memory.</summary>
public sealed class DeviceMethodTests : IDisposable
{
    const int Workers = 4, Parameters = 1000, Steps = 100; // 4 votes may tie, 1000 is no multiple of 64

    readonly DevicePlace place = new(torch.CPU, block: 256);

    public void Dispose() => place.Dispose();

    [Theory]
    [InlineData("mavo", "sign", "previous", false)]
    [InlineData("mavo", "sign", "zero", true)]
    [InlineData("mavo", "soft-threshold(0.2)", "hash", false)]
    [InlineData("avg", "sign", null, false)]
    [InlineData("avg", "soft-threshold(0.2)", null, true)]
    [InlineData("signsgd", "sign", "zero", false)]
    [InlineData("signum", "sign", "previous", true)]
    public void A_hundred_steps_have_the_same_ballots_and_weights(string method, string kappa, string? ties, bool hasGroups)
    {
        var options = new MethodOptions { Method = method, Kappa = kappa, Ties = ties };
        Assert.True(OptimizerRules.CanUseDevice(options));
        var host = new Ring(options, VectorPlace.Host, hasGroups);
        var device = new Ring(options, place, hasGroups);
        for (var step = 1; step <= Steps; step++)
        {
            // In every 7th step nobody votes, and in every 5th one peer does not.
            int[] voters = step % 7 == 0 ? [] : [.. Enumerable.Range(0, Workers).Where(worker => worker > 0 || step % 5 > 0)];
            host.Step(step, voters);
            device.Step(step, voters);
            foreach (var (one, other) in host.Ballots.Zip(device.Ballots))
            {
                Assert.Equal(one.Signs, other.Signs);
                Assert.Equal(one.Zeros, other.Zeros);
            }
            Assert.Equal(Bits(host.Weights), Bits(device.Weights));
        }
        Assert.Contains(host.Ballots, ballot => ballot.Zeros.ContainsAnyExcept(0UL)); // somebody abstains somewhere
    }

    [Fact]
    public void A_checkpoint_goes_from_one_place_to_the_other()
    {
        using var root = new TemporaryFolder();
        var folder = new CheckpointFolder(root.Path);
        TensorDeclaration[] layout = [new("a", TensorType.F32, [Parameters])];
        VectorPlace[] places = [VectorPlace.Host, place, VectorPlace.Host];
        Ring? before = null;
        for (var at = 0; at < places.Length; at++)
        {
            var ring = new Ring(new MethodOptions(), places[at], hasGroups: false);
            var state = new CheckpointState(layout, null, [], ring.Methods[0].LocalState);
            Assert.False(state.HasLocalState);
            if (before is not null)
            {
                Checkpoint.Read(folder.Shared(at), state, ring.Weights);
                Checkpoint.ReadLocalState(folder.Momentum(at), "a", "f00d", state, ring.Methods[0].BucketsOf);
                Assert.Equal(Bits(before.Weights), Bits(ring.Weights));
                Assert.Equal(Bits(before.Methods[0].LocalState[0].Vector), Bits(state.LocalState[0].Vector));
            }
            ring.Step(at + 1, [0]);
            Assert.True(state.HasLocalState);
            folder.Write(new Progress(at + 1, Digest.Of([7]), "f00d", new SamplerState(0, [], [0])), state, ring.Weights, "a");
            before = ring;
        }
    }

    [Theory]
    [InlineData("g-lion", "sign")]
    [InlineData("dgc", "sign")]
    [InlineData("mavo", "top-k(0.1)")]
    public void What_needs_host_memory_is_known(string method, string kappa) =>
        Assert.False(OptimizerRules.CanUseDevice(new MethodOptions { Method = method, Kappa = kappa }));

    static uint[] Bits(FlatVector vector)
    {
        var values = new float[vector.Length];
        vector.Read(0, values);
        return [.. values.Select(BitConverter.SingleToUInt32Bits)];
    }

    /// <summary>Workers whose vectors lie in one place, and their common weights.</summary>
    sealed class Ring
    {
        readonly VectorPlace place;
        readonly GroupRates? groups;
        readonly ulong[] previous = new ulong[BitPlanes.Words(Parameters)];

        public Ring(MethodOptions options, VectorPlace place, bool hasGroups)
        {
            this.place = place;
            ParameterSlice[] tensors = [new("a", [Parameters], 0, Parameters)];
            Methods = [.. Enumerable.Range(0, Workers)
                .Select(worker => OptimizerFactory.Create(options, tensors, worker, 1, place: place))];
            Ballots = [.. Methods.Select(method => new Ballot(method.BucketsOf(1)))];
            Weights = NewVector([.. Enumerable.Range(0, Parameters).Select(i => i % 9 == 0 ? -0f : MathF.Sin(i))]);
            if (hasGroups)
                groups = new GroupRates([new(0, 100, 0, 0.5f), new(100, 777, 2, 3), new(777, Parameters, 0.5f, 1)], place);
        }

        public DistributedMethod[] Methods { get; }

        public Ballot[] Ballots { get; }

        public FlatVector Weights { get; }

        public void Step(int step, int[] voters)
        {
            foreach (var voter in voters)
                Methods[voter].FillBallot(step, NewVector(Gradient(step, voter)), Ballots[voter]);
            var buckets = Methods[0].BucketsOf(step);
            Aggregate[] aggregates = voters.Length == 0 ? [] : [InProcessReduction.Of(buckets[0],
                [.. voters.Select(voter => Ballots[voter].Buckets[0])], step,
                buckets[0].Reduction is MajorityVote ? previous : [])];
            var record = new StepRecord(step, 1, 1, PeerSet.Of([.. Enumerable.Range(0, Workers)]), PeerSet.Of(voters),
                new uint[voters.Length], BitConverter.SingleToUInt32Bits(0.01f), BitConverter.SingleToUInt32Bits(0.5f),
                aggregates, default);
            if (groups is null)
                Methods[0].Apply(record, Weights);
            else
                groups.Apply(Methods[0], record, Weights);
            if (voters.Length > 0 && buckets[0].Reduction is MajorityVote)
                record.UpdatePreviousSigns(previous);
        }

        /// <summary>Some parameters have no gradient, and some opposite ones at every other peer, so that votes tie.</summary>
        static float[] Gradient(int step, int worker) => [.. Enumerable.Range(0, Parameters).Select(i =>
            i % 10 == 0 ? 0 : i % 10 == 1 ? (worker % 2 == 0 ? 1f : -1f) : MathF.Sin((i * 7) + (worker * 13) + (step * 3)))];

        FlatVector NewVector(float[] values)
        {
            var vector = place.NewVector(values.Length);
            vector.Write(0, values);
            return vector;
        }
    }
}
