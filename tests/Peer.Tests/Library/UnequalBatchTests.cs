using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Models;
using DecentralizedLion.Models.Sampling;
using DecentralizedLion.Peer.Optimizers;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Configuration;
using DecentralizedLion.Topology.Simulation.Reference;
using DecentralizedLion.Topology.ViewChanges;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DecentralizedLion.Peer.Tests.Library;

/// <summary>Peers that take different batches, whose ballots count as many votes as their samples say.</summary>
public sealed class UnequalBatchTests
{
    const int Steps = 20;
    const float Rate = 0.01f, WeightDecay = 0.1f;

    static readonly int[] batches = [2, 3, 7]; // weights 1, 2 and 4; 20 steps are one epoch of 240

    [Theory]
    [InlineData("mavo", 0)]
    [InlineData("avg", 0)]
    [InlineData("g-lion", 0)]
    [InlineData("g-adamw", 0)]
    [InlineData("signum", 0)]
    [InlineData("terngrad", 0)]
    [InlineData("mavo", 3)]
    public async Task A_ring_ends_where_plain_loops_do_and_reads_each_sample_once(string method, int momentumSync)
    {
        using var ring = new LocalRing(3, $"\"exchange\": \"{(momentumSync > 0 ? "direct" : "ring")}\"", batches: batches);
        var options = new MethodOptions { Method = method, MomentumSync = momentumSync };
        var results = await ring.Run(id => Train(ring, id, options));
        Assert.Equal(Enumerable.Range(0, Lines.Count).Select(i => (long)i), results.SelectMany(r => r.Samples).Order());
        for (var peer = 0; peer < 3; peer++)
            Assert.Equal(batches[peer] * Steps, results[peer].Samples.Count);
        var expected = InOneProcess(options);
        Assert.All(results, result => Assert.Equal(expected.Select(BitConverter.SingleToInt32Bits),
            result.Weights.Select(BitConverter.SingleToInt32Bits)));
    }

    [Fact]
    public async Task Shares_of_a_sum_are_what_the_view_says_and_each_sample_is_read_once()
    {
        using var ring = new LocalRing(3, "\"batch\": \"auto\"");
        var results = await ring.Run(id => Train(ring, id, new MethodOptions())); // 3 × 4 samples a step, shared out
        Assert.Equal(Enumerable.Range(0, Lines.Count).Select(i => (long)i), results.SelectMany(r => r.Samples).Order());
        Assert.All(results, result => Assert.Equal(results[0].Weights, result.Weights));
    }

    [Theory]
    [InlineData("dgc", null, "batch: found \"auto\" with method dgc")]
    [InlineData("mavo", new[] { 4, 8 }, "batch: found \"auto\" together with a batch of a peer's own")]
    public async Task Shares_are_refused_where_they_cannot_be(string method, int[]? batches, string refusal)
    {
        using var ring = new LocalRing(2, "\"batch\": \"auto\"", batches: batches);
        var refused = await Assert.ThrowsAsync<SettingsException>(() =>
            Train(ring, "a", new MethodOptions { Method = method }));
        Assert.Contains(refusal, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_method_that_knows_no_weights_is_refused_before_the_first_step()
    {
        using var ring = new LocalRing(2, batches: [4, 8]);
        var refused = await Assert.ThrowsAsync<SettingsException>(() =>
            Train(ring, "a", new MethodOptions { Method = "dgc" }));
        Assert.Contains("peers: found batches of 4, 8 with method dgc; allowed with it is one batch for all", refused.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_sum_of_all_samples_does_not_go_with_batches_of_ones_own()
    {
        using var ring = new LocalRing(2, batches: [4, 8]);
        await using var client = await ring.Join("a");
        using var network = Lines.NewNetwork();
        using var optimizer = new DistributedLion(network.named_parameters(), client, lr: 0.01);
        var refused = Assert.Throws<ArgumentException>(() => new DistributedSampler(Lines.Count, client, batch_size: 4,
            options: new SamplerOptions { GlobalBatch = 16 }));
        Assert.Contains("GlobalBatch: found 16", refused.Message, StringComparison.Ordinal);
    }

    static async Task<(float[] Weights, List<long> Samples)> Train(LocalRing ring, string id, MethodOptions options)
    {
        await using var client = await ring.Join(id);
        using var network = Lines.NewNetwork();
        using var optimizer = new DistributedOptimizer(network.named_parameters(), client, LearningRate.Constant(Rate, Steps),
            WeightDecay, options);
        var sampler = new DistributedSampler(Lines.Count, client, batch_size: 4, seed: 1);
        var samples = new List<long>();
        while (optimizer.WaitForStep())
        {
            optimizer.zero_grad();
            var mine = sampler.Next();
            samples.AddRange(mine);
            Backward(network, mine);
            optimizer.step();
        }
        return (Lines.Weights(network), samples);
    }

    static void Backward(Sequential network, long[] samples)
    {
        using var scope = NewDisposeScope();
        var (inputs, targets) = Lines.Read(samples);
        nn.functional.cross_entropy(network.call(inputs), targets).backward();
    }

    /// <summary>The same by one network, and by plain loops over the peers' ballots.</summary>
    static float[] InOneProcess(MethodOptions options)
    {
        using var network = Lines.NewNetwork();
        var layout = new List<ParameterSlice>();
        foreach (var (name, parameter) in network.named_parameters())
            layout.Add(new ParameterSlice(name, parameter.shape, layout.Sum(slice => slice.Length), (int)parameter.numel()));
        var weights = Lines.Weights(network);
        var methods = batches.Select((_, self) => OptimizerFactory.Create(options, layout, self, seed: 1)).ToArray();
        var plan = new PooledSampler(Lines.Count, new BatchSize(4) { Own = batches }, Sampler.InitialState([0, 1, 2]));
        var order = new ShuffledOrder(1, Lines.Count);
        var view = new View(1, [0, 1, 2], [1, 2, 3], 1) { Shares = new BatchShares(batches, batches) };
        int[] previous = ReferenceVote.First(weights.Length);
        for (var step = 1; step <= Steps; step++)
        {
            var ballots = batches.Select(_ => new Ballot(methods[0].BucketsOf(step))).ToArray();
            for (var peer = 0; peer < 3; peer++)
                methods[peer].FillBallot(step, Gradient(network, plan.Samples(order, peer)), ballots[peer]);
            Aggregate[] aggregates = [.. methods[0].BucketsOf(step).Select((bucket, at) => ReferenceReduction.Decide(bucket,
                [.. ballots.Select((ballot, peer) => (peer, ballot.Buckets[at]))], view, step, previous))];
            var record = new StepRecord(step, 1, 1, view.MemberSet, view.MemberSet, new uint[3],
                BitConverter.SingleToUInt32Bits(Rate), BitConverter.SingleToUInt32Bits(WeightDecay), aggregates, default)
            {
                Batches = batches,
                NextBatches = batches,
            };
            foreach (var method in methods)
            {
                // All replicas are equal; what is shared is each one's own copy here.
                var copy = weights.ToArray();
                method.Apply(record, method == methods[^1] ? weights : copy);
                method.OnApplied(record);
            }
            for (var i = 0; i < previous.Length && aggregates[0].Planes.Length == (weights.Length + 63) / 64; i++)
            {
                var sign = ReferenceVote.Sign(aggregates[0].Planes, aggregates[0].Zeros, i);
                previous[i] = sign == 0 ? previous[i] : sign;
            }
            Write(weights, network);
            plan.Advance([0, 1, 2], [0, 1, 2]);
        }
        return weights;
    }

    static float[] Gradient(Sequential network, long[] samples)
    {
        network.zero_grad();
        Backward(network, samples);
        return [.. network.parameters().SelectMany(parameter => parameter.grad!.contiguous().data<float>().ToArray())];
    }

    static void Write(float[] weights, Sequential network)
    {
        using var quiet = no_grad();
        var at = 0;
        foreach (var parameter in network.parameters())
        {
            var length = (int)parameter.numel();
            parameter.copy_(tensor(weights[at..(at + length)]).view(parameter.shape));
            at += length;
        }
    }
}
