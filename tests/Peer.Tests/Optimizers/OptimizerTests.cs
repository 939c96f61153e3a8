using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.LionK;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Peer.Configuration;
using DecentralizedLion.Topology.Configuration;

namespace DecentralizedLion.Peer.Tests.Optimizers;

public class OptimizerTests
{
    public static TheoryData<string, int> MethodsAndWorkers()
    {
        var cases = new TheoryData<string, int>();
        foreach (var method in OptimizerRules.Names.Except(["terngrad"]))
            foreach (var workers in new[] { 1, 2, 4, 5 })
                cases.Add(method, workers);
        return cases;
    }

    [Theory]
    [MemberData(nameof(MethodsAndWorkers))]
    public void Weights_are_those_of_plain_loops_bit_for_bit(string method, int workers)
    {
        var harness = new OptimizerHarness($"\"method\": \"{method}\"", workers);
        var plain = new ReferenceRing(method, workers, [.. harness.Weights], OptimizerHarness.LearningRate,
            OptimizerHarness.Decay, harness.Settings.Beta1, harness.Settings.Beta2, harness.Settings.Keep);
        for (var step = 1; step <= 25; step++)
        {
            var gradients = OptimizerHarness.Gradients(step, workers);
            harness.Step(step, gradients);
            plain.Step(step, gradients);
            for (var i = 0; i < OptimizerHarness.Parameters; i++)
                Assert.True(BitConverter.SingleToInt32Bits(plain.Weights[i])
                    == BitConverter.SingleToInt32Bits(harness.Weights[i]),
                    $"step {step}, parameter {i}: {harness.Weights[i]:R}, and {plain.Weights[i]:R} by plain loops");
        }
    }

    [Theory]
    [InlineData("mavo")]
    [InlineData("avg")]
    [InlineData("signsgd")]
    [InlineData("signum")]
    [InlineData("g-lion")]
    [InlineData("g-adamw")]
    public void With_batches_that_differ_they_are_those_of_plain_loops_with_weights(string method)
    {
        int[] batches = [8, 40, 8, 20], weights = [1, 5, 1, 3];
        var harness = new OptimizerHarness($"\"method\": \"{method}\"", 4, batches);
        var plain = new ReferenceRing(method, 4, [.. harness.Weights], OptimizerHarness.LearningRate,
            OptimizerHarness.Decay, harness.Settings.Beta1, harness.Settings.Beta2, harness.Settings.Keep, weights);
        for (var step = 1; step <= 25; step++)
        {
            var gradients = OptimizerHarness.Gradients(step, 4);
            harness.Step(step, gradients);
            plain.Step(step, gradients);
            Assert.Equal(plain.Weights.Select(BitConverter.SingleToInt32Bits),
                harness.Weights.Select(BitConverter.SingleToInt32Bits));
        }
    }

    [Theory]
    [InlineData("mavo")]
    [InlineData("avg")]
    [InlineData("signsgd")]
    [InlineData("signum")]
    [InlineData("g-lion")]
    public void The_distance_to_the_box_shrinks_whatever_the_votes_are(string method)
    {
        var harness = new OptimizerHarness($"\"method\": \"{method}\"", 4);
        for (var i = 0; i < harness.Weights.Length; i++)
            harness.Weights[i] *= 20; // far outside of the box, whose half side is 1/λ = 2
        for (var step = 1; step <= 60; step++)
        {
            var before = LionTheory.BoxDistance(harness.Weights, OptimizerHarness.WeightDecay);
            harness.Step(step, OptimizerHarness.Gradients(step, 4));
            Assert.True(before > 0);
            Assert.InRange(LionTheory.BoxDistance(harness.Weights, OptimizerHarness.WeightDecay), 0,
                (before * OptimizerHarness.Decay) + 1e-5);
        }
    }

    [Fact]
    public void TernGrad_is_right_on_average_and_casts_nothing_but_three_values()
    {
        const int workers = 4, steps = 4000;
        var harness = new OptimizerHarness("\"method\": \"terngrad\"", workers);
        var start = harness.Weights.ToArray();
        var gradients = OptimizerHarness.Gradients(1, workers);
        harness.Step(1, gradients);
        // it only learns the scale
        Assert.All(Enumerable.Range(0, OptimizerHarness.Parameters),
            i => Assert.Equal(start[i] * OptimizerHarness.Decay, harness.Weights[i]));
        var sum = new double[OptimizerHarness.Parameters];
        for (var step = 2; step <= steps; step++)
        {
            start.CopyTo(harness.Weights, 0);
            harness.Step(step, gradients);
            for (var i = 0; i < sum.Length; i++)
                sum[i] += ((start[i] * OptimizerHarness.Decay) - harness.Weights[i]) / OptimizerHarness.LearningRate
                    / (steps - 1);
        }
        for (var i = 0; i < sum.Length; i++)
        {
            var mean = gradients.Average(of => (double)of[i]);
            Assert.InRange(sum[i], mean - 0.12, mean + 0.12); // s is at most 3, so six standard deviations
        }
    }

    [Fact]
    public void What_was_not_counted_stays_accumulated()
    {
        var harness = new OptimizerHarness("\"method\": \"graddrop\", \"keep\": 0.01", 2);
        var gradients = OptimizerHarness.Gradients(1, 2);
        var record = harness.Step(1, gradients);
        var counted = harness.DistributedOptimizers[1].LocalState[0].Values.ToArray();
        Assert.Equal(6, counted.Zip(gradients[1]).Count(pair => pair.First == 0 && pair.Second != 0));

        var late = new OptimizerHarness("\"method\": \"graddrop\", \"keep\": 0.01", 2).DistributedOptimizers[1];
        late.FillBallot(1, gradients[1], new Ballot(late.BucketsOf(1)));
        var alone = record.Buckets[0].Planes[..6];
        late.OnApplied(record with { Voters = default(PeerSet).With(0), Buckets = [new Aggregate(alone, null)] });
        Assert.Equal(gradients[1], late.LocalState[0].Values);
    }

    [Theory]
    [InlineData("whole")]
    [InlineData("piece")]
    public void Momenta_are_equal_after_they_were_synchronised(string by)
    {
        var harness = new OptimizerHarness($"\"method\": \"mavo\", \"momentumSync\": 7, \"momentumSyncBy\": \"{by}\"", 4);
        for (var step = 1; step <= 7; step++)
        {
            harness.Step(step, OptimizerHarness.Gradients(step, 4));
            if (by == "whole")
                Assert.Equal(step == 7, Equal(0, OptimizerHarness.Parameters));
            else
                Assert.True(Equal(OptimizerHarness.Parameters * (step - 1) / 7, OptimizerHarness.Parameters * step / 7));
        }

        bool Equal(int from, int to) =>
            harness.DistributedOptimizers.All(optimizer => optimizer.LocalState[0].Values.AsSpan(from..to)
                .SequenceEqual(harness.DistributedOptimizers[0].LocalState[0].Values.AsSpan(from..to)));
    }

    [Fact]
    public void The_mean_of_the_momenta_is_what_they_are_set_to()
    {
        var synchronised = new OptimizerHarness("\"method\": \"mavo\", \"momentumSync\": 1", 4);
        var plain = new OptimizerHarness("\"method\": \"mavo\"", 4);
        var gradients = OptimizerHarness.Gradients(1, 4);
        synchronised.Step(1, gradients);
        plain.Step(1, gradients);
        for (var i = 0; i < OptimizerHarness.Parameters; i++)
            Assert.Equal(plain.DistributedOptimizers.Average(optimizer => optimizer.LocalState[0].Values[i]),
                synchronised.DistributedOptimizers[0].LocalState[0].Values[i], 1e-7f);
    }

    [Fact]
    public void A_kappa_of_three_values_votes_and_others_step_by_their_gradient()
    {
        var top = new OptimizerHarness("\"method\": \"mavo\", \"kappa\": \"top-k(0.1)\"", 1);
        var before = top.Weights.ToArray();
        top.Step(1, OptimizerHarness.Gradients(1, 1));
        Assert.Equal(60,
            Enumerable.Range(0, OptimizerHarness.Parameters).Count(i => top.Weights[i] != before[i] * OptimizerHarness.Decay));

        var tanh = new OptimizerHarness("\"method\": \"g-lion\", \"kappa\": \"tanh(1)\"", 2);
        before = [.. tanh.Weights];
        var gradients = OptimizerHarness.Gradients(1, 2);
        tanh.Step(1, gradients);
        for (var i = 0; i < OptimizerHarness.Parameters; i++)
        {
            var u = 0.1f * (gradients[0][i] + gradients[1][i]) / 2;
            Assert.Equal((before[i] * OptimizerHarness.Decay) - (OptimizerHarness.LearningRate * MathF.Tanh(u)),
                tanh.Weights[i], 1e-6f);
        }
    }

    [Fact]
    public void Dgc_sends_less_and_less_until_its_warm_up_is_over()
    {
        var harness = new OptimizerHarness("\"method\": \"dgc\", \"keep\": 0.01, \"keepWarmup\": 40", 1);
        int[] entries = [.. Enumerable.Range(1, 50).Select(step => harness.DistributedOptimizers[0].BucketsOf(step)[0].Length)];
        Assert.Equal([150, 68, 30, 14, 6], entries.Distinct());
        Assert.Equal([10, 10, 10, 10, 10], entries.GroupBy(count => count).Select(equal => equal.Count()));
    }

    [Theory]
    [InlineData("\"method\": \"signsgd\", \"kappa\": \"top-k(0.1)\"",
        "kappa: found top-k(0.1) with method signsgd; allowed with it are mavo, avg, g-lion")]
    [InlineData("\"method\": \"mavo\", \"kappa\": \"tanh(1)\"",
        "kappa: found \"tanh(1)\" with method mavo; allowed with it are those whose gradient")]
    [InlineData("\"method\": \"mavo\", \"kappa\": \"lp(1)\"",
        "kappa: found \"lp(1)\"; lp(p) with 1 < p <= 64 is allowed")]
    [InlineData("\"method\": \"g-lion\", \"momentumSync\": 5",
        "momentumSync: found 5 with method g-lion; allowed with it are mavo, avg, signum")]
    [InlineData("\"method\": \"dgc\", \"delay\": 1", "delay: found 1 with method dgc; allowed is 0")]
    [InlineData("\"method\": \"g-adamw\", \"localSteps\": 4",
        "localSteps: found 4 with method g-adamw; allowed with it are mavo, avg, signsgd, signum")]
    public void An_option_that_the_method_does_not_know_is_refused(string settings, string message) =>
        Assert.Contains(message, Assert.Throws<SettingsException>(() => new OptimizerHarness(settings, 1)).Message);
}
