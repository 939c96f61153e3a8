using DecentralizedLion.Codecs;
using DecentralizedLion.Topology.Exchange;
using DecentralizedLion.Topology.Membership;
using DecentralizedLion.Topology.Simulated;
using DecentralizedLion.Topology.Transport;
using FsCheck.Xunit;

namespace DecentralizedLion.Topology.Tests.Exchange;

/// <summary>Whatever steps carry: ring and direct give what plain loops give, bit for bit, and send what the formulas say.</summary>
public sealed class ShapeTests
{
    const int Members = 8;

    public static TheoryData<MethodShape, ExchangeKind, int> Cases()
    {
        var data = new TheoryData<MethodShape, ExchangeKind, int>();
        foreach (MethodShape shape in Enum.GetValues<MethodShape>())
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
    public void Every_shape_size_and_relay_gives_what_plain_loops_give(MethodShape shape, ExchangeKind kind, int members)
    {
        foreach (int parameters in (int[])[1, 63, 64, 65, 64 * members - 1, 64 * 3 * members, 64 * 20 + 7])
        {
            foreach (int relays in (int[])[0, 1, 0b1010, (1 << members) - 1])
            {
                var rig = new ExchangeRig(members, parameters, kind, parameters + relays, member => (relays >> member & 1) != 0,
                    segmentWords: 1 + parameters % 3, zeros: relays == 1 ? 0 : 0.1, shape);
                for (int member = 0; member < members; member++)
                    rig.Start(member);
                rig.DeliverAll();
                rig.AssertDecided();
                foreach (StepExchange exchange in rig.Exchanges)
                    exchange.Forget();
            }
        }
    }

    [Property(MaxTest = 150)]
    public void Any_order_of_frames_and_starts_and_any_repeats_give_the_same(int seed)
    {
        var random = new Random(seed);
        int members = random.Next(2, 8), relays = random.Next(1 << members) & random.Next(1 << members);
        var rig = new ExchangeRig(members, random.Next(1, 600), (ExchangeKind)random.Next(2), seed, member => (relays >> member & 1) != 0,
            random.Next(1, 4), random.Next(2), (MethodShape)random.Next(6));
        var delivered = new List<SentFrame>();
        var asleep = new List<int>(Enumerable.Range(0, members));
        while (asleep.Count > 0 || rig.Sent.Count > 0)
        {
            int pick = random.Next(asleep.Count + rig.Sent.Count);
            if (pick < asleep.Count)
            {
                rig.Start(asleep[pick]);
                asleep.RemoveAt(pick);
                continue;
            }
            SentFrame frame = rig.Sent[pick - asleep.Count];
            rig.Sent.RemoveAt(pick - asleep.Count);
            Assert.Null(rig.Deliver(frame));
            delivered.Add(frame);
            Assert.Equal(DropReason.Repeated, rig.Deliver(delivered[random.Next(delivered.Count)]));
        }
        rig.AssertDecided();
        Assert.Equal(delivered.Count, delivered.Select(frame => (frame.To, frame.From, frame.Slot)).Distinct().Count());
    }

    [Property(MaxTest = 100)]
    public void Asking_makes_good_any_loss(int seed)
    {
        var random = new Random(seed);
        int members = random.Next(2, 7);
        var rig = new ExchangeRig(members, random.Next(1, 500), (ExchangeKind)random.Next(2), seed, member => member == 1, random.Next(1, 4),
            shape: (MethodShape)random.Next(6));
        for (int member = 0; member < members; member++)
            rig.Start(member);
        for (int round = 0; round < 2 * members && !rig.Exchanges.All(exchange => exchange.Complete); round++)
        {
            foreach (SentFrame frame in rig.Sent.ToArray())
            {
                if (random.Next(2) == 0)
                    rig.Deliver(frame);
            }
            rig.Sent.Clear();
            for (int member = 0; member < members; member++)
            {
                foreach (var (from, slot) in rig.MissingOf(member))
                {
                    int before = rig.Sent.Count;
                    if (!rig.Exchanges[from].Resend(member, slot))
                    {
                        Assert.False(rig.Exchanges[from].Complete, $"{from} is complete and cannot send {slot} to {member}");
                        continue;
                    }
                    SentFrame frame = Assert.Single(rig.Sent.Skip(before));
                    Assert.Equal((from, member, slot), (frame.From, frame.To, frame.Slot));
                    Assert.Null(rig.Deliver(frame));
                    rig.Sent.RemoveAt(before);
                }
            }
        }
        rig.AssertDecided();
    }

    /// <summary>
    /// Frames of which one thing is wrong, each with a checksum that fits: nothing throws, and what is believed is what could be honest, so
    /// that the step comes to an end.
    /// </summary>
    [Property(MaxTest = 200)]
    public void Hostile_frames_never_throw_and_change_nothing_when_dropped(int seed)
    {
        var random = new Random(seed);
        int members = random.Next(2, 6);
        var rig = new ExchangeRig(members, random.Next(1, 500), (ExchangeKind)random.Next(2), seed, segmentWords: random.Next(1, 4),
            shape: (MethodShape)random.Next(6));
        for (int member = 0; member < members; member++)
            rig.Start(member);
        while (rig.Sent.Count > 0)
        {
            SentFrame frame = rig.Sent[0];
            rig.Sent.RemoveAt(0);
            for (int time = 0; time < 3; time++)
                AssertDropped(rig, Spoil(rig, frame, random));
            Assert.Null(rig.Deliver(frame));
        }
        rig.AssertDecided();
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void What_is_sent_is_the_formulas(MethodShape shape, ExchangeKind kind, int members)
    {
        if (members == 1)
            return;
        // Words that all members share alike, so that the formula is exact.
        int parameters = 64 * members * 5;
        var rig = new ExchangeRig(members, parameters, kind, zeros: 0, shape: shape);
        for (int member = 0; member < members; member++)
            rig.Start(member);
        var sent = new long[members];
        while (rig.Sent.Count > 0)
        {
            SentFrame frame = rig.Sent[0];
            rig.Sent.RemoveAt(0);
            int losses = frame.Header.Segment == 0 && (frame.Header.Chunk == 0 || shape == MethodShape.Sparse) ? frame.Header.Voters.Count * sizeof(float) : 0;
            sent[frame.From] += frame.Payload.Length - losses;
            Assert.Null(rig.Deliver(frame));
        }
        long words = rig.Layout.Parts.Sum(part => SentOf(part, kind, members));
        Assert.Equal(words * sizeof(ulong), sent.Sum());
        if (shape is MethodShape.Vote or MethodShape.Average or MethodShape.Mean or MethodShape.Sparse)
            Assert.All(sent, bytes => Assert.Equal(words * sizeof(ulong) / members, bytes)); // all send alike
    }

    /// <summary>The words that all members send together, for a part whose words they share alike.</summary>
    static long SentOf(StepPart part, ExchangeKind kind, int members)
    {
        Reduction reduction = part.Reduction;
        if (reduction.IsGathered)
            return (long)members * (members - 1) * part.Words;
        long planes = kind == ExchangeKind.Ring
            ? Enumerable.Range(1, members - 1).Sum(reduction.SumPlanes) + (members - 1) * reduction.OutcomePlanes(members)
            : (members - 1) * (reduction.SumPlanes(1) + reduction.OutcomePlanes(members));
        return planes * part.Words;
    }

    static void AssertDropped(ExchangeRig rig, SentFrame frame)
    {
        StepExchange exchange = rig.Exchanges[frame.To];
        var before = (exchange.Progress, rig.Sent.Count, rig.MissingOf(frame.To).Length);
        Assert.NotNull(exchange.Accept(frame.From, frame.Header, frame.Payload));
        Assert.Equal(before, (exchange.Progress, rig.Sent.Count, rig.MissingOf(frame.To).Length));
    }

    static SentFrame Spoil(ExchangeRig rig, SentFrame frame, Random random)
    {
        FrameHeader h = frame.Header;
        rig.Layout.TryFind(h.Chunk, h.Segment, out int index, out int segment);
        ChunkMap map = rig.Layout.Maps[index];
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
            case 3 when range.Length > 0 && map.Part.Reduction is Floats:
                BitConverter.TryWriteBytes(payload.AsSpan(4 * random.Next(64 * range.Length)), random.Next(3) switch
                {
                    0 => float.NaN,
                    1 => float.NegativeInfinity,
                    _ => float.MaxValue,
                });
                return frame.With(h, payload);
            case 3 when range.Length > 0 && map.Part.Reduction is SparseGather:
                BitConverter.TryWriteBytes(payload.AsSpan(8 * random.Next(range.Length)), random.Next(2) == 0
                    ? SparseGather.Entry(rig.Parameters, 1) : SparseGather.Entry(0, float.NaN));
                return frame.With(h, payload);
            default:
                return frame with { Header = h with { Crc = h.Crc + 1 } };
        }
    }
}
