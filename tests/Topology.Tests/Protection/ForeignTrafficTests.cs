using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Protection;
using DecentralizedLion.Topology.Simulation.World;

namespace DecentralizedLion.Topology.Tests.Protection;

public sealed class ForeignTrafficTests
{
    readonly VirtualClock clock = new();

    [Fact]
    public void A_flood_at_a_port_is_told_once_in_half_a_minute_with_numbers()
    {
        var foreignTraffic = new ForeignTraffic(["a", "b"], authenticates: true, clock);
        var told = new List<string>();
        for (int i = 0; i < 6000; i++) // a minute
        {
            foreignTraffic.OnConnectionClosed(1);
            if (foreignTraffic.TryTakeReport(1) is { } text)
                told.Add(text);
            Assert.Null(foreignTraffic.TryTakeReport(0));
            Pass(0.01);
        }
        Assert.Equal(2, told.Count);
        Assert.StartsWith("8 connections to the port for b ended", told[0], StringComparison.Ordinal);
        Assert.Matches("^(2999|3000|3001) connections", told[1]);
        Assert.All(told, text => Assert.Contains("firewall", text));
    }

    [Fact]
    public void A_peers_own_restarts_and_a_few_flipped_bits_are_not_told()
    {
        var foreignTraffic = new ForeignTraffic(["a", "b"], authenticates: false, clock);
        for (int i = 0; i < 50; i++)
        {
            for (int frame = 0; frame < 6; frame++)
                foreignTraffic.OnFrameDropped(1, DropReason.Checksum);
            foreignTraffic.OnConnectionClosed(1);
            foreignTraffic.OnConnectionClosed(1);
            Assert.Null(foreignTraffic.TryTakeReport(1));
            Pass(20);
        }
        for (int frame = 0; frame < 20; frame++)
        {
            foreignTraffic.OnFrameDropped(1, DropReason.Run);
            foreignTraffic.OnFrameDropped(1, DropReason.Repeated); // every ring has some
        }
        Assert.StartsWith("20 frames that claim to come from b were dropped (belongs to another run: 20). ",
            foreignTraffic.TryTakeReport(1));
    }

    void Pass(double seconds)
    {
        clock.After(TimeSpan.FromSeconds(seconds), () => { });
        clock.RunNext();
    }
}
