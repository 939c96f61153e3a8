using DecentralizedLion.Topology.Membership;
using DecentralizedLion.Topology.Simulated;
using DecentralizedLion.Topology.Transport;

namespace DecentralizedLion.Topology.Tests.Transport;

public sealed class LinkBoundsTests
{
    [Theory]
    [InlineData(4, 30_000, 16L << 20)] // a demo's: what little waits is not worth a tighter bound
    [InlineData(4, 100_000_000, 3 * 8 * 100_000_000L / 8)] // counts and abstentions in three planes each, verdict and zeros; three steps
    [InlineData(256, 2_000_000_000, 1L << 30)]
    public void What_waits_is_what_three_steps_need(int peers, int parameters, long bytes)
    {
        LinkBounds bounds = LinkBounds.Of(new MemberOptions
        {
            Names = [.. Enumerable.Range(0, peers).Select(peer => $"p{peer}")],
            Self = 0,
            Fingerprint = new Fingerprint([]),
            Parameters = parameters,
            Rates = _ => default,
        });
        Assert.Equal(bytes, bounds.WaitingBytes);
        Assert.InRange(bounds.LargestPayload, Ring.PieceLength, 4 << 20);
    }

    [Theory]
    [InlineData(MethodShape.Mean, 3 * 2 * 40_000_000L)]
    [InlineData(MethodShape.Average, 3 * 12 * 10_000_000L / 8)]
    [InlineData(MethodShape.Ternary, 3 * 8 * 10_000_000L / 8)]
    [InlineData(MethodShape.Sparse, 3 * 4 * 8_000_000L)]
    [InlineData(MethodShape.VoteAndPiece, 3 * 8 * 10_000_000L / 8 + 3 * 2 * 20_000_000L)] // a piece is half of it at most
    public void What_waits_is_what_the_methods_steps_need(MethodShape shape, long bytes)
    {
        LinkBounds bounds = LinkBounds.Of(new MemberOptions
        {
            Names = ["p0", "p1", "p2", "p3"],
            Self = 0,
            Fingerprint = new Fingerprint([]),
            Parameters = 10_000_000,
            Parts = MethodShapes.PartsOf(shape, 10_000_000),
            Rates = _ => default,
        });
        Assert.InRange(bounds.WaitingBytes, bytes - 2000, bytes + 2000);
        Assert.InRange(bounds.LargestPayload, Ring.PieceLength, 4 << 20);
    }
}
