using System.Net;
using DecentralizedLion.Topology.Transport;

namespace DecentralizedLion.Topology.Tests.Transport;

public sealed class HandshakeLimiterTests
{
    readonly HandshakeLimiter limiter = new(inAll: 5, perAddress: 3);
    readonly List<int> gaveWay = [];

    [Fact]
    public void The_oldest_of_an_address_gives_way_to_its_newest()
    {
        Enter(0, "10.0.0.1");
        for (int i = 1; i < 6; i++)
            Enter(i, "10.0.0.2");
        Assert.Equal([1, 2], gaveWay);
        Assert.Equal(4, limiter.Count);
    }

    [Fact]
    public void The_oldest_of_all_gives_way_where_addresses_are_many()
    {
        for (int i = 0; i < 8; i++)
            Enter(i, $"10.0.0.{i}");
        Assert.Equal([0, 1, 2], gaveWay);
        Assert.Equal(5, limiter.Count);
    }

    [Theory]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:1:ffff:ffff:ffff:ffff", true)]
    [InlineData("2001:db8:0:1::1", "2001:db8:0:2::1", false)]
    [InlineData("10.0.0.1", "::ffff:10.0.0.1", true)]
    [InlineData("::ffff:10.0.0.1", "::ffff:10.0.0.2", false)]
    public void An_ipv6_network_counts_as_one_address(string one, string other, bool isOne)
    {
        for (int i = 0; i < 4; i++)
            Enter(i, i % 2 == 0 ? one : other);
        Assert.Equal(isOne ? [0] : [], gaveWay);
    }

    [Fact]
    public void What_is_over_does_not_count_and_gives_way_no_more()
    {
        IDisposable first = Enter(0, "10.0.0.1");
        for (int i = 1; i < 3; i++)
            Enter(i, "10.0.0.1");
        first.Dispose();
        first.Dispose();
        Assert.Equal(2, limiter.Count);
        IDisposable late = Enter(3, "10.0.0.1");
        Assert.Empty(gaveWay);
        Enter(4, "10.0.0.1");
        Assert.Equal([1], gaveWay);
        late.Dispose();
        Assert.Equal(2, limiter.Count);
    }

    [Fact]
    public void Who_gave_way_may_end_afterwards()
    {
        IDisposable first = Enter(0, "10.0.0.1");
        for (int i = 1; i < 4; i++)
            Enter(i, "10.0.0.1");
        Assert.Equal([0], gaveWay);
        first.Dispose();
        Assert.Equal(3, limiter.Count);
    }

    IDisposable Enter(int number, string from) => limiter.Enter(IPAddress.Parse(from), () => gaveWay.Add(number));
}
