using DecentralizedLion.Topology.Links;
using DecentralizedLion.Topology.Membership;

namespace DecentralizedLion.Topology.Tests.Links;

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
}
