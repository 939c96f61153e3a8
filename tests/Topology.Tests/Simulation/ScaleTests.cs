using DecentralizedLion.Topology.Simulation;

namespace DecentralizedLion.Topology.Tests.Simulation;

/// <summary>A ring of many: every invariant holds, and a peer sends so many frames as there are others, by kind.</summary>
public sealed class ScaleTests
{
    [Fact]
    public void Sixty_four_peers_step_and_go_on_without_one_that_dies()
    {
        ScaleResult many = ScaleRun.Run(64, 1024);
        Assert.Equal(2 * 63, many.ExchangeFrames, 6.0);
        Assert.InRange(many.StepFrames, 2 * 63 - 6, 3 * 63); // who is ready, and who has persisted the step
        Assert.InRange(many.HeartbeatsPerSecond, 63 * 4, 63 * 8);
        Assert.InRange(many.ExchangeBytes, 126 * 62, 126 * 160); // envelopes: sets of 32 and more take 32 bytes
    }
}
