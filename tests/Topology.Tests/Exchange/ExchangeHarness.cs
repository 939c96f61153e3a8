using System.Runtime.InteropServices;
using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Exchange;
using DecentralizedLion.Topology.Simulation;
using DecentralizedLion.Topology.Simulation.Reference;
using DecentralizedLion.Topology.Transport;
using DecentralizedLion.Topology.ViewChanges;

namespace DecentralizedLion.Topology.Tests.Exchange;

/// <summary>The exchanges of one step, as pure state machines: what is sent lies in a list until the test delivers it.</summary>
sealed class ExchangeHarness
{
    public const long Step = 7;

    readonly int[] previous;

    public ExchangeHarness(int members, int parameters, ExchangeKind kind, int seed = 1, Func<int, bool>? relays = null,
        int segmentWords = 2, double zeros = 0.1, StepKind shape = StepKind.Vote, int[]? batches = null)
    {
        var random = new Random(seed);
        Parameters = parameters;
        int[] order = [.. Enumerable.Range(0, members)];
        random.Shuffle(order); // the ring's order is not the roster's
        View = new View(1, order, [.. order.Select(member => (ulong)member + 1)], Step)
        {
            // Only those of the first step count.
            Shares = batches is null ? BatchShares.None
                : new BatchShares([.. order.Select(_ => 1)], [.. order.Select(member => batches[member])]),
        };
        Layout = new StepLayout(StepKinds.BucketsOf(shape, parameters)(Step), members, segmentWords);
        ulong[] signs = new ulong[BitPlanes.Words(parameters)];
        for (int word = 0; word < signs.Length; word++)
            signs[word] = (ulong)random.NextInt64()
                & (word == signs.Length - 1 ? BitPlanes.TailMask(parameters) : ulong.MaxValue);
        previous = [.. Enumerable.Range(0, parameters).Select(i => ReferenceMajority.Bit(signs[i / 64], i % 64) ? 1 : -1)];
        Exchanges = new StepExchange[members];
        Ballots = new Ballot?[members];
        for (int member = 0; member < members; member++)
        {
            Ballots[member] = relays?.Invoke(member) == true ? null
                : shape == StepKind.Vote ? ReferenceMajority.RandomBallot(random, parameters, zeros)
                : ReferenceMajority.RandomBallot(random, Layout.Buckets, parameters, zeros > 0);
            Exchanges[member] = new StepExchange(View, member, Step, Layout, kind, signs)
            {
                Sender = new Sender(this, member),
            };
        }
    }

    public View View { get; }

    public StepLayout Layout { get; }

    /// <summary>The cut of the first bucket.</summary>
    public ChunkMap Map => Layout.Maps[0];

    public int Parameters { get; }

    public StepExchange[] Exchanges { get; }

    public Ballot?[] Ballots { get; }

    /// <summary>Sent and not yet taken by the test.</summary>
    public List<SentFrame> Sent { get; } = [];

    public int Count => Exchanges.Length;

    public static float LossOf(int member) => 0.5f + member;

    public void Start(int member) => Exchanges[member].Start(Ballots[member], LossOf(member));

    public DropReason? Deliver(SentFrame frame) => Exchanges[frame.To].Accept(frame.From, frame.Header, frame.Payload);

    /// <summary>Delivers all in the order sent, and what follows from it.</summary>
    public void DeliverAll()
    {
        while (Sent.Count > 0)
        {
            SentFrame frame = Sent[0];
            Sent.RemoveAt(0);
            Deliver(frame);
        }
    }

    /// <summary>Lets each member request what it misses, and delivers each segment that a neighbour can send.</summary>
    public void ResendMissing()
    {
        for (int member = 0; member < Exchanges.Length; member++)
        {
            foreach (var (from, id) in MissingOf(member))
            {
                int before = Sent.Count;
                if (!Exchanges[from].Resend(member, id))
                {
                    Assert.False(Exchanges[from].Complete, $"{from} is complete and cannot send {id} to {member}");
                    continue;
                }
                SentFrame frame = Assert.Single(Sent.Skip(before));
                Assert.Equal((from, member, id), (frame.From, frame.To, frame.SegmentId));
                Assert.Null(Deliver(frame));
                Sent.RemoveAt(before);
            }
        }
    }

    /// <summary>All slots that a member waits for, by sender.</summary>
    public (int From, SegmentId Slot)[] MissingOf(int member)
    {
        var all = new List<(int, SegmentId)>();
        for (int from = 0; from < Count; from++)
        {
            var ids = new List<SegmentId>();
            Exchanges[member].AddMissing(from, ids, int.MaxValue);
            all.AddRange(ids.Select(id => (from, id)));
        }
        return [.. all];
    }

    /// <summary>Every member has the whole majority, and it is the oracle's.</summary>
    public void AssertDecided()
    {
        int[] voters = [.. Enumerable.Range(0, Count).Where(member => Ballots[member] is not null)];
        Aggregate[] expected = [.. Layout.Buckets.Select((bucket, index) => ReferenceReduction.Decide(bucket,
            [.. voters.Select(member => (member, Ballots[member]!.Buckets[index]))], View, Step, previous))];
        foreach (StepExchange exchange in Exchanges)
        {
            Assert.True(exchange.Complete);
            Assert.Equal(voters, exchange.Voters);
            Assert.Equal(voters.Select(LossOf),
                voters.Select(voter => BitConverter.UInt32BitsToSingle(exchange.LossBitsOf(voter))));
            Assert.Equal(expected.Length, exchange.Aggregates.Length);
            for (int part = 0; part < expected.Length; part++)
            {
                Assert.Equal(expected[part].Planes, exchange.Aggregates[part].Planes);
                Assert.Equal(expected[part].Zeros, exchange.Aggregates[part].Zeros);
            }
            Assert.Empty(MissingOf(exchange.Self));
        }
    }

    sealed class Sender(ExchangeHarness harness, int self) : ISegmentSender
    {
        public void Send(int member, in SegmentHeader segment, ReadOnlySpan<ulong> counts, ReadOnlySpan<ulong> abstentions,
            ReadOnlySpan<uint> losses)
        {
            byte[] payload = [.. MemoryMarshal.AsBytes(counts), .. MemoryMarshal.AsBytes(abstentions),
                .. MemoryMarshal.AsBytes(losses)];
            var header = new FrameHeader(segment.Kind, 1, (ulong)self + 1, 1, segment.Step, segment.SegmentId.Chunk,
                segment.SegmentId.Hop, segment.SegmentId.Segment, segment.CountPlanes, segment.AbstentionPlanes,
                segment.Voters, 0);
            harness.Sent.Add(new SentFrame(self, member, header with { Crc = header.Checksum(payload) }, payload));
        }
    }
}
