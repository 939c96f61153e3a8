using DecentralizedLion.Codecs.Reductions;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Exchange;
using DecentralizedLion.Topology.Simulation;
using FsCheck.Xunit;

namespace DecentralizedLion.Topology.Tests.Exchange;

/// <summary>Whatever steps carry: ring and direct give what plain loops give, bit for bit, and send what the formulas
/// say.</summary>
public sealed class StepKindTests
{
    const int Members = 8;

    public static IEnumerable<object[]> Cases()
    {
        var data = new TheoryData<StepKind, ExchangeKind, int>();
        foreach (StepKind shape in Enum.GetValues<StepKind>())
        {
            foreach (ExchangeKind kind in Enum.GetValues<ExchangeKind>())
            {
                for (int members = 1; members <= Members; members++)
                    data.Add(shape, kind, members);
            }
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    internal void Every_shape_size_and_relay_gives_what_plain_loops_give(StepKind shape, ExchangeKind kind, int members)
    {
        foreach (int parameters in (int[])[1, 63, 64, 65, 64 * members - 1, 64 * 3 * members, 64 * 20 + 7])
        {
            foreach (int relays in (int[])[0, 1, 0b1010, (1 << members) - 1])
            {
                var harness = new ExchangeHarness(members, parameters, kind, parameters + relays,
                    member => (relays >> member & 1) != 0, segmentWords: 1 + parameters % 3, zeros: relays == 1 ? 0 : 0.1, shape);
                for (int member = 0; member < members; member++)
                    harness.Start(member);
                harness.DeliverAll();
                harness.AssertDecided();
                foreach (StepExchange exchange in harness.Exchanges)
                    exchange.Release();
            }
        }
    }

    [Property(MaxTest = 150)]
    public void Any_order_of_frames_and_starts_and_any_repeats_give_the_same(int seed)
    {
        var random = new Random(seed);
        int members = random.Next(2, 8), relays = random.Next(1 << members) & random.Next(1 << members);
        var harness = new ExchangeHarness(members, random.Next(1, 600), (ExchangeKind)random.Next(2), seed,
            member => (relays >> member & 1) != 0, random.Next(1, 4), random.Next(2), (StepKind)random.Next(6));
        var delivered = new List<SentFrame>();
        var asleep = new List<int>(Enumerable.Range(0, members));
        while (asleep.Count > 0 || harness.Sent.Count > 0)
        {
            int pick = random.Next(asleep.Count + harness.Sent.Count);
            if (pick < asleep.Count)
            {
                harness.Start(asleep[pick]);
                asleep.RemoveAt(pick);
                continue;
            }
            SentFrame frame = harness.Sent[pick - asleep.Count];
            harness.Sent.RemoveAt(pick - asleep.Count);
            Assert.Null(harness.Deliver(frame));
            delivered.Add(frame);
            Assert.Equal(DropReason.Repeated, harness.Deliver(delivered[random.Next(delivered.Count)]));
        }
        harness.AssertDecided();
        Assert.Equal(delivered.Count, delivered.Select(frame => (frame.To, frame.From, frame.SegmentId)).Distinct().Count());
    }

    [Property(MaxTest = 100)]
    public void Asking_makes_good_any_loss(int seed)
    {
        var random = new Random(seed);
        int members = random.Next(2, 7);
        var harness = new ExchangeHarness(members, random.Next(1, 500), (ExchangeKind)random.Next(2), seed, member => member == 1,
            random.Next(1, 4), shape: (StepKind)random.Next(6));
        for (int member = 0; member < members; member++)
            harness.Start(member);
        for (int round = 0; round < 2 * members && !harness.Exchanges.All(exchange => exchange.Complete); round++)
        {
            foreach (SentFrame frame in harness.Sent.ToArray())
            {
                if (random.Next(2) == 0)
                    harness.Deliver(frame);
            }
            harness.Sent.Clear();
            harness.ResendMissing();
        }
        harness.AssertDecided();
    }

    /// <summary>
    /// Frames of which one thing is wrong, each with a checksum that fits: nothing throws, and what is believed is what could be
    /// honest, so that the step comes to an end.
    /// </summary>
    [Property(MaxTest = 200)]
    public void Hostile_frames_never_throw_and_change_nothing_when_dropped(int seed)
    {
        var random = new Random(seed);
        int members = random.Next(2, 6);
        bool isWeighted = random.Next(2) == 0;
        var harness = new ExchangeHarness(members, random.Next(1, 500), (ExchangeKind)random.Next(2), seed,
            segmentWords: random.Next(1, 4), shape: isWeighted ? Weighable(random) : (StepKind)random.Next(6),
            batches: !isWeighted ? null : [.. Enumerable.Range(0, members).Select(_ => 1 + random.Next(1 << random.Next(6)))]);
        for (int member = 0; member < members; member++)
            harness.Start(member);
        while (harness.Sent.Count > 0)
        {
            SentFrame frame = harness.Sent[0];
            harness.Sent.RemoveAt(0);
            for (int time = 0; time < 3; time++)
                AssertDropped(harness, Spoil(harness, frame, random));
            Assert.Null(harness.Deliver(frame));
        }
        harness.AssertDecided();
    }

    /// <summary>Ballots of any weights, in either exchange, in any order of frames, with relays.</summary>
    [Property(MaxTest = 200)]
    public void With_weights_it_is_what_plain_loops_give(int seed)
    {
        var random = new Random(seed);
        int members = random.Next(1, 9), relays = random.Next(1 << members) & random.Next(1 << members);
        int[] batches = [.. Enumerable.Range(0, members).Select(_ => random.Next(5) == 0
            ? 0 : 1 + random.Next(1 << random.Next(9)))];
        var harness = new ExchangeHarness(members, random.Next(1, 900), (ExchangeKind)random.Next(2), seed,
            member => (relays >> member & 1) != 0, random.Next(1, 4), random.Next(2), Weighable(random), batches);
        for (int member = 0; member < members; member++)
            harness.Start(member);
        while (harness.Sent.Count > 0)
        {
            int pick = random.Next(harness.Sent.Count);
            SentFrame frame = harness.Sent[pick];
            harness.Sent.RemoveAt(pick);
            Assert.Null(harness.Deliver(frame));
        }
        harness.AssertDecided();
        foreach (StepExchange exchange in harness.Exchanges)
        {
            Assert.Equal(0, exchange.Check().Contradictions);
            exchange.Release();
        }
    }

    /// <summary>A ballot alone is one plane, whatever its weight; a sum of votes is as wide as their number.</summary>
    [Theory]
    [InlineData(ExchangeKind.Ring)]
    [InlineData(ExchangeKind.Direct)]
    internal void With_weights_what_is_sent_is_the_formulas(ExchangeKind kind)
    {
        const int Words = 64 * 3;
        int[] batches = [10, 20, 50];
        var harness = new ExchangeHarness(3, 64 * Words, kind, seed: 5, zeros: 0, batches: batches);
        IReadOnlyList<Bucket> buckets = harness.Layout.Buckets;
        int[] weights = [.. harness.View.Members.Select(member => batches[member] / 10)];
        for (int member = 0; member < 3; member++)
            harness.Start(member);
        long planes = 0, losses = 0;
        while (harness.Sent.Count > 0)
        {
            SentFrame frame = harness.Sent[0];
            harness.Sent.RemoveAt(0);
            losses += frame.Header is { Chunk: 0, Segment: 0 } ? frame.Header.Voters.Count * sizeof(float) : 0;
            planes += frame.Payload.Length;
            harness.Deliver(frame);
        }
        double formula = kind == ExchangeKind.Ring ? WireBits.Ring(buckets, weights) : WireBits.Direct(buckets, weights);
        Assert.Equal(formula * 3 / 8, planes - losses);
        int third = 64 * Words / 3;
        // Hop 1: three ballots. Hop 2: sums of 1 + 2, 2 + 5 and 5 + 1 votes, in either direction round the ring.
        int[] sums = [2, 3, 3];
        Assert.Equal(kind == ExchangeKind.Ring ? third * (3 + sums.Sum() + 6) / 8 : third * (6 + 6) / 8, planes - losses);
    }

    static StepKind Weighable(Random random)
    {
        StepKind shape = (StepKind)random.Next(6);
        return shape == StepKind.Sparse ? StepKind.Average : shape; // entries have no weights
    }

    [Theory]
    [MemberData(nameof(Cases))]
    internal void What_is_sent_is_the_formulas(StepKind shape, ExchangeKind kind, int members)
    {
        if (members == 1)
            return;
        // Words that all members share alike, so that the formula is exact.
        int parameters = 64 * members * 5;
        var harness = new ExchangeHarness(members, parameters, kind, zeros: 0, shape: shape);
        for (int member = 0; member < members; member++)
            harness.Start(member);
        var sent = new long[members];
        while (harness.Sent.Count > 0)
        {
            SentFrame frame = harness.Sent[0];
            harness.Sent.RemoveAt(0);
            int losses = frame.Header.Segment == 0 && (frame.Header.Chunk == 0 || shape == StepKind.Sparse)
                ? frame.Header.Voters.Count * sizeof(float) : 0;
            sent[frame.From] += frame.Payload.Length - losses;
            Assert.Null(harness.Deliver(frame));
        }
        long words = harness.Layout.Buckets.Sum(bucket => SentOf(bucket, kind, members));
        Assert.Equal(words * sizeof(ulong), sent.Sum());
        if (shape is StepKind.Vote or StepKind.Average or StepKind.Mean or StepKind.Sparse)
            Assert.All(sent, bytes => Assert.Equal(words * sizeof(ulong) / members, bytes)); // all send alike
    }

    /// <summary>The words that all members send together, for a part whose words they share alike.</summary>
    static long SentOf(Bucket bucket, ExchangeKind kind, int members)
    {
        Reduction reduction = bucket.Reduction;
        if (reduction.IsGathered)
            return (long)members * (members - 1) * bucket.Words;
        long planes = kind == ExchangeKind.Ring
            ? Enumerable.Range(1, members - 1).Sum(reduction.SumPlanes) + (members - 1) * reduction.AggregatePlanes(members)
            : (members - 1) * (reduction.SumPlanes(1) + reduction.AggregatePlanes(members));
        return planes * bucket.Words;
    }

    static void AssertDropped(ExchangeHarness harness, SentFrame frame)
    {
        StepExchange exchange = harness.Exchanges[frame.To];
        var before = (exchange.Progress, harness.Sent.Count, harness.MissingOf(frame.To).Length);
        Assert.NotNull(exchange.Accept(frame.From, frame.Header, frame.Payload));
        Assert.Equal(before, (exchange.Progress, harness.Sent.Count, harness.MissingOf(frame.To).Length));
    }

    static SentFrame Spoil(ExchangeHarness harness, SentFrame frame, Random random)
    {
        FrameHeader h = frame.Header;
        harness.Layout.TryFind(h.Chunk, h.Segment, out int index, out int segment);
        ChunkMap map = harness.Layout.Maps[index];
        WordRange range = map.Segment(h.Chunk, segment);
        byte[] payload = [.. frame.Payload];
        switch (random.Next(5))
        {
            case 0:
                return frame.With(h with { CountPlanes = h.CountPlanes + 1 });
            case 1:
                return frame.With(h with { AbstentionPlanes = h.AbstentionPlanes == 33 ? 1 : 33 });
            case 2:
                return frame.With(h, [.. payload, .. new byte[8]]);
            case 3 when range.Length > 0 && map.Bucket.Reduction is FloatReduction:
                BitConverter.TryWriteBytes(payload.AsSpan(4 * random.Next(64 * range.Length)), random.Next(3) switch
                {
                    0 => float.NaN,
                    1 => float.NegativeInfinity,
                    _ => float.MaxValue,
                });
                return frame.With(h, payload);
            case 3 when range.Length > 0 && map.Bucket.Reduction is SparseGather:
                BitConverter.TryWriteBytes(payload.AsSpan(8 * random.Next(range.Length)), random.Next(2) == 0
                    ? SparseGather.Entry(harness.Parameters, 1) : SparseGather.Entry(0, float.NaN));
                return frame.With(h, payload);
            default:
                return frame with { Header = h with { Crc = h.Crc + 1 } };
        }
    }
}
