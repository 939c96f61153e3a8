using System.Net;
using DecentralizedLion.Topology.Protection;
using DecentralizedLion.Topology.Simulation.World;
using DecentralizedLion.Topology.Transport;

namespace DecentralizedLion.Topology.Tests.Protection;

public sealed class RejectedConnectionsTests
{
    readonly VirtualClock clock = new();
    readonly RejectedConnections rejections;

    public RejectedConnectionsTests() => rejections = new RejectedConnections(clock);

    [Theory]
    [InlineData(RejectionReason.NoTls, "no TLS")]
    [InlineData(RejectionReason.NotEncrypted, "no TLS but ZeroMQ, as of a peer with \"insecure\": true")]
    [InlineData(RejectionReason.HandshakeFailed, "the TLS 1.3 handshake failed")]
    [InlineData(RejectionReason.OtherVersion, "another version of this program")]
    [InlineData(RejectionReason.TimedOut, "the handshake took too long")]
    [InlineData(RejectionReason.TooMany, "too many handshakes at once")]
    internal void A_reason_is_told_with_its_address(RejectionReason reason, string text)
    {
        Add(reason, "192.0.2.1");
        Assert.Equal($"1 connection to this peer's port rejected (1 from 192.0.2.1: {text}). If it is one of your hosts, check "
            + "\"insecure\" in its peers.json and its program version; if not, let the firewall admit only the other hosts",
            rejections.TryTakeReport());
    }

    [Fact]
    public void An_unknown_key_is_told_with_what_to_do()
    {
        Add(RejectionReason.UnknownKey, "2001:db8::1", "KEY");
        Add(RejectionReason.UnknownKey, "2001:db8::1", "KEY");
        Add(RejectionReason.NoTls, "192.0.2.1");
        Assert.Equal(
            "3 connections to this peer's port rejected (2 from 2001:db8::1: the key KEY is not in peers.json; 1 from "
            + "192.0.2.1: no TLS). If it is a peer, put its key line into peers.json; if not, let the firewall admit only "
            + "the other hosts",
            rejections.TryTakeReport());
        Assert.Equal((2, 1, 0), (rejections.TotalOf(RejectionReason.UnknownKey), rejections.TotalOf(RejectionReason.NoTls),
            rejections.TotalOf(RejectionReason.TimedOut)));
    }

    [Fact]
    public void A_flood_from_many_addresses_is_told_in_one_line_that_does_not_grow()
    {
        for (int i = 0; i < 100_000; i++)
            Add(RejectionReason.UnknownKey, $"10.{i >> 16}.{(i >> 8) & 255}.{i & 255}", $"{i}");
        string text = rejections.TryTakeReport()!;
        Assert.StartsWith("100000 connections", text, StringComparison.Ordinal);
        Assert.Contains("; and 99995 more)", text);
        Assert.InRange(text.Length, 100, 600);
    }

    [Fact]
    public void There_is_one_report_in_half_a_minute_and_none_of_nothing()
    {
        Assert.Null(rejections.TryTakeReport());
        var told = new List<string>();
        for (int i = 0; i < 600; i++) // a minute
        {
            Add(RejectionReason.NoTls, "192.0.2.1");
            if (rejections.TryTakeReport() is { } text)
                told.Add(text[..text.IndexOf(' ', StringComparison.Ordinal)]);
            Pass(0.1);
        }
        Assert.Equal(["1", "300"], told);
        Pass(100);
        Assert.NotNull(rejections.TryTakeReport()); // what came after the last one
        Pass(100);
        Assert.Null(rejections.TryTakeReport());
    }

    void Add(RejectionReason reason, string from, string key = "") =>
        rejections.Add(new RejectedConnection(IPAddress.Parse(from), reason, key));

    void Pass(double seconds)
    {
        clock.After(TimeSpan.FromSeconds(seconds), () => { });
        clock.RunNext();
    }
}
