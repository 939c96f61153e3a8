using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DecentralizedLion.Peer.Tests.Library;

/// <summary>Groups of parameters with a weight decay and a learning rate of their own.</summary>
public sealed class ParameterGroupTests
{
    const int Steps = 12;

    public static TheoryData<string> Methods() => TrainingLoopTests.Methods();

    [Theory]
    [MemberData(nameof(Methods))]
    public async Task Groups_that_have_the_optimizers_rates_give_the_bits_of_none(string method)
    {
        var options = new MethodOptions { Method = method };
        var without = await Train(network => [new ParameterGroup(network.named_parameters())], options);
        // A group's own decay sends the step through the groups, of the same value.
        var with = await Train(network =>
        [
            new ParameterGroup(network.named_parameters().Take(3)) { WeightDecay = 0.1 },
            new ParameterGroup(network.named_parameters().Skip(3)),
        ], options);
        Assert.Equal(without, with);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task Each_group_moves_by_its_own_rates(int localSteps)
    {
        const float Rate = 0.01f;
        var start = Lines.Weights(Lines.NewNetwork());
        var end = await Train(network =>
        [
            // 4 × 8 weights stay; 8 biases take half the rate; the rest only decays.
            new ParameterGroup(network.named_parameters().Take(1)) { WeightDecay = 0, LearningRateFactor = 0 },
            new ParameterGroup(network.named_parameters().Skip(1).Take(1)) { WeightDecay = 0, LearningRateFactor = 0.5 },
            new ParameterGroup(network.named_parameters().Skip(2)) { WeightDecay = 0 },
        ], new MethodOptions { LocalSteps = localSteps }, Rate, steps: 1);
        Assert.Equal(start[..32], end[..32]);
        for (var i = 32; i < start.Length; i++)
            Assert.Equal(i < 40 ? Rate / 2 : Rate, MathF.Abs(end[i] - start[i]), 1e-6f);
    }

    [Fact]
    public async Task A_step_without_votes_decays_each_group_by_its_own()
    {
        var start = Lines.Weights(Lines.NewNetwork());
        var end = await Train(network =>
        [
            new ParameterGroup(network.named_parameters().Take(2)) { WeightDecay = 0 },
            new ParameterGroup(network.named_parameters().Skip(2)) { WeightDecay = 10 },
        ], new MethodOptions(), 0.01f, steps: 1, isNaN: true);
        Assert.Equal(start[..40], end[..40]);
        for (var i = 40; i < start.Length; i++)
            Assert.Equal(start[i] * 0.9f, end[i], 1e-6f);
    }

    [Fact]
    public async Task The_rates_of_the_groups_are_shown_and_no_scheduler_changes_one()
    {
        using var ring = new LocalRing(2);
        await using var client = await ring.Join("a");
        using var network = Lines.NewNetwork();
        using var optimizer = new DistributedOptimizer(
        [
            new ParameterGroup(network.named_parameters().Take(2)),
            new ParameterGroup(network.named_parameters().Skip(2)) { LearningRateFactor = 3 },
        ], client, lr: LearningRate.Of(step => 0.5f / step));
        var groups = optimizer.ParamGroups.ToArray();
        Assert.Equal([0.5, 1.5], groups.Select(group => group.LearningRate));
        groups[1].LearningRate = 1;
        var error = Assert.Throws<InvalidOperationException>(() => optimizer.step());
        Assert.Contains("1.5", error.Message);
    }

    [Fact]
    public async Task What_is_no_group_is_refused_by_name()
    {
        using var ring = new LocalRing(2);
        await using var client = await ring.Join("a");
        using var network = Lines.NewNetwork();
        var all = network.named_parameters().ToArray();
        AssertRefused("groups: found none", []);
        AssertRefused("groups[1].WeightDecay: found -1; allowed is 0 to 1000",
            [new ParameterGroup(all[..2]), new ParameterGroup(all[2..]) { WeightDecay = -1 }]);
        AssertRefused("groups[0].LearningRateFactor: found NaN; allowed is 0 to 1000",
            [new ParameterGroup(all) { LearningRateFactor = double.NaN }]);
        AssertRefused("parameter second.weight is in groups 0 and 1",
            [new ParameterGroup(all[..3]), new ParameterGroup(all[2..])]);
        using var alias = new Parameter(all[0].parameter.detach());
        AssertRefused("parameter alias, which shares its memory with first.weight, is in groups 0 and 1",
            [new ParameterGroup(all), new ParameterGroup([("alias", alias)])]);
        using var optimizer = new DistributedOptimizer(all, client, lr: 0.1f); // nothing refused has taken the ring

        void AssertRefused(string message, ParameterGroup[] groups) => Assert.Contains(message,
            Assert.Throws<ArgumentException>(() => new DistributedOptimizer(groups, client, lr: 0.1f)).Message);
    }

    [Fact]
    public async Task Peers_whose_groups_differ_are_told_so()
    {
        using var ring = new LocalRing(2);
        var errors = await ring.Run(async id =>
        {
            await using var client = await ring.Join(id);
            using var network = Lines.NewNetwork();
            using var optimizer = new DistributedOptimizer(
                [new ParameterGroup(network.named_parameters()) { LearningRateFactor = id == "a" ? 2 : 3 }], client, lr: 0.1f);
            return Assert.ThrowsAny<Exception>(() => optimizer.WaitForStep()).Message;
        });
        Assert.Contains(errors, error => error.Contains("group.0", StringComparison.Ordinal)
            && error.Contains("learning-rate factor 2", StringComparison.Ordinal));
    }

    static async Task<float[]> Train(Func<Sequential, ParameterGroup[]> groups, MethodOptions options, float rate = 0.01f,
        int steps = Steps, bool isNaN = false)
    {
        using var ring = new LocalRing(2);
        var weights = await ring.Run(async id =>
        {
            await using var client = await ring.Join(id);
            using var network = Lines.NewNetwork();
            using var optimizer = new DistributedOptimizer(groups(network), client,
                LearningRate.Of(_ => rate), weight_decay: 0.1, options: options);
            var sampler = new DistributedSampler(Lines.Count, client, batch_size: 4, seed: 1);
            while (optimizer.CurrentStep < steps && optimizer.WaitForStep())
            {
                using var scope = NewDisposeScope();
                optimizer.zero_grad();
                var (inputs, targets) = Lines.Read(sampler.Next());
                var loss = nn.functional.cross_entropy(network.call(inputs), targets);
                (isNaN ? loss * float.NaN : loss).backward();
                optimizer.step();
            }
            return Lines.Weights(network);
        });
        Assert.Equal(weights[0], weights[1]);
        return weights[0];
    }
}
