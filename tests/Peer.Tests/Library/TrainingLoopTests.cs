using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DecentralizedLion.Peer.Tests.Library;

/// <summary>A program's own loop on real rings: what it must be able to do.</summary>
public sealed class TrainingLoopTests
{
    const int Steps = 20;

    /// <summary>A peer's end: its step, the digest of all steps, its weights, and the samples it read.</summary>
    sealed record Result(long Step, string Digest, float[] Weights, List<long> Samples);

    static LearningRate Rate => LearningRate.Cosine(0.01, warmup: 2, steps: Steps);

    [Fact]
    public async Task Three_peers_end_with_the_same_bits_and_read_each_sample_once()
    {
        using var ring = new LocalRing(3);
        var results = await ring.Run(id => Train(ring, id));
        AssertEqual(results);
        Assert.All(results, result => Assert.Equal(Steps, result.Step));
        // 20 steps of 3 × 4 samples are one epoch of 240.
        Assert.Equal(Enumerable.Range(0, Lines.Count).Select(i => (long)i), results.SelectMany(r => r.Samples).Order());
    }

    public static TheoryData<string> Methods() =>
        ["mavo", "avg", "g-lion", "g-adamw", "signsgd", "signum", "terngrad", "graddrop", "dgc"];

    [Theory]
    [MemberData(nameof(Methods))]
    public async Task Every_method_trains(string method)
    {
        using var ring = new LocalRing(2);
        AssertEqual(await ring.Run(id => Train(ring, id, options: new MethodOptions { Method = method })));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(0, 3)]
    [InlineData(1, 2)]
    public async Task Delay_and_local_steps_train(int delay, int localSteps)
    {
        using var ring = new LocalRing(2);
        var results = await ring.Run(id => Train(ring, id,
            options: new MethodOptions { Delay = delay, LocalSteps = localSteps }));
        AssertEqual(results);
        Assert.All(results, result => Assert.Equal(Steps * localSteps * 4, result.Samples.Count));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Local_steps_need_no_sampler(bool hasBatches)
    {
        using var ring = new LocalRing(2, batches: hasBatches ? [2, 3] : null);
        var results = await ring.Run(async id =>
        {
            await using var client = await ring.Join(id);
            using var network = Lines.NewNetwork();
            using var optimizer = new DistributedLion(network.named_parameters(), client, Rate,
                options: new MethodOptions { LocalSteps = 4 });
            var samples = new List<long>();
            while (optimizer.CurrentStep < Steps / 4)
            {
                optimizer.zero_grad();
                long[] batch = [2 * samples.Count, 2 * samples.Count + 1];
                var (inputs, targets) = Lines.Read(batch);
                nn.functional.cross_entropy(network.call(inputs), targets).backward();
                optimizer.step();
                samples.Add(samples.Count);
            }
            return new Result(optimizer.CurrentStep, optimizer.Digest, Lines.Weights(network), samples);
        });
        AssertEqual(results);
        Assert.All(results, result => Assert.Equal((Steps / 4, Steps / 4 * 4), (result.Step, result.Samples.Count)));
    }

    [Fact]
    public async Task However_gradients_are_zeroed_or_replaced_the_step_is_the_same()
    {
        var ways = new Action<DistributedOptimizer, Sequential>[]
        {
            (optimizer, _) => optimizer.zero_grad(),
            (_, network) => network.zero_grad(),
            (optimizer, network) =>
            {
                optimizer.zero_grad();
                foreach (var parameter in network.parameters())
                    parameter.grad = zeros_like(parameter);
            },
        };
        var weights = new List<float[]>();
        foreach (var way in ways)
        {
            using var ring = new LocalRing(2);
            var results = await ring.Run(id => Train(ring, id, zero: way));
            AssertEqual(results);
            weights.Add(results[0].Weights);
        }
        Assert.All(weights, these => Assert.Equal(weights[0], these));
    }

    [Fact]
    public async Task Accumulated_mini_batches_are_one_gradient()
    {
        using var ring = new LocalRing(2);
        var results = await ring.Run(async id =>
        {
            await using var client = await ring.Join(id);
            using var network = Lines.NewNetwork();
            using var optimizer = new DistributedLion(network.named_parameters(), client, Rate);
            var sampler = new DistributedSampler(Lines.Count, client, batch_size: 4,
                options: new SamplerOptions { Accumulate = 3 });
            var samples = new List<long>();
            while (optimizer.CurrentStep < Steps / 2)
            {
                optimizer.zero_grad();
                for (var part = 0; part < 3; part++)
                    samples.AddRange(Backward(network, sampler));
                optimizer.step();
            }
            return new Result(optimizer.CurrentStep, optimizer.Digest, Lines.Weights(network), samples);
        });
        AssertEqual(results);
        Assert.Equal(Enumerable.Range(0, Lines.Count).Select(i => (long)i), results.SelectMany(r => r.Samples).Order());
    }

    [Fact]
    public async Task A_closure_computes_the_gradient_and_its_loss_comes_back()
    {
        using var ring = new LocalRing(2);
        var losses = await ring.Run(async id =>
        {
            await using var client = await ring.Join(id);
            using var network = Lines.NewNetwork();
            using var optimizer = new DistributedLion(network.named_parameters(), client, Rate);
            var sampler = new DistributedSampler(Lines.Count, client, batch_size: 4);
            var told = new List<double?>();
            optimizer.StepApplied += applied => told.Add(applied.Loss);
            var mine = new List<float>();
            while (optimizer.CurrentStep < Steps)
            {
                using var scope = NewDisposeScope();
                var loss = optimizer.step(() =>
                {
                    optimizer.zero_grad();
                    var (inputs, targets) = Lines.Read(sampler.Next());
                    var value = nn.functional.cross_entropy(network.call(inputs), targets);
                    value.backward();
                    return value;
                });
                mine.Add(loss.item<float>());
            }
            Assert.Equal(Steps, told.Count);
            return (mine, told);
        });
        for (var step = 0; step < Steps; step++)
            Assert.Equal((losses[0].mine[step] + (double)losses[1].mine[step]) / 2, losses[0].told[step]!.Value, 1e-6);
    }

    [Fact]
    public async Task Who_is_started_again_goes_on_from_its_folder_with_the_samples_that_are_left()
    {
        using var ring = new LocalRing(2, "\"checkpointEvery\": 5");
        var first = await ring.Run(id => Train(ring, id, until: 8));
        AssertEqual(first);
        Assert.All(first, result => Assert.InRange(result.Step, 8, 8));
        var second = await ring.Run(id => Train(ring, id));
        AssertEqual(second);
        Assert.All(second, result => Assert.Equal(Steps, result.Step));
        // The one that left last may make a step or two alone before the other is back; no sample is read twice all the same.
        var samples = first.Concat(second).SelectMany(result => result.Samples).ToArray();
        Assert.Equal(samples.Length, samples.Distinct().Count());
    }

    [Fact]
    public async Task A_run_that_is_complete_has_its_weights_when_it_is_opened_again()
    {
        using var ring = new LocalRing(2);
        var before = await ring.Run(id => Train(ring, id));
        var after = await ring.Run(id => Train(ring, id));
        Assert.All(after, result => Assert.Empty(result.Samples));
        Assert.Equal(before[0].Weights, after[1].Weights);
        Assert.Equal(before[0].Digest, after[0].Digest);
    }

    [Fact]
    public async Task Frozen_tied_and_unused_parameters_are_no_trouble()
    {
        using var ring = new LocalRing(2);
        var results = await ring.Run(async id =>
        {
            await using var client = await ring.Join(id);
            using var network = Lines.NewNetwork();
            using var unused = new Parameter(ones(5));
            using var frozen = new Parameter(ones(7), requires_grad: false);
            var all = network.named_parameters().Append(("unused", unused)).Append(("frozen", frozen))
                .Concat(network.named_parameters().Select(named => ("again." + named.name, named.parameter)));
            using var optimizer = new DistributedLion(all, client, Rate, weight_decay: 0);
            var sampler = new DistributedSampler(Lines.Count, client, batch_size: 4);
            while (optimizer.CurrentStep < Steps)
            {
                optimizer.zero_grad();
                Backward(network, sampler);
                optimizer.step();
            }
            Assert.All(unused.data<float>().ToArray(), value => Assert.Equal(1f, value));
            Assert.All(frozen.data<float>().ToArray(), value => Assert.Equal(1f, value));
            return new Result(optimizer.CurrentStep, optimizer.Digest, Lines.Weights(network), []);
        });
        AssertEqual(results);
    }

    [Fact]
    public async Task A_program_without_a_sampler_reads_what_it_likes()
    {
        using var ring = new LocalRing(2);
        var results = await ring.Run(async id =>
        {
            await using var client = await ring.Join(id);
            using var network = Lines.NewNetwork();
            using var optimizer = new DistributedLion(network.named_parameters(), client, lr: 0.01);
            while (optimizer.CurrentStep < Steps)
            {
                using var scope = NewDisposeScope();
                optimizer.zero_grad();
                var (inputs, targets) = Lines.Read([optimizer.CurrentStep, id[0]]);
                var loss = nn.functional.cross_entropy(network.call(inputs), targets);
                loss.backward();
                optimizer.step(loss);
            }
            return new Result(optimizer.CurrentStep, optimizer.Digest, Lines.Weights(network), []);
        });
        AssertEqual(results);
        Assert.All(results, result => Assert.Equal(Steps, result.Step));
    }

    [Fact]
    public async Task Metrics_and_checkpoints_are_written_by_themselves()
    {
        using var ring = new LocalRing(2);
        await ring.Run(id => Train(ring, id));
        foreach (var id in ring.Ids)
        {
            var lines = File.ReadAllLines(Path.Combine(ring.FolderOf(id), "metrics.jsonl"));
            Assert.Equal(Steps, lines.Count(line => line.Contains("\"kind\":\"step\"", StringComparison.Ordinal)));
            Assert.Contains("\"reason\":\"finished\"", lines[^1], StringComparison.OrdinalIgnoreCase);
            Assert.Contains(Directory.GetFiles(ring.FolderOf(id), "step-*.safetensors"),
                file => file.Contains($"{Steps}", StringComparison.Ordinal));
        }
    }

    static async Task<Result> Train(LocalRing ring, string id, long until = Steps, MethodOptions? options = null,
        Action<DistributedOptimizer, Sequential>? zero = null)
    {
        await using var client = await ring.Join(id);
        using var network = Lines.NewNetwork();
        using var optimizer = new DistributedOptimizer(network.named_parameters(), client, Rate, options: options);
        var sampler = new DistributedSampler(Lines.Count, client, batch_size: 4, seed: 1);
        var samples = new List<long>();
        while (optimizer.CurrentStep < until && optimizer.WaitForStep())
        {
            if (zero is null)
                optimizer.zero_grad();
            else
                zero(optimizer, network);
            samples.AddRange(Backward(network, sampler));
            optimizer.step();
        }
        return new Result(optimizer.CurrentStep, optimizer.Digest, Lines.Weights(network), samples);
    }

    static long[] Backward(Sequential network, DistributedSampler sampler)
    {
        using var scope = NewDisposeScope();
        var samples = sampler.Next();
        var (inputs, targets) = Lines.Read(samples);
        nn.functional.cross_entropy(network.call(inputs), targets).backward();
        return samples;
    }

    static void AssertEqual(Result[] results)
    {
        Assert.All(results, result => Assert.Equal(results[0].Digest, result.Digest));
        Assert.All(results, result => Assert.Equal(results[0].Weights, result.Weights));
    }
}
