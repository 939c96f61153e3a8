using DecentralizedLion.Codecs;
using DecentralizedLion.Topology.Exchange;
using DecentralizedLion.Topology.Membership;
using DecentralizedLion.Topology.Transport;

namespace DecentralizedLion.Topology.Tests.Exchange;

/// <summary>Every frame that cannot be right is dropped for its own reason, and changes nothing.</summary>
public sealed class RefusalTests
{
    const int Parameters = 64 * 31 + 9;

    public static TheoryData<ExchangeKind, bool> Cases() => new()
    {
        { ExchangeKind.Ring, true }, { ExchangeKind.Ring, false }, { ExchangeKind.Direct, true }, { ExchangeKind.Direct, false },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Wrong_fields_have_their_reasons(ExchangeKind kind, bool started)
    {
        ExchangeRig rig = Begin(kind, started, out int victim);
        foreach (SentFrame frame in rig.Sent.Where(frame => frame.To == victim).ToArray())
        {
            FrameHeader h = frame.Header;
            int other = rig.View.Members.First(member => member != victim && member != frame.From);
            AssertDropped(DropReason.Place, frame.With(h with { Chunk = 4 }), "chunk");
            AssertDropped(DropReason.Place, frame.With(h with { Chunk = (h.Chunk + 1) % 4 }), "another's chunk");
            AssertDropped(DropReason.Place, frame.With(h with { Segment = rig.Map.Segments(h.Chunk) }), "segment");
            AssertDropped(DropReason.Place, frame.With(h with { Hop = 0 }), "hop 0");
            AssertDropped(DropReason.Place, frame.With(h with { Hop = h.Hop + 1 }), "hop");
            AssertDropped(DropReason.Place, frame.With(h with { Hop = 511 }), "hop 511");
            AssertDropped(DropReason.Place, frame.With(h with { Kind = FrameKind.Gather }), "kind");
            AssertDropped(DropReason.Place, frame with { From = 200 }, "stranger");
            AssertDropped(DropReason.Place, frame with { From = victim }, "from ourselves");
            AssertDropped(kind == ExchangeKind.Ring ? DropReason.Place : DropReason.Voters, frame with { From = other }, "another sender");
            AssertDropped(DropReason.Voters, frame.With(h with { Voters = h.Voters.With(victim) }), "our own vote");
            AssertDropped(DropReason.Voters, frame.With(h with { Voters = h.Voters.With(200) }), "a stranger's vote");
            AssertDropped(DropReason.Length, frame.With(h with { CountPlanes = h.CountPlanes + 1 }), "count planes");
            AssertDropped(DropReason.Length, frame.With(h with { CountPlanes = 0 }), "no count planes");
            AssertDropped(DropReason.Length, frame.With(h with { AbstentionPlanes = 1 - h.AbstentionPlanes }), "abstention planes");
            AssertDropped(DropReason.Length, frame.With(h with { AbstentionPlanes = 9 }), "too many abstention planes");
            AssertDropped(DropReason.Length, frame.With(h, frame.Payload[..^1]), "short");
            AssertDropped(DropReason.Length, frame.With(h, []), "empty");
            AssertDropped(DropReason.Length, frame.With(h, [.. frame.Payload, .. new byte[8]]), "long");
            AssertDropped(DropReason.Checksum, frame with { Header = h with { Crc = h.Crc ^ 1 } }, "checksum");
            byte[] flipped = [.. frame.Payload];
            flipped[^1] ^= 0x80;
            AssertDropped(DropReason.Checksum, frame with { Payload = flipped }, "flipped bit");
        }
        Finish(rig, started, victim);

        void AssertDropped(DropReason expected, SentFrame frame, string what)
        {
            var before = (rig.Exchanges[victim].Progress, rig.Sent.Count);
            var missing = rig.MissingOf(victim);
            DropReason? reason = rig.Exchanges[victim].Accept(frame.From, frame.Header, frame.Payload);
            Assert.True(expected == reason, $"{what}: {reason}, not {expected} ({frame.Header})");
            Assert.Equal(before, (rig.Exchanges[victim].Progress, rig.Sent.Count));
            Assert.Equal(missing, rig.MissingOf(victim));
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Bits_beyond_the_last_parameter_are_refused(ExchangeKind kind, bool started)
    {
        ExchangeRig rig = Begin(kind, started: false, out _);
        int sent = 0;
        for (int victim = 0; victim < rig.Count; victim++)
        {
            if (started && !rig.Exchanges[victim].Started)
                rig.Start(victim);
        }
        foreach (SentFrame frame in rig.Sent.ToArray())
        {
            WordRange range = rig.Map.Segment(frame.Header.Chunk, frame.Header.Segment);
            if (range.End != rig.Map.Words)
                continue;
            for (int plane = 1; plane <= frame.Header.CountPlanes + frame.Header.AbstentionPlanes; plane++)
            {
                byte[] payload = [.. frame.Payload];
                payload[plane * range.Length * 8 - 1] |= 0x80;
                Assert.Equal(DropReason.Content, rig.Deliver(frame.With(frame.Header, payload)));
                sent++;
            }
        }
        Assert.True(sent > 0);
        Finish(rig, started, rig.View.Members[1]);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_member_that_votes_here_and_relays_there_is_not_believed(ExchangeKind kind, bool started)
    {
        ExchangeRig rig = Begin(kind, started, out int victim);
        SentFrame[] frames = [.. rig.Sent.Where(frame => frame.To == victim && frame.Slot.Segment < 2)];
        SentFrame first = frames[0], second = frames.First(frame => frame.From == first.From && frame.Slot != first.Slot);
        Assert.Null(rig.Deliver(first));
        FrameHeader h = second.Header;
        Assert.Equal(DropReason.Voters, rig.Deliver(second.With(h with { Voters = default, CountPlanes = 0, AbstentionPlanes = 0 }, [])));
        rig.Sent.Remove(first);
        Finish(rig, started, victim);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_member_that_relays_here_and_votes_there_is_not_believed(ExchangeKind kind, bool started)
    {
        ExchangeRig rig = Begin(kind, started, out int victim);
        SentFrame[] frames = [.. rig.Sent.Where(frame => frame.To == victim && frame.Slot.Segment < 2)];
        SentFrame first = frames[0], second = frames.First(frame => frame.From == first.From && frame.Slot != first.Slot);
        Assert.Null(rig.Deliver(first.With(first.Header with { Voters = default, CountPlanes = 0, AbstentionPlanes = 0 }, [])));
        Assert.Equal(DropReason.Voters, rig.Deliver(second));
    }

    [Theory]
    [InlineData(ExchangeKind.Ring)]
    [InlineData(ExchangeKind.Direct)]
    public void A_verdict_without_our_word_is_forged(ExchangeKind kind)
    {
        ExchangeRig whole = Begin(kind, started: true, out int victim);
        var verdicts = new List<SentFrame>();
        while (whole.Sent.Count > 0)
        {
            SentFrame frame = whole.Sent[0];
            whole.Sent.RemoveAt(0);
            whole.Deliver(frame);
            if (frame.To == victim && frame.Header.Kind == FrameKind.Gather)
                verdicts.Add(frame);
        }
        Assert.NotEmpty(verdicts);

        ExchangeRig rig = Begin(kind, started: false, out _);
        foreach (SentFrame frame in verdicts)
        {
            Assert.Equal(DropReason.Voters, rig.Deliver(frame));
            VoterSet without = frame.Header.Voters.Except(VoterSet.Of(victim));
            byte[] payload = frame.Header is { Chunk: 0, Segment: 0 } ? frame.Payload[..^4] : frame.Payload;
            Assert.Equal(DropReason.Voters, rig.Deliver(frame.With(frame.Header with { Voters = without }, payload)));
        }
        rig.Start(victim);
        foreach (SentFrame frame in verdicts)
        {
            VoterSet without = frame.Header.Voters.Except(VoterSet.Of(victim));
            byte[] payload = frame.Header is { Chunk: 0, Segment: 0 } ? frame.Payload[..^4] : frame.Payload;
            Assert.Equal(DropReason.Voters, rig.Deliver(frame.With(frame.Header with { Voters = without }, payload)));
        }
        rig.DeliverAll();
        rig.AssertDecided();
    }

    [Theory]
    [InlineData(ExchangeKind.Ring)]
    [InlineData(ExchangeKind.Direct)]
    public void Verdicts_that_count_different_voters_are_refused(ExchangeKind kind)
    {
        ExchangeRig rig = Begin(kind, started: true, out int victim);
        SentFrame? verdict = null;
        while (verdict is null)
        {
            SentFrame frame = rig.Sent[0];
            rig.Sent.RemoveAt(0);
            if (frame.To == victim && frame.Header.Kind == FrameKind.Gather)
                verdict = frame;
            else
                rig.Deliver(frame);
        }
        VoterSet fewer = verdict.Header.Voters.Except(VoterSet.Of(verdict.From));
        byte[] payload = verdict.Header is { Chunk: 0, Segment: 0 } ? verdict.Payload[..^4] : verdict.Payload;
        Assert.Equal(DropReason.Voters, rig.Deliver(verdict.With(verdict.Header with { Voters = fewer }, payload)));
        Assert.Null(rig.Deliver(verdict));
        rig.DeliverAll();
        rig.AssertDecided();
    }

    /// <summary>Four members of which all but the one in the second place have started.</summary>
    static ExchangeRig Begin(ExchangeKind kind, bool started, out int victim)
    {
        var rig = new ExchangeRig(4, Parameters, kind);
        victim = rig.View.Members[1];
        foreach (int member in rig.View.Members)
        {
            if (started || member != victim)
                rig.Start(member);
        }
        return rig;
    }

    static void Finish(ExchangeRig rig, bool started, int victim)
    {
        if (!started && !rig.Exchanges[victim].Started)
            rig.Start(victim);
        rig.DeliverAll();
        rig.AssertDecided();
    }
}
