using DecentralizedLion.Models.Vectors;
using DecentralizedLion.Peer.Metrics;
using static TorchSharp.torch;

namespace DecentralizedLion.Peer.Tests.Library;

/// <summary>Rings in which one peer keeps its vectors on a device, here the CPU, and the others in host memory.</summary>
public sealed class MixedRingTests
{
    const int Steps = 12;

    sealed record Result(string Digest, float[] Weights);

    public static TheoryData<MethodOptions> Methods =>
    [
        new MethodOptions { Method = "mavo", Ties = "zero" },
        new MethodOptions { Method = "avg", Kappa = "soft-threshold(0.01)", Delay = 1 },
        new MethodOptions { Method = "signum", MomentumSync = 3 },
        new MethodOptions { Method = "mavo", LocalSteps = 2, MomentumSync = 4, MomentumSyncBy = "whole" },
    ];

    [Theory]
    [MemberData(nameof(Methods))]
    public async Task Peers_of_both_kinds_have_the_bits_of_a_ring_of_one_kind(MethodOptions options)
    {
        using var mixed = new LocalRing(3);
        using var plain = new LocalRing(3);
        var results = await mixed.Run(id => Train(mixed, id, id == "b", options));
        Assert.All(results, result => Assert.Equal(results[0].Digest, result.Digest));
        Assert.All(results, result => Assert.Equal(results[0].Weights, result.Weights));
        // The same CPU computes all gradients: even the ballots of a device's peer are those of host memory.
        var expected = await plain.Run(id => Train(plain, id, false, options));
        Assert.Equal(expected[0].Weights, results[0].Weights);
    }

    /// <summary>Trains with clipped gradients, groups of parameters, and a step in which b's gradient is not finite.</summary>
    static async Task<Result> Train(LocalRing ring, string id, bool isOnDevice, MethodOptions options)
    {
        var notes = new List<string>();
        await using var client = await ring.Join(id, new PeerOptions
        {
            Placement = isOnDevice ? VectorPlacement.Device : null,
            OnEvent = happened => notes.AddRange(happened is Note note ? [note.Text] : []),
        });
        using var network = Lines.NewNetwork();
        using var optimizer = new DistributedOptimizer(
        [
            new ParameterGroup(network.named_parameters().Take(1)),
            new ParameterGroup(network.named_parameters().Skip(1)) { WeightDecay = 0, LearningRateFactor = 0.5 },
        ], client, LearningRate.Constant(0.01, Steps), weight_decay: 0.1, options: options);
        Assert.Equal(isOnDevice, client.Place is DevicePlace);
        var sampler = new DistributedSampler(Lines.Count, client, batch_size: 4, seed: 1);
        while (optimizer.CurrentStep < Steps && optimizer.WaitForStep())
        {
            using var scope = NewDisposeScope();
            optimizer.zero_grad();
            var (inputs, targets) = Lines.Read(sampler.Next());
            var loss = nn.functional.cross_entropy(network.call(inputs), targets);
            (id == "b" && optimizer.CurrentStep == 3 ? loss * float.NaN : loss).backward();
            nn.utils.clip_grad_norm_(network.parameters(), 0.5);
            optimizer.step();
        }
        Assert.Equal(id == "b", notes.Any(note => note.Contains("not finite", StringComparison.Ordinal)));
        return new Result(optimizer.Digest, Lines.Weights(network));
    }
}
