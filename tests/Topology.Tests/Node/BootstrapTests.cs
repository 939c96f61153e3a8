using DecentralizedLion.Topology.Configuration;
using DecentralizedLion.Topology.Membership;
using DecentralizedLion.Topology.Node;
using DecentralizedLion.Topology.Simulation.Faults;
using DecentralizedLion.Topology.Simulation.World;
using DecentralizedLion.Topology.Transport;
using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Topology.Tests.Node;

/// <summary>Tests of a run's bootstrap, of its members, and of a peer's reports while it waits for others.</summary>
public sealed class BootstrapTests
{
    [Theory]
    [InlineData(0.0)]
    [InlineData(0.3)]
    public void Settings_that_differ_stop_both_sides_with_all_fields_and_both_values(double loss)
    {
        RingHarness ring = Differing(2, peer => peer == 0 ? [new("run", "test"), new("seed", "1"), new("learningRate", "0.001")]
            : [new("run", "test"), new("seed", "2"), new("learningRate", "0.003")]);
        ring.Network.Faults = new NetworkFaults { Loss = loss };
        ring.StartAll();
        ring.Until(() => ring.Peers[0].Stopped is not null && ring.Peers[1].Stopped is not null, "both stop");
        Assert.Contains("p1's settings differ: seed: 1 here, 2 there; learningRate: 0.001 here, 0.003 there. ",
            ring.Peers[0].Stopped);
        Assert.Contains("p0's settings differ: seed: 2 here, 1 there; learningRate: 0.003 here, 0.001 there. ",
            ring.Peers[1].Stopped);
        Assert.Single(ring.Texts(0, RingEventKind.Refused));
        Assert.Single(ring.Texts(1, RingEventKind.Refused));
    }

    [Fact]
    public void A_field_that_only_one_has_is_named_too()
    {
        RingHarness ring = Differing(2,
            peer => peer == 0 ? [new("run", "test")] : [new("run", "test"), new("model.width", "64")]);
        ring.StartAll();
        ring.Until(() => ring.Peers[0].Stopped is not null && ring.Peers[1].Stopped is not null, "both stop");
        Assert.Contains("model.width: absent here, 64 there", ring.Peers[0].Stopped);
        Assert.Contains("model.width: 64 here, absent there", ring.Peers[1].Stopped);
    }

    [Fact]
    public void One_that_is_set_up_differently_does_not_stop_those_who_train()
    {
        bool changed = false;
        RingHarness ring = Differing(3, peer => [new("run", "test"), new("rate", peer == 2 && changed ? "2" : "1")]);
        ring.StartAllAndRun();
        changed = true;
        ring.Peers[2].Restart();
        ring.Until(() => ring.Peers[2].Stopped is not null, "the other stops");
        Assert.Contains("rate: 2 here, 1 there", ring.Peers[2].Stopped);
        ring.UntilWhole(2);
        Assert.Contains("p2's settings differ: rate: 1 here, 2 there", Assert.Single(ring.Texts(0, RingEventKind.Refused)));
    }

    [Fact]
    public void The_odd_one_out_stops_and_the_others_wait_for_it_to_be_mended()
    {
        bool mended = false;
        RingHarness ring = Differing(4, peer => [new("run", "test"), new("rate", peer == 0 && !mended ? "2" : "1")]);
        ring.StartAll();
        ring.Until(() => ring.Peers[0].Stopped is not null, "the odd one stops");
        Assert.Contains("'s settings differ: rate: 2 here, 1 there", ring.Peers[0].Stopped);
        ring.Run(10);
        foreach (int peer in (int[])[1, 2, 3])
        {
            Assert.Null(ring.Peers[peer].Stopped);
            Assert.Contains("p0's settings differ: rate: 1 here, 2 there",
                Assert.Single(ring.Texts(peer, RingEventKind.Refused)));
            Assert.All(ring.Texts(peer, RingEventKind.Waiting),
                text => Assert.StartsWith("waiting for p0: its settings differ from this host's", text));
            Assert.NotEmpty(ring.Texts(peer, RingEventKind.Waiting));
        }
        mended = true;
        ring.Peers[0].Start();
        ring.UntilWhole(4);
    }

    [Fact]
    public void A_peer_that_is_late_is_named_and_the_run_begins_when_it_comes()
    {
        var ring = new RingHarness(3);
        ring.Peers[0].Start();
        ring.Peers[2].Start();
        ring.Run(42);
        TimeSpan late = ring.Now;
        string[] told = ring.Texts(0, RingEventKind.Waiting);
        Assert.InRange(told.Length, 7, 8); // every five seconds
        Assert.All(told, text => Assert.StartsWith("waiting for p1: a new run starts once all peers are there", text));
        Assert.Equal(told[0], Assert.Single(told, text => text.EndsWith($". {Handshake.UnreachableHint}"))); // once
        Assert.All(ring.Live, process => Assert.Null(process.Member.View));
        ring.Peers[1].Start();
        ring.UntilApplied(1);
        Assert.InRange(ring.Now - late, TimeSpan.Zero, TimeSpan.FromSeconds(2));
        View view = ring.Peers[0].Member.View!;
        Assert.Equal((1, 1L, 3), (view.Number, view.FirstStep, view.Count));
        Assert.All(ring.Live, process => Assert.Equal(view, process.Member.View));
        Assert.All(ring.Live, process => Assert.Equal(process.Options.Session, view.SessionOf(process.Peer.Index)));
        foreach (HarnessPeer peer in ring.Peers)
        {
            Assert.Equal("view 1: members are p0 → p1 → p2; the run begins at step 1",
                Assert.Single(ring.Texts(peer.Index, RingEventKind.Bootstrapped)));
        }
    }

    [Fact]
    public void Several_that_are_away_are_all_named()
    {
        var ring = new RingHarness(4, authenticates: true);
        ring.Peers[2].Start();
        ring.Run(20);
        Assert.NotEmpty(ring.Texts(2, RingEventKind.Waiting));
        Assert.All(ring.Texts(2, RingEventKind.Waiting), text => Assert.Contains("waiting for p0, p1, p3:", text));
        Assert.Single(ring.Texts(2, RingEventKind.Waiting),
            text => text.EndsWith(Handshake.UnreachableHint));
    }

    [Fact]
    public void A_link_that_works_one_way_only_is_told_as_that()
    {
        var ring = new RingHarness(2);
        ring.Network.IsCut = (from, _) => from == 0;
        ring.StartAll();
        ring.Run(20);
        Assert.NotEmpty(ring.Texts(0, RingEventKind.Waiting));
        Assert.All(ring.Texts(0, RingEventKind.Waiting),
            text => Assert.Contains("p1: its frames arrive, but it does not hear p0", text));
        Assert.All(ring.Texts(1, RingEventKind.Waiting),
            text => Assert.StartsWith("waiting for p0: a new run starts once all peers are there", text));
    }

    [Fact]
    public void A_peer_may_be_started_again_before_the_run_begins()
    {
        var ring = new RingHarness(3);
        ring.Peers[0].Start();
        ring.Peers[1].Start();
        ring.Run(10);
        ring.Peers[1].Restart();
        ring.Run(10);
        ring.Peers[2].Start();
        ring.UntilApplied(5);
        Assert.Contains("p1 was started again", ring.Texts(0, RingEventKind.Connected));
        Assert.Equal(3, ring.Peers[0].Member.View!.Count);
    }

    [Fact]
    public void A_second_process_of_a_live_peer_changes_nothing_and_both_are_named()
    {
        var ring = new RingHarness(3);
        ring.StartAllAndRun();
        ring.Run(3); // an earlier process that had just been missed would not be told
        var second = new Impostor(ring, 1);
        ring.Run(10);
        string told = Assert.Single(ring.Texts(0, RingEventKind.Refused).Distinct());
        ulong first = ring.Peers[1].Process!.Options.Session;
        Assert.Equal($"a second process of p1 (session {second.Session:x}) was refused, because the first (session {first:x}) is "
            + "running. Stop one of the two", told);
        Assert.False(second.Member.IsActive);
        Assert.All(ring.Live, process => Assert.Equal(1, process.Member.View!.Number)); // nobody was disturbed
        Assert.InRange(ring.Pace(0, ring.Now - TimeSpan.FromSeconds(5), ring.Now), 30, 50);
    }

    [Fact]
    public void Stopping_before_the_run_begins_ends_the_wait()
    {
        var ring = new RingHarness(2);
        ring.Peers[0].Start();
        ring.Run(1);
        ring.Peers[0].Member.RequestStop();
        ring.Until(() => ring.Peers[0].Process is null, "it ends", seconds: 1);
        Assert.Equal(new EndTurn(true, "stopped before the run began"), ring.Peers[0].Ended);
    }

    [Fact]
    public void Of_different_initial_states_most_peers_is_taken()
    {
        var ring = new RingHarness(3) { InitialOf = peer => peer == 0 ? 9UL : 1UL };
        ring.StartAllAndRun();
        Assert.NotEmpty(ring.Peers[0].Process!.Reloads);
        Assert.Empty(ring.Peers[1].Process!.Reloads);
        Assert.Equal(ring.Peers[1].Disk.Shared[0], ring.Peers[0].Disk.Shared[0]);
    }

    [Fact]
    public void Of_equally_many_states_the_lowest_ranks_is_taken()
    {
        var ring = new RingHarness(3) { InitialOf = peer => (ulong)peer };
        byte[] wanted = SimulatedReplica.Initial(ring.Parameters, 0).Save();
        ring.StartAllAndRun();
        Assert.All(ring.Peers, peer => Assert.Equal(wanted, peer.Disk.Shared[0]));
    }

    [Theory]
    [InlineData(0.0, 0.0)]
    [InlineData(0.2, 0.3)]
    public void Large_states_are_taken_in_pieces_whatever_the_network_does(double loss, double repeat)
    {
        var ring = new RingHarness(3, parameters: 300_000)
        {
            InitialOf = peer => peer == 1 ? 7UL : 8UL,
            Compute = (_, _) => TimeSpan.FromMilliseconds(200),
        };
        ring.Network.Faults = new NetworkFaults
        {
            Loss = loss,
            Repeat = repeat,
            Reorder = loss > 0,
            LongestDelay = TimeSpan.FromMilliseconds(loss > 0 ? 100 : 1),
        };
        ring.StartAllAndRun(steps: 2);
        Assert.Equal(ring.Peers[0].Disk.Shared[0], ring.Peers[1].Disk.Shared[0]);
        Assert.Matches("^fetching the snapshot of step 0 from p[02] \\(1,237,544 bytes\\)$",
            ring.Texts(1, RingEventKind.Fetched)[0]);
        Assert.Empty(ring.Texts(0, RingEventKind.Fetched));
    }

    [Fact]
    public void The_furthest_state_is_taken_whoever_has_it()
    {
        var ring = new RingHarness(3);
        SimulatedReplica far = SimulatedReplica.Initial(ring.Parameters, 5);
        far.Load([.. BitConverter.GetBytes(25L), .. SimulatedReplica.Initial(ring.Parameters, 5).Save()[8..]]);
        ring.Peers[2].Disk.First = 25; // a run of an earlier time
        ring.Peers[2].Disk.WriteCheckpoint(25, far.Save(), []);
        ring.StartAllAndRun(steps: 30);
        Assert.Equal(26, ring.Records.Keys.Min());
        Assert.All(ring.Peers, peer => Assert.Equal(far.Save(), peer.Disk.Shared[25]));
    }

    [Fact]
    public void A_person_may_begin_a_run_with_one_peer_and_the_others_join_it()
    {
        var ring = new RingHarness(3);
        ring.Peers[1].Start(Bootstrap.Single);
        ring.Until(() => ring.Peers[1].Process!.Replica.Step > 3, "it trains alone");
        ring.Peers[0].Start();
        ring.Peers[2].Start();
        ring.UntilWhole(3);
    }

    static RingHarness Differing(int peers, Func<int, FingerprintField[]> bucketsOf) =>
        new(peers) { Change = (peer, options) => options with { Fingerprint = new Fingerprint(bucketsOf(peer)) } };

    /// <summary>A second process of a peer: it speaks in its place, and what comes for it comes to both.</summary>
    sealed class Impostor
    {
        public Impostor(RingHarness ring, int peer)
        {
            HarnessProcess first = ring.Peers[peer].Process!;
            DiskHandle disk = new SimulatedDisk(ring.Parameters, 50).Open(() => { });
            disk.Disk.WriteCheckpoint(0, SimulatedReplica.Initial(ring.Parameters, 0).Save(), []);
            FrameHandler handler = first.Transport.Handler!;
            Session = first.Options.Session + 1;
            SynchronizationContext? outer = SynchronizationContext.Current;
            SynchronizationContext.SetSynchronizationContext(ring.Loop);
            RingOptions options = first.Options with { Session = Session };
            var stores = new PeerStores(disk.Journal, disk.Snapshots, disk);
            Member = new Member(options, first.Transport, stores, ring.Loop.Clock, new Random(1));
            FrameHandler second = first.Transport.Handler!;
            first.Transport.Handler = (from, envelope, payload) =>
            {
                handler(from, envelope, payload);
                second(from, envelope, payload);
            };
            Member.Start();
            SynchronizationContext.SetSynchronizationContext(outer);
        }

        public ulong Session { get; }

        public Member Member { get; }
    }
}
