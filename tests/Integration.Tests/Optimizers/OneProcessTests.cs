using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Peer.Metrics;
using DecentralizedLion.Peer.Optimizers;

namespace DecentralizedLion.Integration.Tests.Optimizers;

/// <summary>N processes over real sockets end with the weights of one process that has all workers, and send the bits that their
/// method states.</summary>
public class OneProcessTests
{
    const int Steps = 15;

    /// <summary>Over 100,000 parameters, so that what is rounded up to whole words is nothing; a batch in which nothing has a
    /// gradient of exactly zero.</summary>
    const string Large = """ "batch": 16, "model": { "kind": "mlp", "width": 400, "depth": 1 } """;

    /// <summary>Bits per parameter, step and peer by hand for four peers: what goes to the owners of the four chunks hop by hop,
    /// and what comes back.</summary>
    [Theory]
    [InlineData("mavo", "ring", ((1 + 2 + 2) / 4.0) + (3 / 4.0 * 1))]
    [InlineData("mavo", "direct", 3 / 4.0 * (1 + 1))]
    [InlineData("avg", "ring", ((1 + 2 + 2) / 4.0) + (3 / 4.0 * 3))]
    [InlineData("avg", "direct", 3 / 4.0 * (1 + 3))]
    [InlineData("g-lion", "ring", 3 / 4.0 * (32 + 32))]
    [InlineData("g-lion", "direct", 3 / 4.0 * (32 + 32))]
    [InlineData("g-adamw", "ring", 3 / 4.0 * (32 + 32))]
    [InlineData("signsgd", "ring", ((1 + 2 + 2) / 4.0) + (3 / 4.0 * 1))]
    [InlineData("signum", "direct", 3 / 4.0 * (1 + 1))]
    [InlineData("terngrad", "ring", ((2 + 3 + 3) / 4.0) + (3 / 4.0 * 4))]
    [InlineData("terngrad", "direct", 3 / 4.0 * (2 + 4))]
    [InlineData("graddrop", "ring", 64 * 0.04 * 3)]
    [InlineData("graddrop", "direct", 64 * 0.04 * 3)]
    [InlineData("dgc", "ring", 64 * ((3 * (0.25 + 0.1581139 + 0.1 + 0.0632456)) + (3 * 0.04)) / 15 * 3)]
    [InlineData("mavo, momenta by pieces", "ring", 2 + (48 / 5.0))]
    [InlineData("mavo, momenta as a whole", "direct", 1.5 + (48 / 5.0))]
    [InlineData("mavo, delay 1", "direct", 1.5)]
    [InlineData("mavo, delay 2", "ring", 2.0)]
    [InlineData("mavo, local steps", "ring", 2.0)]
    [InlineData("g-lion, tanh", "direct", 48.0)]
    [InlineData("mavo, soft threshold", "ring", 2 * 2.0)] // its zeros are as many planes again
    public async Task Four_end_where_one_process_does_and_send_what_the_method_states(string method, string exchange, double bits)
    {
        using var place = new TestCluster(4, $$"""
            { "steps": {{Steps}}, "exchange": "{{exchange}}", {{Large}}, {{TestCluster.AllVote}}, {{MethodCases.Fields(method)}} }
            """, pooled: true);
        var one = await Compare(place);
        var training = place.Run().Training;
        var rule = OptimizerFactory.Create(training.Options, one.Tensors, 0, training.Seed);
        var steps = Enumerable.Range(1, Steps).Select(step => rule.BucketsOf(step)).ToArray();
        var stated = steps.Average(buckets => exchange == "ring" ? WireBits.Ring(buckets, 4) : WireBits.Direct(buckets, 4))
            / one.Weights.Length;
        if (method == "mavo, soft threshold")
            stated *= 2;
        Assert.InRange(stated, 0.999 * bits, 1.001 * bits);
        var sent = place.Names.Average(name => place.Metrics(name).OfType<Stepped>().Average(step => step.BitsPerParameter));
        // What was asked for again, because the machine was slow, was sent again: of any ask, less than all that a peer sends in
        // a step.
        var asked = place.Names.Sum(name => place.Metrics(name).OfType<Ended>().Single().Retries!.Value);
        var most = steps.Max(buckets => WireBits.Direct(buckets, 4) * 2) / one.Weights.Length;
        Assert.InRange(sent, 0.95 * stated, (1.05 * stated) + (asked * most / (4 * Steps)));
    }

    /// <summary>Few samples and few hidden units, so that some gradients are exactly zero; chunks that are no more than a few
    /// words.</summary>
    [Theory]
    [InlineData(3, "direct", "mavo, delay 2")]
    [InlineData(3, "ring", "avg")]
    [InlineData(3, "direct", "dgc")]
    [InlineData(5, "direct", "g-lion")]
    [InlineData(5, "ring", "terngrad")]
    [InlineData(5, "ring", "mavo, momenta as a whole")]
    [InlineData(4, "direct", "mavo, local steps")]
    [InlineData(3, "ring", "mavo, matrices decay")]
    public async Task Others_end_where_one_process_does(int peers, string exchange, string method)
    {
        using var place = new TestCluster(peers, $$"""
            { "steps": 30, "exchange": "{{exchange}}", {{TestCluster.AllVote}}, {{MethodCases.Fields(method)}} }
            """, pooled: true);
        await Compare(place);
    }

    static async Task<SingleProcessRun> Compare(TestCluster place)
    {
        var running = place.AllPeers();
        var one = new SingleProcessRun(place.Run());
        foreach (var process in running)
            await process.Exits(0);
        var steps = place.Run().Training.Steps;
        // Else equal weights would say nothing.
        Assert.True(one.Moved > one.Weights.Length / 2, $"{one.Moved} of {one.Weights.Length} weights moved");
        foreach (var name in place.Names)
        {
            one.Compare(place.CheckpointFile(name, steps));
            Assert.Equal(place.Checkpoint(place.Names[0], steps), place.Checkpoint(name, steps));
            Assert.All(place.Metrics(name).OfType<Stepped>(), step => Assert.Equal(place.Names.Count, step.Voters));
        }
        return one;
    }
}
