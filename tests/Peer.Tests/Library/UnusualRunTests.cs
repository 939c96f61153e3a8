using System.Collections.Concurrent;
using DecentralizedLion.Peer.Metrics;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DecentralizedLion.Peer.Tests.Library;

/// <summary>Runs that are out of the ordinary and must end as all others do: with the same bits on all peers.</summary>
public sealed class UnusualRunTests
{
    const int Steps = 20;

    sealed record Result(string Digest, float[] Weights, IReadOnlyList<long> Samples, IReadOnlyList<float> Unused);

    static LearningRate Rate => LearningRate.Cosine(0.01, warmup: 2, steps: Steps);

    [Fact]
    public async Task A_gradient_that_is_not_finite_on_one_peer_in_mid_run_costs_its_votes_and_nothing_else()
    {
        using var ring = new LocalRing(3);
        var steps = new ConcurrentDictionary<long, Stepped>();
        var notes = new ConcurrentQueue<string>();
        var results = await ring.Run(id => Train(ring, id, new PeerOptions
        {
            OnEvent = happened =>
            {
                if (happened is Stepped step)
                    steps[step.Step] = step;
                else if (happened is Note note)
                    notes.Enqueue(note.Text);
            },
        }, damage: (step, network) =>
        {
            if (id == "b" && step is 8 or 9)
                network.parameters().Last().grad![0] = step == 8 ? float.NaN : float.PositiveInfinity;
        }));
        AssertEqual(results);
        Assert.Equal(Range(1, Steps).Select(step => step is 8 or 9 ? 2 : 3), Range(1, Steps).Select(step => steps[step].Voters));
        Assert.Contains(notes, note => note.StartsWith("step 8: the gradient is not finite; no ballot is cast",
            StringComparison.Ordinal));
        Assert.All(results[0].Weights, weight => Assert.True(float.IsFinite(weight)));
    }

    [Fact]
    public async Task Sixteen_peers_train()
    {
        using var ring = new LocalRing(16);
        var results = await ring.Run(id => Train(ring, id, batch: 1));
        AssertEqual(results);
        // 20 steps of 16 samples: all of them once, and a third of them once more.
        var times = results.SelectMany(result => result.Samples).CountBy(sample => sample).Select(one => one.Value).ToList();
        Assert.Equal((Lines.Count, 16 * Steps), (times.Count, times.Sum()));
        Assert.All(times, count => Assert.InRange(count, 1, 2));
    }

    [Theory]
    [InlineData("mavo")]
    [InlineData("avg")]
    [InlineData("g-lion")]
    [InlineData("g-adamw")]
    [InlineData("dgc")]
    public async Task Parameters_that_never_get_a_gradient_stay_as_they_are(string method)
    {
        using var ring = new LocalRing(2);
        var results = await ring.Run(id => Train(ring, id, method: method));
        AssertEqual(results);
        using var untouched = NewUnused();
        Assert.All(results, result => Assert.Equal(Lines.Weights(untouched), result.Unused));
        using var network = Lines.NewNetwork();
        Assert.NotEqual(Lines.Weights(network), results[0].Weights);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(7)]
    [InlineData(2)]
    public async Task A_global_batch_that_does_not_divide_is_shared_out_whole(int globalBatch)
    {
        using var ring = new LocalRing(3);
        var results = await ring.Run(id => Train(ring, id, globalBatch: globalBatch));
        AssertEqual(results);
        var samples = results.SelectMany(result => result.Samples).ToList();
        Assert.Equal(Steps * globalBatch, samples.Count);
        Assert.Equal(samples.Count, samples.Distinct().Count());
    }

    [Fact]
    public async Task Ids_of_63_characters_are_names_like_others()
    {
        using var ring = new LocalRing(2, prefix: new string('n', 62));
        Assert.All(ring.Ids, id => Assert.Equal(63, id.Length));
        AssertEqual(await ring.Run(id => Train(ring, id)));
    }

    static async Task<Result> Train(LocalRing ring, string id, PeerOptions? peer = null, string method = "mavo", int batch = 4,
        int? globalBatch = null, Action<long, Sequential>? damage = null)
    {
        await using var client = await ring.Join(id, peer);
        using var network = Lines.NewNetwork();
        using var unused = NewUnused();
        using var optimizer = new DistributedOptimizer(
            [.. network.named_parameters(), .. unused.named_parameters().Select(one => ("unused." + one.name, one.parameter))],
            client, Rate, weight_decay: 0, options: new MethodOptions { Method = method });
        var sampler = new DistributedSampler(Lines.Count, client, batch,
            options: new SamplerOptions { GlobalBatch = globalBatch });
        var samples = new List<long>();
        while (optimizer.WaitForStep())
        {
            using var scope = NewDisposeScope();
            optimizer.zero_grad();
            var next = sampler.Next();
            samples.AddRange(next);
            var (inputs, targets) = Lines.Read(next);
            nn.functional.cross_entropy(network.call(inputs), targets).backward();
            damage?.Invoke(optimizer.CurrentStep + 1, network);
            optimizer.step();
        }
        return new Result(optimizer.Digest, Lines.Weights(network), samples, Lines.Weights(unused));
    }

    static Linear NewUnused()
    {
        var layer = nn.Linear(5, 7);
        using var quiet = no_grad();
        foreach (var parameter in layer.parameters())
            parameter.fill_(0.25f);
        return layer;
    }

    static IEnumerable<long> Range(int first, int count) => Enumerable.Range(first, count).Select(step => (long)step);

    static void AssertEqual(Result[] results)
    {
        Assert.All(results, result => Assert.Equal(results[0].Digest, result.Digest));
        Assert.All(results, result => Assert.Equal(results[0].Weights, result.Weights));
    }
}
