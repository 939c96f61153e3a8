using DecentralizedLion.Topology.Configuration;
using DecentralizedLion.Topology.Exchange;
using DecentralizedLion.Topology.Simulation;
using DecentralizedLion.Topology.Transport;

namespace DecentralizedLion.Topology.Tests.Transport;

public sealed class LinkLimitsTests
{
    [Theory]
    [InlineData(4, 30_000, 16L << 20)] // a demo's: what little waits is not worth a tighter bound
    // counts and abstentions in three planes each, majority and zeros; three steps
    [InlineData(4, 100_000_000, 3 * 8 * 100_000_000L / 8)]
    [InlineData(256, 2_000_000_000, 1L << 30)]
    public void What_waits_is_what_three_steps_need(int peers, int parameters, long bytes)
    {
        LinkLimits bounds = StepSizes.LinkLimitsOf(new RingOptions
        {
            PeerIds = [.. Enumerable.Range(0, peers).Select(peer => $"p{peer}")],
            SelfIndex = 0,
            Fingerprint = new Fingerprint([]),
            ParameterCount = parameters,
            RatesOf = _ => default,
        });
        Assert.Equal(bytes, bounds.QueuedBytesMax);
        Assert.InRange(bounds.PayloadMax, Ring.PieceLength, 4 << 20);
    }

    [Theory]
    [InlineData(StepKind.Mean, 3 * 2 * 40_000_000L)]
    [InlineData(StepKind.Average, 3 * 12 * 10_000_000L / 8)]
    [InlineData(StepKind.Ternary, 3 * 8 * 10_000_000L / 8)]
    [InlineData(StepKind.Sparse, 3 * 4 * 8_000_000L)]
    [InlineData(StepKind.VoteAndPiece, 3 * 8 * 10_000_000L / 8 + 3 * 2 * 20_000_000L)] // a piece is half of it at most
    internal void What_waits_is_what_the_methods_steps_need(StepKind shape, long bytes)
    {
        LinkLimits bounds = StepSizes.LinkLimitsOf(new RingOptions
        {
            PeerIds = ["p0", "p1", "p2", "p3"],
            SelfIndex = 0,
            Fingerprint = new Fingerprint([]),
            ParameterCount = 10_000_000,
            BucketsOf = StepKinds.BucketsOf(shape, 10_000_000),
            RatesOf = _ => default,
        });
        Assert.InRange(bounds.QueuedBytesMax, bytes - 2000, bytes + 2000);
        Assert.InRange(bounds.PayloadMax, Ring.PieceLength, 4 << 20);
    }
}
