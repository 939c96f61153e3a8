using DecentralizedLion.Peer.Tests.Telemetry;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace DecentralizedLion.Peer.Tests.Library;

/// <summary>The managed memory that the steps of a whole ring take: sockets, journal and metrics as a run has them, and a
/// gradient that is there already. Alone, because it counts what the process allocates.</summary>
[Collection(TelemetryCollection.Name)]
public sealed class AllocationTests
{
    const int Peers = 3, Parameters = 1 << 21, WarmUp = 40, Measured = 60;

    /// <summary>Bytes of a step and peer: about half of them NetMQ's, some dozens a frame; the rest many small objects, and what
    /// heartbeats and timers take meanwhile. One plane of the model has eight times as many.</summary>
    const int BytesMax = 32_768;

    [Theory]
    [InlineData("ring")]
    [InlineData("direct")]
    public async Task A_step_takes_little_memory_and_none_that_grows_with_the_model(string exchange)
    {
        using var ring = new LocalRing(Peers, $"\"exchange\": \"{exchange}\", \"checkpointEvery\": 0");
        var allocated = await ring.Run(id => Train(ring, id));
        Assert.InRange(allocated[0] / (Peers * Measured), 1, BytesMax);
    }

    /// <summary>Trains, and gives the bytes that the process allocated in the steps that are measured.</summary>
    static async Task<long> Train(LocalRing ring, string id)
    {
        await using var client = await ring.Join(id);
        using var weights = new Parameter(zeros(Parameters));
        using var optimizer = new DistributedLion([("x", weights)], client,
            LearningRate.Cosine(0.001, warmup: 0, steps: WarmUp + Measured + 1));
        using (NewDisposeScope())
        using (no_grad())
            weights.grad!.copy_(sin(arange(Parameters) + id[0]));
        long before = 0, after = 0;
        while (optimizer.WaitForStep())
        {
            if (optimizer.CurrentStep == WarmUp)
                before = GC.GetTotalAllocatedBytes(precise: true);
            if (optimizer.CurrentStep == WarmUp + Measured)
                after = GC.GetTotalAllocatedBytes(precise: true);
            optimizer.step(0.5f);
        }
        return after - before;
    }
}
