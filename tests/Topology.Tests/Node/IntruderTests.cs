using System.Buffers;
using DecentralizedLion.Codecs.Bits;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Transport;
using DecentralizedLion.Topology.ViewChanges;
using FsCheck;
using FsCheck.Xunit;

namespace DecentralizedLion.Topology.Tests.Node;

/// <summary>Tests that frames that do not belong to a running ring are dropped and counted, and change nothing.</summary>
public sealed class IntruderTests
{
    [Fact]
    public void Frames_of_another_run_session_view_or_step_are_dropped_for_that_reason()
    {
        var ring = new RingHarness(3, 64 * 200) { SegmentWords = 16 };
        ring.StartAll();
        List<Caught> caught = Catch(ring, 0);
        ring.UntilApplied(9);
        ring.Until(() => ring.Peers[0].Member.Committed == 10
            && caught.Exists(frame => frame is { From: 1, Header: { Kind: FrameKind.StepAck, Step: 10 } }),
            "step 10 is committed");
        // Step 11 is open, and its trainers are still computing.
        foreach (FrameKind kind in (FrameKind[])[FrameKind.Reduce, FrameKind.Gather, FrameKind.StepAck])
        {
            Caught frame = caught.Last(frame => frame.Header.Kind == kind && frame.Header.Step == 10);
            bool held = kind == FrameKind.StepAck;
            Expect(DropReason.Run, frame, frame.Header with { Run = frame.Header.Run + 1 });
            Expect(DropReason.Session, frame, frame.Header with { Session = frame.Header.Session + 1 });
            Expect(DropReason.Session, frame, frame.Header with { Session = 0 });
            Expect(DropReason.View, frame, frame.Header with { View = 2 });
            Expect(DropReason.View, frame, frame.Header with { View = 0 });
            Expect(DropReason.Repeated, frame, frame.Header);
            Expect(held ? DropReason.Repeated : DropReason.Step, frame, frame.Header with { Step = 9 });
            Expect(held ? DropReason.Repeated : DropReason.Step, frame, frame.Header with { Step = 0 });
            Expect(DropReason.Step, frame, frame.Header with { Step = 13 });
            Expect(DropReason.Step, frame, frame.Header with { Step = long.MaxValue });
            if (kind == FrameKind.Reduce)
                Expect(DropReason.Checksum, frame, frame.Header with { Step = 11 }, crc: frame.Header.Crc ^ 1);
            if (kind == FrameKind.Gather)
                // a majority holds our word, which is not given yet
                Expect(DropReason.Voters, frame, frame.Header with { Step = 11 });
        }
        Caught control = caught.Last(frame => frame.From == 1 && frame.Header.Kind == FrameKind.StepAck);
        Garbage(DropReason.Content, FrameKind.StepAck, [1, 2, 3]);
        Garbage(DropReason.Content, FrameKind.WeightsDigest, [1, 2, 3]);
        Garbage(DropReason.Content, FrameKind.Ready, [1, 2, 3]);
        Garbage(DropReason.Content, FrameKind.ResendRequest, [0xc1]);
        Garbage(DropReason.Content, FrameKind.ResendRequest, []);
        Garbage(DropReason.Content, FrameKind.ResendRequest, [0xdd, 0xff, 0xff, 0xff, 0xff]);
        Garbage(DropReason.Content, FrameKind.NotReady, [3, 0]);
        Garbage(DropReason.Content, FrameKind.NotReady, [0, 3]);
        Garbage(DropReason.Content, FrameKind.Heartbeat, [0]);
        Garbage(DropReason.Content, FrameKind.FetchRequest, [0x96]);
        Garbage(DropReason.Repeated, FrameKind.FetchResponse, [0]);
        Garbage(DropReason.Content, FrameKind.Hello, [0x96]);
        Garbage(DropReason.Content, FrameKind.Decided, default(ViewMessage).Encode());
        Garbage(DropReason.Repeated, FrameKind.Decided, ViewMessage.Decided(ring.Peers[0].Member.View!).Encode());
        for (FrameKind kind = FrameKind.PreVote; kind <= FrameKind.Synchronized; kind++)
        {
            Garbage(DropReason.Content, kind, [0x96]);
            if (kind != FrameKind.Decided)
                // of the present view's number
                Garbage(DropReason.View, kind, ViewMessage.Prepare(1).Encode());
        }
        Garbage(DropReason.Envelope, (FrameKind)2, []);
        Garbage(DropReason.Envelope, (FrameKind)24, []);
        ring.UntilApplied(20);
        ring.AssertMajorities();

        void Garbage(DropReason reason, FrameKind kind, byte[] payload) =>
            Expect(reason, control with { Payload = payload }, control.Header with { Kind = kind, Step = 11 });

        void Expect(DropReason reason, Caught frame, FrameHeader header, uint? crc = null)
        {
            LinkCounters counters = ring.Peers[0].Process!.Transport.Counters;
            long before = counters.Dropped(reason), sent = counters.FramesSent;
            ring.Peers[0].Process!.Transport.Handler!(frame.From,
                Encode(header with { Crc = crc ?? header.Checksum(frame.Payload) }), frame.Payload);
            Assert.True(counters.Dropped(reason) == before + 1, $"{header} was not dropped as {reason}");
            Assert.Equal(sent, counters.FramesSent);
        }
    }

    [Fact]
    public void Nothing_large_is_allocated_for_strangers()
    {
        var ring = new RingHarness(2, 64 * 100_000);
        ring.StartAll();
        FrameHandler handler = ring.Peers[0].Process!.Transport.Handler!; // what the catcher copies is not counted
        List<Caught> caught = Catch(ring, 0);
        ring.UntilApplied(2);
        Caught frame = caught.First(frame => frame.Header.Kind == FrameKind.Reduce);
        FrameHeader header = frame.Header;
        byte[][] envelopes = [.. new[]
        {
            header with { Run = 1 }, header with { Session = 1 }, header with { View = 9 }, header with { Step = 0 },
                header with { Step = 1000 },
        }.Select(strange => Encode(strange with { Crc = strange.Checksum(frame.Payload) }))];
        Feed(); // once, so that nothing is compiled below
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++)
            Feed();
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 500 * 512);
        ring.UntilApplied(3);

        void Feed()
        {
            foreach (byte[] envelope in envelopes)
                handler(frame.From, envelope, frame.Payload);
        }
    }

    [Property(MaxTest = 25, Replay = FixedCases.Seed)]
    public void Garbage_and_mutated_frames_change_nothing(DoNotSize<int> seed)
    {
        var random = new Random(seed.Item);
        var exchange = (ExchangeKind)random.Next(2);
        List<Digest> quiet = Train(null), noisy = Train(random);
        Assert.Equal(12, quiet.Count);
        Assert.Equal(quiet, noisy);

        List<Digest> Train(Random? noise)
        {
            // What each peer casts is fixed, and nobody abstains: so the records are, too, apart from their run id.
            var ring = new RingHarness(3, 2000, seed: 5)
            {
                Exchange = exchange,
                SegmentWords = 3,
                LastStep = 12,
                Timings = RingTimings.Default with { UseStragglerDeadline = false },
            };
            ring.StartAll();
            foreach (HarnessProcess process in ring.Live)
            {
                var list = new List<(int From, byte[] Envelope, byte[] Payload)>();
                FrameHandler inner = process.Transport.Handler!;
                process.Transport.Handler = (from, envelope, payload) =>
                {
                    // What says how things are at this moment may be too old to be true: that is another test's.
                    if (FrameHeader.TryRead(envelope, out FrameHeader header, out _)
                        && header.Kind is not (FrameKind.Hello or FrameKind.Heartbeat) and < FrameKind.PreVote)
                        list.Add((from, envelope.ToArray(), payload.ToArray()));
                    inner(from, envelope, payload);
                    for (int i = 0; noise is not null && list.Count > 0 && i < 3; i++)
                    {
                        var (sender, head, body) = Mutate(noise, list[noise.Next(list.Count)]);
                        inner(sender, head, body);
                    }
                };
            }
            ring.UntilEnded();
            ring.AssertMajorities();
            return [
                .. ring.Records.Values.Select(record => (record with { RunId = 0, View = 0 }).WithDigestAfter(default).Digest)];
        }
    }

    [Property(MaxTest = 25, Replay = FixedCases.Seed)]
    public void Well_formed_frames_with_any_fields_never_throw(DoNotSize<int> seed)
    {
        var random = new Random(seed.Item);
        var ring = new RingHarness(4, 2000, seed.Item) { Exchange = (ExchangeKind)random.Next(2), SegmentWords = 3 };
        ring.StartAll();
        List<Caught> caught = Catch(ring, 0);
        ring.UntilApplied(4);
        for (int i = 0; i < 1000; i++)
        {
            // A forger that knows run, session and view, and gives every frame a good checksum.
            long open = ring.Peers[0].Member.Committed + 1;
            (int from, FrameHeader header, byte[] payload) = caught[random.Next(caught.Count)];
            header = random.Next(9) switch
            {
                0 => header with { Chunk = random.Next(256) },
                1 => header with { Hop = random.Next(512) },
                2 => header with { Segment = random.Next(3) == 0 ? int.MaxValue : random.Next(10) },
                3 => header with { CountPlanes = random.Next(10) },
                4 => header with { AbstentionPlanes = random.Next(10) },
                5 => header with { Voters = RandomSet(random) },
                6 => header with { Step = open - random.Next(4) },
                7 => header with { View = random.Next(4) },
                _ => header with { Kind = (FrameKind)random.Next((int)FrameKind.Heartbeat, (int)FrameKind.Synchronized + 1) },
            };
            if (random.Next(3) == 0)
                payload = [.. payload.Take(random.Next(payload.Length + 1))];
            if (header.Kind is FrameKind.Reduce or FrameKind.Gather && header.Step >= open)
                header = header with { Chunk = 200 }; // a member can forge a count (a stated limit); not a place
            if (header.Kind is FrameKind.Hello or FrameKind.StepAck or FrameKind.WeightsDigest)
                continue; // to be believed, they need no more than that
            ring.Peers[0].Process!.Transport.Handler!(from, Encode(header with { Crc = header.Checksum(payload) }), payload);
            if (i % 100 == 0)
                ring.Run(0.05);
            Assert.True(ring.Peers[0].Process is not null, $"{header} ended it: {ring.Describe()}");
        }
        ring.UntilApplied(ring.Records.Keys.Max() + 10);
        Assert.Equal(4, ring.Live.Count());
        ring.AssertMajorities();
    }

    static (int From, byte[] Envelope, byte[] Payload) Mutate(Random random, (int From, byte[] Envelope, byte[] Payload) frame)
    {
        byte[] envelope = [.. frame.Envelope], payload = [.. frame.Payload];
        switch (random.Next(7))
        {
            case 0:
                random.NextBytes(envelope = new byte[random.Next(400)]);
                break;
            case 1:
                envelope = envelope[..random.Next(envelope.Length)];
                break;
            case 2:
                envelope[random.Next(envelope.Length)] ^= (byte)(1 << random.Next(8));
                break;
            case 3 when payload.Length > 0:
                payload[random.Next(payload.Length)] ^= (byte)(1 << random.Next(8));
                break;
            case 4 when payload.Length > 0:
                payload = payload[..random.Next(payload.Length)];
                break;
            case 5:
                payload = [.. payload, .. envelope];
                break;
            default:
                return frame; // a plain repeat
        }
        return (frame.From, envelope, payload);
    }

    static PeerSet RandomSet(Random random)
    {
        var set = default(PeerSet);
        for (int i = random.Next(6); i > 0; i--)
            set = set.With(random.Next(2) == 0 ? random.Next(4) : random.Next(256));
        return set;
    }

    static List<Caught> Catch(RingHarness ring, int peer)
    {
        var caught = new List<Caught>();
        ITransport transport = ring.Peers[peer].Process!.Transport;
        FrameHandler inner = transport.Handler!;
        transport.Handler = (from, envelope, payload) =>
        {
            if (FrameHeader.TryRead(envelope, out FrameHeader header, out _))
                caught.Add(new Caught(from, header, payload.ToArray()));
            inner(from, envelope, payload);
        };
        return caught;
    }

    static byte[] Encode(FrameHeader header)
    {
        // A kind out of range cannot be written; its byte is put there afterwards.
        bool strange = header.Kind is < FrameKind.Hello or > FrameKind.Probe or (FrameKind)2;
        var output = new ArrayBufferWriter<byte>();
        (strange && (int)header.Kind != 2 ? header with { Kind = FrameKind.Hello } : header).Write(output);
        byte[] bytes = output.WrittenSpan.ToArray();
        bytes[2] = (byte)header.Kind;
        return bytes;
    }

    sealed record Caught(int From, FrameHeader Header, byte[] Payload);
}
