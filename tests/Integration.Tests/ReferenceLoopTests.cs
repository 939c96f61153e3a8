using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Integration.Tests;

/// <summary>N processes over real sockets and one process with plain loops end with the same weights, bit for bit.</summary>
public class ReferenceLoopTests
{
    /// <summary>With β1 = 0 and a rate so large that hidden units go silent, gradients and with them votes are exactly
    /// zero.</summary>
    const string Silent = """, "beta1": 0, "learningRate": 0.05, "warmup": 0""";

    [Theory]
    [InlineData(2, "ring", "previous", "")]
    [InlineData(2, "direct", "zero", Silent)]
    [InlineData(3, "ring", "zero", Silent)]
    [InlineData(3, "direct", "previous", Silent)]
    [InlineData(4, "ring", "previous", "")]
    [InlineData(4, "ring", "zero", Silent)]
    [InlineData(4, "direct", "previous", Silent)]
    [InlineData(4, "direct", "zero", "")]
    [InlineData(5, "ring", "previous", Silent)]
    public async Task Processes_end_where_plain_loops_do(int peers, string exchange, string ties, string more)
    {
        using var place = new TestCluster(peers,
            $$"""{ "exchange": "{{exchange}}", "ties": "{{ties}}", {{TestCluster.AllVote}}{{more}} }""", pooled: true);
        var running = place.AllPeers();
        var oracle = new ReferenceLoop(place.Run());
        foreach (var process in running)
            await process.Exits(0);

        // Otherwise the rules compared here never came to bear.
        Assert.True(oracle.Ties > 1000 && (more == "" || oracle.Abstentions > 1000),
            $"{oracle.Ties} ties, {oracle.Abstentions} abstentions");
        foreach (var name in place.Names)
        {
            var (weights, previous) = (new float[oracle.Weights.Length], new ulong[(oracle.Weights.Length + 63) / 64]);
            var progress = Checkpoint.Read(place.CheckpointFile(name, 30),
                new CheckpointState(oracle.Layout, previous, [], []), weights);
            Assert.Equal(30, progress.Step);
            AssertSameBits(name, oracle.Weights, weights);
            Assert.Equal(oracle.Previous,
                Enumerable.Range(0, weights.Length).Select(i => (previous[i / 64] >> (i % 64) & 1) != 0));
            var steps = place.Metrics(name).OfType<Stepped>().ToArray();
            Assert.Equal(oracle.Losses, steps.Select(s => s.Loss!.Value));
            Assert.All(steps, s => Assert.Equal(peers, s.Voters));
            Assert.Equal(place.Checkpoint(place.Names[0], 30), place.Checkpoint(name, 30));
        }
    }

    static void AssertSameBits(string name, float[] expected, float[] found)
    {
        for (var i = 0; i < expected.Length; i++)
            if (BitConverter.SingleToInt32Bits(expected[i]) != BitConverter.SingleToInt32Bits(found[i]))
                Assert.Fail($"{name}: weight {i} is {found[i]:R}; the oracle has {expected[i]:R}");
    }
}
