using System.Runtime.InteropServices;
using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Exchange;
using FsCheck.Xunit;

namespace DecentralizedLion.Topology.Tests.Exchange;

/// <summary>Tests of the members' checks of each other's ballots and sums: no violation in an honest ring, and the names of those
/// that may have changed a sum that no votes could explain.</summary>
public sealed class SpotCheckTests
{
    [Property(MaxTest = 200)]
    public void Nobody_is_suspected_of_an_honest_ring(int seed)
    {
        var random = new Random(seed);
        int members = random.Next(2, 8);
        PeerSet relays = default;
        for (int member = 0; member < members; member++)
            relays = random.Next(5) == 0 ? relays.With(member) : relays;
        var harness = new ExchangeHarness(members, random.Next(1, 1500), (ExchangeKind)random.Next(2), seed, relays.Contains,
            random.Next(1, 4), random.NextDouble());
        for (int member = 0; member < members; member++)
            harness.Start(member);
        harness.DeliverAll();
        harness.AssertDecided();
        foreach (StepExchange exchange in harness.Exchanges)
        {
            SpotChecks checks = exchange.Check();
            Assert.Equal((0, default), (checks.Contradictions, checks.Suspects));
            Assert.All(checks.Agreements, seen =>
                Assert.True(seen.Theirs <= seen.Of && seen.Ours <= seen.Of && seen.Of <= 64 && !relays.Contains(seen.Member)));
        }
    }

    /// <summary>The last adder decides the opposite of what all others voted, and its neighbour, who passed that on, sees
    /// it.</summary>
    [Theory]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(7)]
    public void Who_decides_against_a_sum_that_settles_it_is_named(int members)
    {
        var harness = new ExchangeHarness(members, 64 * 8 * members, ExchangeKind.Ring, zeros: 0);
        for (int member = 1; member < members; member++)
            harness.Ballots[0]!.Signs.CopyTo(harness.Ballots[member]!.Signs); // all vote alike
        for (int member = 0; member < members; member++)
            harness.Start(member);
        int liar = harness.View.Members[1], before = harness.View.Members[0];
        while (harness.Sent.Count > 0)
        {
            SentFrame frame = harness.Sent[0];
            harness.Sent.RemoveAt(0);
            if (frame.To == liar && frame.Header.Kind == FrameKind.Reduce && frame.Header.Hop == members - 1)
            {
                // As if it had counted nobody's votes but its own, turned round.
                ulong[] none = new ulong[frame.Payload.Length / sizeof(ulong)];
                frame = frame.With(frame.Header,
                    [.. MemoryMarshal.AsBytes<ulong>(none), .. frame.Payload[(none.Length * sizeof(ulong))..]]);
            }
            Assert.Null(harness.Deliver(frame));
        }
        SpotChecks checks = harness.Exchanges[before].Check();
        Assert.True(checks.Contradictions > 0);
        Assert.Equal(PeerSet.Of(liar), checks.Suspects);
        Assert.Equal(0, harness.Exchanges[liar].Check().Contradictions);
    }

    [Theory]
    [InlineData(ExchangeKind.Ring)]
    [InlineData(ExchangeKind.Direct)]
    internal void More_votes_than_voters_are_refused(ExchangeKind kind)
    {
        var harness = new ExchangeHarness(4, 64 * 40, kind, zeros: 0.2);
        for (int member = 0; member < 4; member++)
            harness.Start(member);
        int refused = 0;
        while (harness.Sent.Count > 0)
        {
            SentFrame frame = harness.Sent[0];
            harness.Sent.RemoveAt(0);
            int room = frame.Header.Kind == FrameKind.Gather ? 1 : frame.Header.Voters.Count;
            if (frame.Header.AbstentionPlanes > 0 || (room & (room + 1)) != 0)
            {
                byte[] full = [.. frame.Payload];
                int planes = (frame.Header.CountPlanes + frame.Header.AbstentionPlanes)
                    * harness.Map.Segment(frame.Header.Chunk, frame.Header.Segment).Length * sizeof(ulong);
                full.AsSpan(0, planes).Fill(0xff);
                Assert.Equal(DropReason.Content, harness.Deliver(frame.With(frame.Header, full)));
                refused++;
            }
            Assert.Null(harness.Deliver(frame));
        }
        Assert.True(refused > 20);
        harness.AssertDecided();
    }

    [Theory]
    [InlineData(ExchangeKind.Ring)]
    [InlineData(ExchangeKind.Direct)]
    internal void Who_votes_against_the_others_is_named_by_who_sees_its_ballots(ExchangeKind kind)
    {
        const int parameters = 64 * 200;
        Func<int, long, Ballot?> chance = RingHarness.Ballots(parameters, 3);
        var ring = new RingHarness(4, parameters)
        {
            Exchange = kind,
            SegmentWords = 8,
            BallotOf = (peer, step) =>
            {
                var ballot = new Ballot(parameters);
                Ballot own = chance(peer, step)!, common = chance(9, step)!;
                for (int word = 0; word < ballot.Words; word++) // the others agree in three of four
                    ballot.Signs[word] = peer == 1
                        ? ~common.Signs[word] : common.Signs[word] ^ (own.Signs[word] & chance(peer + 20, step)!.Signs[word]);
                return ballot;
            },
        };
        ring.StartAll();
        ring.UntilApplied(150, seconds: 600);
        RingEvent[] told = [.. ring.Events.Select(events => events.Event).Where(e => e.Kind == RingEventKind.Suspicious)];
        Assert.NotEmpty(told);
        Assert.All(told,
            e => Assert.True(e.Peer == 1 && e.Text.Contains("p1's ballots agree with the majority in", StringComparison.Ordinal),
                    e.Text));
        ring.AssertMajorities(); // it is outvoted, no more
    }
}
