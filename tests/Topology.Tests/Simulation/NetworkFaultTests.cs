using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Simulation.Faults;
using DecentralizedLion.Topology.Simulation.World;
using DecentralizedLion.Topology.Transport;

namespace DecentralizedLion.Topology.Tests.Simulation;

public sealed class NetworkFaultTests
{
    readonly VirtualClock clock = new();
    readonly SimulatedNetwork network;
    readonly List<string> came = [];

    public NetworkFaultTests()
    {
        network = new SimulatedNetwork(clock, 3, new Random(1));
        for (int peer = 0; peer < 3; peer++)
            Listen(peer, network.TransportOf(peer));
    }

    [Fact]
    public void A_cut_is_one_way_and_as_often_mended_as_made()
    {
        network.Cut(0, 1);
        network.Cut(0, 1);
        SendAll();
        Assert.Equal(["0>2", "1>0", "1>2", "2>0", "2>1"], Came());
        network.Restore(0, 1);
        SendAll();
        Assert.DoesNotContain("0>1", Came());
        network.Restore(0, 1);
        SendAll();
        Assert.Contains("0>1", Came());
    }

    [Fact]
    public void What_comes_for_a_frozen_peer_waits_and_comes_in_order()
    {
        network.Freeze(1);
        SendAll();
        SendAll();
        Assert.DoesNotContain(Came(), frame => frame.EndsWith('1'));
        IReadOnlyList<Action> waiting = network.Thaw(1);
        foreach (Action frame in waiting)
            frame();
        Assert.Equal(["0>1", "2>1", "0>1", "2>1"], came);
        came.Clear();
        SendAll();
        Assert.Contains("0>1", Came());
    }

    [Fact]
    public void A_full_queue_takes_no_more_from_the_one_who_filled_it()
    {
        network.Freeze(1);
        for (int frame = 0; frame < 1200; frame++)
            Send(0, 1);
        Send(2, 1);
        Came();
        Assert.Equal(1001, network.Thaw(1).Count);
    }

    [Fact]
    public void A_dead_process_refuses_and_a_dead_host_does_not()
    {
        network.Close(1, refuses: true);
        Assert.Equal(["1 refuses 0", "1 refuses 2"], Came().Order());
        Send(0, 1);
        Assert.Empty(Came()); // dialled a moment ago
        clock.After(TimeSpan.FromSeconds(1), () => Send(0, 1));
        Assert.Equal(["1 refuses 0"], Came());

        network.Cut(2, 0); // the refusal cannot come back
        network.Close(2, refuses: true);
        Assert.Empty(Came());
        Listen(1, network.Open(1));
        network.Close(1, refuses: false);
        clock.After(TimeSpan.FromSeconds(1), () => Send(0, 1));
        Assert.Empty(Came());
    }

    [Fact]
    public void A_process_has_links_of_its_own_and_takes_what_was_sent_to_the_one_before()
    {
        ITransport first = network.TransportOf(1);
        Send(0, 1);
        network.Close(1, refuses: false);
        Listen(1, network.Open(1));
        Assert.Equal(["0>1"], Came());
        first.Send(0, LinkChannel.Control, Header, []);
        Assert.Empty(Came());
        Assert.Equal(0, first.Counters.FramesSent);
        Assert.Equal(1, network.TransportOf(1).Counters.FramesReceived);
    }

    [Fact]
    public void A_spy_sees_what_is_sent_whatever_becomes_of_it()
    {
        var seen = new List<string>();
        network.Sent = (int from, int to, in FrameHeader header, ReadOnlySpan<byte> payload) =>
            seen.Add($"{from}>{to} {header.Kind} {payload.Length}");
        network.Cut(0, 1);
        network.Faults = new NetworkFaults { Loss = 1 };
        Send(0, 1);
        Send(0, 2);
        Assert.Empty(Came());
        Assert.Equal([$"0>1 {Header.Kind} 1", $"0>2 {Header.Kind} 1"], seen);
    }

    static FrameHeader Header => new(FrameKind.Hello, 1, 2, 3, 4, 0, 0, 0, 0, 0, default, 0);

    void Listen(int peer, ITransport transport)
    {
        transport.Handler = (from, _, _) => came.Add($"{from}>{peer}");
        transport.PeerDisconnected = other => came.Add($"{other} refuses {peer}");
    }

    void Send(int from, int to) => network.TransportOf(from).Send(to, LinkChannel.Control, Header, [7]);

    void SendAll()
    {
        for (int from = 0; from < 3; from++)
        {
            for (int to = 0; to < 3; to++)
            {
                if (from != to)
                    Send(from, to);
            }
        }
    }

    string[] Came()
    {
        while (clock.RunNext())
            Assert.True(came.Count < 5000);
        string[] all = [.. came];
        came.Clear();
        return all;
    }
}
