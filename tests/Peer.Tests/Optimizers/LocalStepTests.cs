using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Models;
using DecentralizedLion.Models.Networks;
using DecentralizedLion.Peer.Cli.Compare;
using DecentralizedLion.Peer.Configuration;
using DecentralizedLion.Peer.Optimizers;
using DecentralizedLion.Peer.Tests.Training;
using DecentralizedLion.Peer.Training;
using DecentralizedLion.Topology.Configuration;
using TorchSharp;

namespace DecentralizedLion.Peer.Tests.Optimizers;

/// <summary>One peer's part of a step against plain loops over arrays.</summary>
public sealed class LocalStepTests : IDisposable
{
    const int Batch = 4;

    readonly FlatModel model = NewModel(), plain = NewModel();

    public LocalStepTests()
    {
        model.Weights.CopyTo(plain.Weights); // libtorch has one generator for all threads
        plain.CopyWeightsToDevice();
    }

    public void Dispose()
    {
        model.Dispose();
        plain.Dispose();
    }

    [Theory]
    [InlineData("mavo", 1)]
    [InlineData("mavo", 2)]
    [InlineData("mavo", 5)]
    [InlineData("avg", 4)]
    [InlineData("signsgd", 4)]
    [InlineData("signum", 3)]
    public void A_ballot_is_the_sign_of_what_the_local_steps_moved(string method, int steps)
    {
        var settings = Settings(method, steps);
        var rule = OptimizerFactory.Create(settings.Options, model.Layout, 0, settings.Seed);
        var local = new LocalStep(settings, model, new SyntheticSplit(), rule);
        var momentum = new float[model.Count];
        var ballot = new Ballot(rule.BucketsOf(1));
        float[] start = [.. model.Weights];
        for (var step = 1; step <= 6; step++)
        {
            var (samples, positions) = Share(steps, step);
            Assert.True(local.TryCompute(samples, positions, step, ballot, out var loss));
            var (votes, mean) = Plain(method, settings, momentum, steps, step);
            for (var i = 0; i < votes.Length; i++)
                Assert.True(votes[i] == Vote(ballot, i),
                    $"step {step}, parameter {i}: {Vote(ballot, i)}, and {votes[i]} by plain loops");
            Assert.Equal(mean, loss);
            Assert.True(model.Weights.SequenceEqual(start));
            if (rule.LocalState is [var own])
                Assert.Equal(momentum, own.Values);
        }
    }

    [Theory]
    [InlineData("+-", '-')]
    [InlineData("-+", '+')]
    [InlineData("+0", '+')]
    [InlineData("0-", '-')]
    [InlineData("+-0", '0')]
    [InlineData("--+", '-')]
    [InlineData("000", '0')]
    public void Where_as_many_steps_went_up_as_down_the_last_one_decides(string steps, char decided)
    {
        var (local, ballot) = (new LocalUpdates(model.Parameters, null), new Ballot(model.Count));
        local.Begin();
        foreach (var step in steps)
        {
            ballot.Signs.Clear();
            ballot.Zeros.Clear();
            ballot.Signs[1] = step == '+' ? 1UL : 0;
            ballot.Zeros[1] = step == '0' ? 1UL : 0;
            local.Step(ballot, 0.1f);
        }
        local.End(ballot);
        Assert.Equal(decided, Vote(ballot, 64) switch { 0 => '0', 1 => '+', _ => '-' });
        Assert.Equal(-1, Vote(ballot, 63));
    }

    [Fact]
    public void A_local_gradient_that_is_not_finite_ends_the_step_and_is_in_no_momentum()
    {
        var settings = Settings("mavo", 3);
        var rule = OptimizerFactory.Create(settings.Options, model.Layout, 0, settings.Seed);
        var local = new LocalStep(settings, model, new SyntheticSplit(2, 3), rule);
        var momentum = new float[model.Count];
        float[] start = [.. model.Weights];
        var (samples, positions) = Share(3, 1);
        Assert.False(local.TryCompute(samples, positions, 1, new Ballot(rule.BucketsOf(1)), out var loss));
        Assert.False(float.IsFinite(loss));
        Assert.True(model.Weights.SequenceEqual(start));
        Plain("mavo", settings, momentum, 1, 1);
        Assert.Equal(momentum, rule.LocalState[0].Values);
        Assert.Contains(momentum, value => value != 0);
    }

    /// <summary>The votes of a step's local steps, which end where they began.</summary>
    (int[] Votes, float Loss) Plain(string method, TrainingSettings settings, float[] m, int steps, int step)
    {
        float[] start = [.. plain.Weights];
        int[] sum = new int[m.Length], last = new int[m.Length];
        var loss = 0f;
        var rate = LearningRateSchedule.Of(settings).LearningRate(step - 1) / steps;
        for (var k = 0; k < steps; k++)
        {
            loss += plain.Backward(new SyntheticSplit()
                .Read([.. Enumerable.Range(0, Batch).Select(i => Sample(step, (k * Batch) + i))]));
            for (var i = 0; i < m.Length; i++)
            {
                var g = plain.Gradient[i];
                last[i] = method switch
                {
                    "signsgd" => Math.Sign(g),
                    "signum" => Math.Sign(m[i] = (settings.Beta1 * m[i]) + ((1 - settings.Beta1) * g)),
                    _ => Math.Sign((settings.Beta1 * m[i]) + ((1 - settings.Beta1) * g)),
                };
                if (method is "mavo" or "avg")
                    m[i] = (settings.Beta2 * m[i]) + ((1 - settings.Beta2) * g);
                sum[i] += last[i];
                plain.Weights[i] -= rate * last[i];
            }
            plain.CopyWeightsToDevice();
        }
        start.CopyTo(plain.Weights);
        plain.CopyWeightsToDevice();
        return ([.. sum.Select((total, i) => total != 0 ? Math.Sign(total) : last[i])], loss / steps);
    }

    static (long[] Samples, long[] Positions) Share(int steps, int step) =>
        ([.. Enumerable.Range(0, steps * Batch).Select(i => Sample(step, i))],
            [.. Enumerable.Range(0, steps * Batch).Select(i => (long)i)]);

    static long Sample(int step, int i) => ((step * 11) + (i * 5)) % 64;

    static int Vote(Ballot ballot, int i) =>
        (ballot.Zeros[i / 64] >> (i % 64) & 1) != 0 ? 0 : (ballot.Signs[i / 64] >> (i % 64) & 1) != 0 ? 1 : -1;

    static TrainingSettings Settings(string method, int localSteps) => TrainingSettings.Read(SettingsReader.Parse(
        $$"""
        {
          "run": "r", "steps": 20, "batch": {{Batch}}, "learningRate": 0.02, "warmup": 3, "method": "{{method}}",
          "localSteps": {{localSteps}}
        }
        """, "peers.json"));

    static FlatModel NewModel() => new(NetworkFactory.Create(new MlpSettings(8, 1), [1, 4, 4], 2), torch.device("cpu"));
}
