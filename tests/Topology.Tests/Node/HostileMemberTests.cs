using System.Buffers;
using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Membership;
using DecentralizedLion.Topology.Node;
using DecentralizedLion.Topology.Protection;
using DecentralizedLion.Topology.Transport;
using DecentralizedLion.Topology.ViewChanges;
using MessagePack;

namespace DecentralizedLion.Topology.Tests.Node;

/// <summary>Tests of the harm that one member's frames, or frames in its name, can do to the others.</summary>
public sealed class HostileMemberTests
{
    [Fact]
    public void Process_after_process_with_other_settings_is_reported_now_and_then()
    {
        var ring = new RingHarness(3);
        ring.StartAllAndRun();
        string noise = "\u001b[31m" + new string('x', 4000);
        for (ulong session = 1; session <= 1000; session++)
        {
            var hello = new Hello(0, false, 1, 0, default, [new("run", noise), new("parameters", "200")]);
            Say(ring, 1, new FrameHeader(FrameKind.Hello, 9, session, 0, 0, 0, 0, 0, 0, 0, default, 0), hello.Encode());
            ring.Run(0.01);
        }
        string[] told = ring.Texts(0, RingEventKind.Refused);
        Assert.InRange(told.Length, 3, 4); // ten seconds, a line in thirty after the first three
        Assert.All(told, text => Assert.True(text.Length < 500 && !text.Any(char.IsControl), text));
        ring.UntilWhole(3);
    }

    [Fact]
    public void A_round_near_the_end_of_all_numbers_does_not_block_the_views_after_it()
    {
        var ring = new RingHarness(3);
        ring.StartAllAndRun();
        View view = ring.Peers[0].Member.View!;
        foreach (long round in (long[])[long.MaxValue, ViewMessage.RoundMax, ViewMessage.RoundMax - 1, 1L << 50, 1L << 40])
        {
            foreach (int peer in (int[])[0, 2])
            {
                foreach (FrameKind kind in (FrameKind[])[FrameKind.Prepare, FrameKind.Accept, FrameKind.Synchronize,
                    FrameKind.Rejected])
                    Say(ring, 1, HeaderOf(ring, 1, kind) with { View = view.Number + 1 },
                        ViewMessage.Accept(round, view, holder: 0).Encode(), peer);
            }
        }
        ring.Peers[2].Kill();
        ring.UntilWhole(2);
        ring.Peers[2].Start();
        ring.UntilWhole(3);
    }

    [Fact]
    public void A_view_that_cannot_have_been_decided_is_not_believed_from_one_member()
    {
        var ring = new RingHarness(4);
        ring.StartAllAndRun(20);
        ring.Run(6); // lines about what lasts are told every five seconds
        Member victim = ring.Peers[0].Member;
        View view = victim.View!;
        long committed = victim.Committed;
        foreach (View forged in (View[])
            [
                Forged(view.Number + 1, committed, default),
                Forged(view.Number + 1, 1, default),
                Forged(view.Number + 1, committed + 1, Digest.Of([1])),
                Forged(view.Number + 500_000, committed + 1, default),
                Forged(view.Number + 1, committed + 1, default, runId: 5),
            ])
            Say(ring, 1, HeaderOf(ring, 1, FrameKind.Decided), ViewMessage.Decided(forged).Encode());
        Assert.Equal(view, victim.View);
        Assert.Contains(ring.Texts(0, RingEventKind.Ignored),
            text => text.StartsWith("p1 claims that view", StringComparison.Ordinal));
        ring.UntilApplied(committed + 20);
        Assert.Equal(view, victim.View);

        View Forged(int number, long first, Digest chain, ulong? runId = null) =>
            new(number, [1], [view.SessionOf(1)], first, [view.DiskIdOf(1)])
            {
                RunId = runId ?? view.RunId,
                BaseDigest = chain,
            };
    }

    [Fact]
    public void An_ask_with_a_segment_twice_is_none()
    {
        var ring = new RingHarness(3);
        ring.StartAllAndRun();
        LinkCounters counters = ring.Peers[0].Process!.Transport.Counters;
        long content = counters.Dropped(DropReason.Content), sent = counters.FramesSent;
        Say(ring, 1, HeaderOf(ring, 1, FrameKind.ResendRequest), Ask((0, 1, 0), (0, 1, 0)));
        Assert.Equal((content + 1, sent), (counters.Dropped(DropReason.Content), counters.FramesSent));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Who_keeps_sending_what_no_sound_peer_sends_is_named_and_where_the_link_is_its_own_excluded(bool authenticates)
    {
        var ring = new RingHarness(4, authenticates: authenticates);
        ring.StartAllAndRun();
        for (int i = 0; i < 40; i++)
        {
            foreach (int victim in (int[])[0, 2, 3])
                Say(ring, 1, HeaderOf(ring, 1, FrameKind.Ready), [1, 2, 3], victim);
        }
        string text = Assert.Single(ring.Texts(0, RingEventKind.Misbehaved));
        Assert.Contains("p1", text);
        if (!authenticates)
        {
            Assert.Contains("another process forges them", text);
            ring.Run(10);
            Assert.DoesNotContain(ring.Events, events => events.Event.Kind is RingEventKind.Suspected or RingEventKind.Removed);
            ring.UntilWhole(4);
            return;
        }
        ring.Until(() => ring.Peers[0].Member.View!.MemberSet == PeerSet.Of(0, 2, 3), "p1 is removed from the view");
        long step = ring.Peers[0].Member.Committed;
        ring.Until(() => ring.Peers[0].Member.Committed > step + 50, "the others go on");
        Assert.DoesNotContain(1, ring.Records.Where(record => record.Key > step + 2).SelectMany(record => record.Value.Voters));
        ring.Peers[1].Kill();
        ring.Peers[1].Start(); // another process of it may be sound
        ring.UntilWhole(4);
        ring.AssertMajorities();
    }

    [Fact]
    public void What_a_bad_network_can_do_to_a_frame_is_nobodys_misconduct()
    {
        var ring = new RingHarness(3);
        ring.StartAllAndRun();
        FrameHeader header = HeaderOf(ring, 1, FrameKind.Ready);
        for (int i = 0; i < 100; i++)
        {
            Say(ring, 1, header, [1, 2, 3], crc: 5);
            Say(ring, 1, header with { Kind = FrameKind.Reduce, Chunk = 200 }, [1], crc: 5);
        }
        ring.Run(5);
        Assert.Empty(ring.Texts(0, RingEventKind.Misbehaved));
        ring.UntilWhole(3);
    }

    [Fact]
    public void Unreadable_envelopes_are_nobodys_misconduct_for_anybody_of_the_host_may_have_written_them()
    {
        var ring = new RingHarness(3, authenticates: true);
        ring.StartAllAndRun();
        LinkCounters counters = ring.Peers[0].Process!.Transport.Counters;
        for (int i = 0; i < 100; i++)
            ring.Peers[0].Process!.Transport.Handler!(1, new byte[] { 0xc1 }, new byte[] { 1 });
        Assert.Equal(100, counters.Dropped(DropReason.Envelope));
        ring.Run(5);
        Assert.Empty(ring.Texts(0, RingEventKind.Misbehaved));
        ring.UntilWhole(3);
    }

    [Fact]
    public void Bad_checksums_over_an_authenticated_link_are_the_peers_own()
    {
        var ring = new RingHarness(3, authenticates: true);
        ring.StartAllAndRun();
        for (int i = 0; i < MisbehaviorDetector.ViolationsMax; i++)
            Say(ring, 1, HeaderOf(ring, 1, FrameKind.Ready), [1, 2, 3, 4], crc: 5);
        Assert.Contains("p1", Assert.Single(ring.Texts(0, RingEventKind.Misbehaved)));
    }

    static FrameHeader HeaderOf(RingHarness ring, int from, FrameKind kind)
    {
        RingOptions options = ring.Peers[from].Process!.Options;
        return new FrameHeader(kind, options.Fingerprint.Run, options.Session, ring.Peers[0].Member.View!.Number,
            ring.Peers[0].Member.Committed + 1, 0, 0, 0, 0, 0, default, 0);
    }

    /// <summary>A peer takes a frame that comes over another's link.</summary>
    static void Say(RingHarness ring, int from, FrameHeader header, byte[] payload, int to = 0, uint? crc = null)
    {
        var envelope = new ArrayBufferWriter<byte>();
        (header with { Crc = crc ?? header.Checksum(payload) }).Write(envelope);
        ring.Peers[to].Process!.Transport.Handler!(from, envelope.WrittenMemory, payload);
    }

    static byte[] Ask(params (int Chunk, int Hop, int Segment)[] slots)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(output);
        writer.WriteArrayHeader(3 * slots.Length);
        foreach (var (chunk, hop, segment) in slots)
        {
            writer.Write(chunk);
            writer.Write(hop);
            writer.Write(segment);
        }
        writer.Flush();
        return output.WrittenSpan.ToArray();
    }
}
