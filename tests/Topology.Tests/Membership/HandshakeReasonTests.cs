using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Configuration;
using DecentralizedLion.Topology.Membership;
using DecentralizedLion.Topology.Simulation.World;
using DecentralizedLion.Topology.Transport;

namespace DecentralizedLion.Topology.Tests.Membership;

/// <summary>Tests of the reports on a link that does not stand.</summary>
public sealed class HandshakeReasonTests
{
    readonly DialledTransport transport = new();
    readonly VirtualClock clock = new();
    readonly RemotePeer[] peers;
    readonly Handshake handshake;

    public HandshakeReasonTests()
    {
        var disk = new SimulatedDisk(64, checkpointEvery: 1);
        var options = new RingOptions
        {
            PeerIds = ["ann", "bob", "cid"],
            SelfIndex = 0,
            Session = 5,
            Fingerprint = new Fingerprint([new("run", "reasons")]),
            ParameterCount = 64,
            RatesOf = RingHarness.Rates,
        };
        peers = [.. options.PeerIds.Select(_ => new RemotePeer(clock))];
        var hellos = new HelloSender(options, 1, new FrameSender(transport, 1, 5), disk.Open(() => { }).Snapshots);
        handshake = new Handshake(options, hellos, peers, transport, clock, _ => { });
    }

    [Theory]
    [InlineData(DialOutcome.NameUnknown, "", "the host name b.test is unknown here; compare bob's address")]
    [InlineData(DialOutcome.NameTimedOut, "", "no name server answers for the host name b.test; check this host's name server")]
    [InlineData(DialOutcome.Refused, "",
        "refused at b.test port 4000: the host answers, but nothing listens there; start peer run on bob's host")]
    [InlineData(DialOutcome.NoRoute, "unreachable", "no route leads to b.test port 4000 (unreachable)")]
    [InlineData(DialOutcome.TimedOut, "", "no answer from b.test port 4000; check that bob's host is on, and open port 4000")]
    [InlineData(DialOutcome.NotAPeer, "", "a program listens at b.test port 4000 that is not a peer")]
    [InlineData(DialOutcome.NotEncrypted, "", "a peer without encryption listens at b.test port 4000; make peers.json equal")]
    [InlineData(DialOutcome.Encrypted, "", "a peer with encryption listens at b.test port 4000, and ann has \"insecure\": true")]
    [InlineData(DialOutcome.Self, "",
        "ann itself listens at b.test port 4000, not bob; compare bob's address and port in peers.json")]
    [InlineData(DialOutcome.UnknownKey, "KEY",
        "the process at b.test port 4000 has the key KEY, which ann's peers.json does not have")]
    [InlineData(DialOutcome.OtherPeer, "cid",
        "cid listens at b.test port 4000, not bob; compare the addresses and ports of bob and cid")]
    [InlineData(DialOutcome.OurKeyUnknown, "",
        "bob at b.test port 4000 does not have the key of ann in its peers.json; put ann's key line")]
    [InlineData(DialOutcome.Closed, "", "bob at b.test port 4000 closed the connection before it was ready")]
    [InlineData(DialOutcome.OtherVersion, "", "bob at b.test port 4000 runs another version of this program; use one version")]
    [InlineData(DialOutcome.Failed, "no handle", "b.test port 4000 could not be dialled (no handle)")]
    internal void Each_outcome_of_dialling_is_reported_of_the_right_peer(DialOutcome outcome, string detail, string begin)
    {
        transport.Dials[1] = new DialResult(outcome, "b.test", 4000, detail);
        Assert.StartsWith(begin, handshake.Reason(1));
        Assert.Null(handshake.Reason(2));
        string wait = Assert.Single(handshake.DescribeMissingPeers());
        Assert.StartsWith("waiting for bob, cid: a new run starts once all peers are there. bob: " + begin, wait);
        // in full once, then in short
        Assert.EndsWith("): a new run starts once all peers are there; start the missing ones, or restart one peer with "
            + "--bootstrap", Assert.Single(handshake.DescribeMissingPeers()));
    }

    [Fact]
    public void Each_reason_names_the_peer_that_it_is_about()
    {
        transport.Dials[1] = new DialResult(DialOutcome.TimedOut, "b.test", 4000);
        transport.Dials[2] = new DialResult(DialOutcome.NameUnknown, "c.test", 4001);
        string wait = Assert.Single(handshake.DescribeMissingPeers());
        Assert.Contains(". bob: no answer from b.test port 4000; ", wait);
        Assert.Contains(". cid: the host name c.test is unknown here; ", wait);
    }

    [Fact]
    public void A_peer_that_listens_elsewhere_is_told_with_both_ports()
    {
        transport.Dials[1] = new DialResult(DialOutcome.Refused, "b.test", 4000);
        transport.Ports[1] = 4001;
        Assert.Equal(
            "refused at b.test port 4000: the host answers, but nothing listens there; bob reaches this host and says that it "
            + "listens at port 4001, and peers.json here has port 4000: make peers.json equal on both hosts",
            handshake.Reason(1));
        transport.Ports[1] = 4000;
        Assert.DoesNotContain("listens at port", handshake.Reason(1));
    }

    [Fact]
    public void A_peer_that_is_reached_and_silent_cannot_reach_us_and_one_that_greeted_has_no_reason()
    {
        transport.Dials[1] = new DialResult(DialOutcome.Connected, "b.test", 4000, "192.0.2.1");
        Assert.Equal("this host reaches bob, but bob's frames do not arrive; check that bob can reach ann's address and port "
            + "from its peers.json", handshake.Reason(1));
        peers[1].OnHello(7, new Hello(0, false, 1, 0, default, []));
        Assert.Null(handshake.Reason(1));
        Assert.Contains(handshake.DescribeMissingPeers(),
            text => text.StartsWith("waiting for bob: its frames arrive, but it does not hear ann. Compare its address",
                    StringComparison.Ordinal));
        transport.Dials[1] = new DialResult(DialOutcome.OurKeyUnknown, "b.test", 4000);
        Assert.Contains(handshake.DescribeMissingPeers(),
            text =>
                text.StartsWith("waiting for bob: its frames arrive, but it does not hear ann. bob at b.test port 4000 does not "
                    + "have the key of ann",
            StringComparison.Ordinal));
    }

    [Fact]
    public void Where_both_are_connected_and_not_even_a_hello_comes_large_packets_are_lost()
    {
        transport.Dials[1] = new DialResult(DialOutcome.Connected, "b.test", 4000, "192.0.2.1");
        transport.Ports[1] = 4000;
        Assert.StartsWith("bob and ann reach each other, but bob's frames do not arrive; ", handshake.Reason(1));
        Assert.Contains("check the MTU", handshake.Reason(1));
        peers[1].OnHello(7, new Hello(0, false, 1, 0, default, []));
        Assert.Null(handshake.Reason(1));
    }

    [Fact]
    public void A_peer_that_greeted_and_fell_silent_while_its_connection_stands_is_named_with_what_that_may_be()
    {
        transport.Dials[1] = new DialResult(DialOutcome.Connected, "b.test", 4000, "192.0.2.1");
        foreach (RemotePeer peer in peers.Skip(1))
        {
            peer.OnHello(7, new Hello(5, false, 1, 0, default, []));
            peer.HasHeardUs = true;
        }
        Assert.Null(handshake.Reason(1));
        Assert.Empty(handshake.DescribeMissingPeers());
        clock.After(TimeSpan.FromSeconds(5), () => peers[2].MarkHeard());
        clock.RunNext();
        Assert.StartsWith("waiting for bob: bob is connected but has sent nothing for 5 s; check that its process and host are "
            + "running; ", Assert.Single(handshake.DescribeMissingPeers()));
        Assert.Contains("check the MTU", handshake.Reason(1));
        peers[1].IsDisconnected = true;
        transport.Dials[1] = new DialResult(DialOutcome.Refused, "b.test", 4000);
        Assert.StartsWith("waiting for bob: its connection closed. refused at b.test port 4000: ",
            Assert.Single(handshake.DescribeMissingPeers()));
    }

    [Fact]
    public void Where_nothing_is_known_what_may_be_is_told_once()
    {
        Assert.Equal($"waiting for bob, cid: a new run starts once all peers are there. {Handshake.UnreachableHint}",
            Assert.Single(handshake.DescribeMissingPeers()));
        Assert.Equal("waiting for bob, cid: a new run starts once all peers are there; start the missing ones, or restart one "
            + "peer with --bootstrap",
            Assert.Single(handshake.DescribeMissingPeers()));
    }

    /// <summary>A transport whose dials end as a test says.</summary>
    sealed class DialledTransport : ITransport
    {
        public DialResult?[] Dials { get; } = new DialResult?[3];

        public int[] Ports { get; } = new int[3];

        public FrameHandler? Handler { get; set; }

        public Action<int>? PeerDisconnected { get; set; }

        public Action<int>? ConnectionClosed { get; set; }

        public Action<RejectedConnection>? Rejected { get; set; }

        public bool IsAuthenticated => true;

        public LinkCounters Counters { get; } = new(3);

        public DialResult? LastDial(int peer) => Dials[peer];

        public int ListeningPortOf(int peer) => Ports[peer];

        public void Send(int to, LinkChannel channel, in FrameHeader header, ReadOnlySpan<byte> payload)
        {
        }
    }
}
