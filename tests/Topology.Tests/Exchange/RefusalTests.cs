using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Exchange;

namespace DecentralizedLion.Topology.Tests.Exchange;

/// <summary>Every frame that cannot be right is dropped for its own reason, and changes nothing.</summary>
public sealed class RefusalTests
{
    const int Parameters = 64 * 31 + 9;

    public static IEnumerable<object[]> Cases() => new TheoryData<ExchangeKind, bool>
    {
        { ExchangeKind.Ring, true }, { ExchangeKind.Ring, false }, { ExchangeKind.Direct, true }, { ExchangeKind.Direct, false },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    internal void Wrong_fields_have_their_reasons(ExchangeKind kind, bool started)
    {
        ExchangeHarness harness = Begin(kind, started, out int victim);
        foreach (SentFrame frame in harness.Sent.Where(frame => frame.To == victim).ToArray())
        {
            FrameHeader h = frame.Header;
            int other = harness.View.Members.First(member => member != victim && member != frame.From);
            AssertDropped(DropReason.Slot, frame.With(h with { Chunk = 4 }), "chunk");
            AssertDropped(DropReason.Slot, frame.With(h with { Chunk = (h.Chunk + 1) % 4 }), "another's chunk");
            AssertDropped(DropReason.Slot, frame.With(h with { Segment = harness.Map.Segments(h.Chunk) }), "segment");
            AssertDropped(DropReason.Slot, frame.With(h with { Hop = 0 }), "hop 0");
            AssertDropped(DropReason.Slot, frame.With(h with { Hop = h.Hop + 1 }), "hop");
            AssertDropped(DropReason.Slot, frame.With(h with { Hop = 511 }), "hop 511");
            AssertDropped(DropReason.Slot, frame.With(h with { Kind = FrameKind.Gather }), "kind");
            AssertDropped(DropReason.Slot, frame with { From = 200 }, "stranger");
            AssertDropped(DropReason.Slot, frame with { From = victim }, "from ourselves");
            AssertDropped(kind == ExchangeKind.Ring ? DropReason.Slot : DropReason.Voters, frame with { From = other },
                "another sender");
            AssertDropped(DropReason.Voters, frame.With(h with { Voters = h.Voters.With(victim) }), "our own vote");
            AssertDropped(DropReason.Voters, frame.With(h with { Voters = h.Voters.With(200) }), "a stranger's vote");
            AssertDropped(DropReason.Length, frame.With(h with { CountPlanes = h.CountPlanes + 1 }), "count planes");
            AssertDropped(DropReason.Length, frame.With(h with { CountPlanes = 0 }), "no count planes");
            AssertDropped(DropReason.Length, frame.With(h with { AbstentionPlanes = 1 - h.AbstentionPlanes }),
                "abstention planes");
            AssertDropped(DropReason.Length, frame.With(h with { AbstentionPlanes = 9 }), "too many abstention planes");
            AssertDropped(DropReason.Length, frame.With(h, frame.Payload[..^1]), "short");
            AssertDropped(DropReason.Length, frame.With(h, []), "empty");
            AssertDropped(DropReason.Length, frame.With(h, [.. frame.Payload, .. new byte[8]]), "long");
            AssertDropped(DropReason.Checksum, frame with { Header = h with { Crc = h.Crc ^ 1 } }, "checksum");
            byte[] flipped = [.. frame.Payload];
            flipped[^1] ^= 0x80;
            AssertDropped(DropReason.Checksum, frame with { Payload = flipped }, "flipped bit");
        }
        Finish(harness, started, victim);

        void AssertDropped(DropReason expected, SentFrame frame, string what)
        {
            var before = (harness.Exchanges[victim].Progress, harness.Sent.Count);
            var missing = harness.MissingOf(victim);
            DropReason? reason = harness.Exchanges[victim].Accept(frame.From, frame.Header, frame.Payload);
            Assert.True(expected == reason, $"{what}: {reason}, not {expected} ({frame.Header})");
            Assert.Equal(before, (harness.Exchanges[victim].Progress, harness.Sent.Count));
            Assert.Equal(missing, harness.MissingOf(victim));
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    internal void Bits_beyond_the_last_parameter_are_refused(ExchangeKind kind, bool started)
    {
        ExchangeHarness harness = Begin(kind, started: false, out _);
        int sent = 0;
        for (int victim = 0; victim < harness.Count; victim++)
        {
            if (started && !harness.Exchanges[victim].Started)
                harness.Start(victim);
        }
        foreach (SentFrame frame in harness.Sent.ToArray())
        {
            WordRange range = harness.Map.Segment(frame.Header.Chunk, frame.Header.Segment);
            if (range.End != harness.Map.Words)
                continue;
            for (int plane = 1; plane <= frame.Header.CountPlanes + frame.Header.AbstentionPlanes; plane++)
            {
                byte[] payload = [.. frame.Payload];
                payload[plane * range.Length * 8 - 1] |= 0x80;
                Assert.Equal(DropReason.Content, harness.Deliver(frame.With(frame.Header, payload)));
                sent++;
            }
        }
        Assert.True(sent > 0);
        Finish(harness, started, harness.View.Members[1]);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    internal void A_member_that_votes_here_and_relays_there_is_not_believed(ExchangeKind kind, bool started)
    {
        ExchangeHarness harness = Begin(kind, started, out int victim);
        SentFrame[] frames = [.. harness.Sent.Where(frame => frame.To == victim && frame.SegmentId.Segment < 2)];
        SentFrame first = frames[0],
            second = frames.First(frame => frame.From == first.From && frame.SegmentId != first.SegmentId);
        Assert.Null(harness.Deliver(first));
        FrameHeader h = second.Header;
        Assert.Equal(DropReason.Voters,
            harness.Deliver(second.With(h with { Voters = default, CountPlanes = 0, AbstentionPlanes = 0 }, [])));
        harness.Sent.Remove(first);
        Finish(harness, started, victim);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    internal void A_member_that_relays_here_and_votes_there_is_not_believed(ExchangeKind kind, bool started)
    {
        ExchangeHarness harness = Begin(kind, started, out int victim);
        SentFrame[] frames = [.. harness.Sent.Where(frame => frame.To == victim && frame.SegmentId.Segment < 2)];
        SentFrame first = frames[0],
            second = frames.First(frame => frame.From == first.From && frame.SegmentId != first.SegmentId);
        Assert.Null(
            harness.Deliver(first.With(first.Header with { Voters = default, CountPlanes = 0, AbstentionPlanes = 0 }, [])));
        Assert.Equal(DropReason.Voters, harness.Deliver(second));
    }

    [Theory]
    [InlineData(ExchangeKind.Ring)]
    [InlineData(ExchangeKind.Direct)]
    internal void A_majority_without_our_word_is_forged(ExchangeKind kind)
    {
        ExchangeHarness whole = Begin(kind, started: true, out int victim);
        var majorities = new List<SentFrame>();
        while (whole.Sent.Count > 0)
        {
            SentFrame frame = whole.Sent[0];
            whole.Sent.RemoveAt(0);
            whole.Deliver(frame);
            if (frame.To == victim && frame.Header.Kind == FrameKind.Gather)
                majorities.Add(frame);
        }
        Assert.NotEmpty(majorities);

        ExchangeHarness harness = Begin(kind, started: false, out _);
        foreach (SentFrame frame in majorities)
        {
            Assert.Equal(DropReason.Voters, harness.Deliver(frame));
            PeerSet without = frame.Header.Voters.Except(PeerSet.Of(victim));
            byte[] payload = frame.Header is { Chunk: 0, Segment: 0 } ? frame.Payload[..^4] : frame.Payload;
            Assert.Equal(DropReason.Voters, harness.Deliver(frame.With(frame.Header with { Voters = without }, payload)));
        }
        harness.Start(victim);
        foreach (SentFrame frame in majorities)
        {
            PeerSet without = frame.Header.Voters.Except(PeerSet.Of(victim));
            byte[] payload = frame.Header is { Chunk: 0, Segment: 0 } ? frame.Payload[..^4] : frame.Payload;
            Assert.Equal(DropReason.Voters, harness.Deliver(frame.With(frame.Header with { Voters = without }, payload)));
        }
        harness.DeliverAll();
        harness.AssertDecided();
    }

    [Theory]
    [InlineData(ExchangeKind.Ring)]
    [InlineData(ExchangeKind.Direct)]
    internal void Majorities_that_count_different_voters_are_refused(ExchangeKind kind)
    {
        ExchangeHarness harness = Begin(kind, started: true, out int victim);
        SentFrame? majority = null;
        while (majority is null)
        {
            SentFrame frame = harness.Sent[0];
            harness.Sent.RemoveAt(0);
            if (frame.To == victim && frame.Header.Kind == FrameKind.Gather)
                majority = frame;
            else
                harness.Deliver(frame);
        }
        PeerSet fewer = majority.Header.Voters.Except(PeerSet.Of(majority.From));
        byte[] payload = majority.Header is { Chunk: 0, Segment: 0 } ? majority.Payload[..^4] : majority.Payload;
        Assert.Equal(DropReason.Voters, harness.Deliver(majority.With(majority.Header with { Voters = fewer }, payload)));
        Assert.Null(harness.Deliver(majority));
        harness.DeliverAll();
        harness.AssertDecided();
    }

    /// <summary>Four members of which all but the one in the second place have started.</summary>
    static ExchangeHarness Begin(ExchangeKind kind, bool started, out int victim)
    {
        var harness = new ExchangeHarness(4, Parameters, kind);
        victim = harness.View.Members[1];
        foreach (int member in harness.View.Members)
        {
            if (started || member != victim)
                harness.Start(member);
        }
        return harness;
    }

    static void Finish(ExchangeHarness harness, bool started, int victim)
    {
        if (!started && !harness.Exchanges[victim].Started)
            harness.Start(victim);
        harness.DeliverAll();
        harness.AssertDecided();
    }
}
