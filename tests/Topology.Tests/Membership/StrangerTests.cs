using System.Buffers;
using DecentralizedLion.Codecs;
using DecentralizedLion.Topology.Commit;
using DecentralizedLion.Topology.Links;
using DecentralizedLion.Topology.Membership;
using FsCheck.Xunit;

namespace DecentralizedLion.Topology.Tests.Membership;

/// <summary>What does not belong to a running ring is dropped and counted, and changes nothing.</summary>
public sealed class StrangerTests
{
    [Fact]
    public void Frames_of_another_run_session_view_or_step_are_dropped_for_that_reason()
    {
        var ring = new SimulatedRing(3, 64 * 200, seed: 1, segmentWords: 16);
        var caught = Catch(ring, 0);
        Outcome[] outcomes = ring.ForAll(peer => ring.TrainAsync(peer, 20, async step =>
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10), ring.Loop.Clock);
            if (peer != 0 || step != 10)
                return;
            foreach (FrameKind kind in (FrameKind[])[FrameKind.Reduce, FrameKind.Gather, FrameKind.Held])
            {
                var (from, header, payload) = caught.Last(frame => frame.Header.Kind == kind && frame.Header.Step == 9);
                Expect(DropReason.Run, from, header with { Run = header.Run + 1 }, payload);
                Expect(DropReason.Session, from, header with { Session = header.Session + 1 }, payload);
                Expect(DropReason.Session, from, header with { Session = 0 }, payload);
                Expect(DropReason.View, from, header with { View = 2 }, payload);
                Expect(DropReason.View, from, header with { View = 0 }, payload);
                Expect(DropReason.Repeated, from, header, payload);
                Expect(kind == FrameKind.Held ? DropReason.Repeated : DropReason.Step, from, header with { Step = 8 }, payload);
                Expect(kind == FrameKind.Held ? DropReason.Repeated : DropReason.Step, from, header with { Step = 0 }, payload);
                Expect(DropReason.Step, from, header with { Step = 12 }, payload);
                Expect(DropReason.Step, from, header with { Step = long.MaxValue }, payload);
            }
            Expect(DropReason.Content, 1, Control(ring, caught, FrameKind.Held, 10), [1, 2, 3]);
            Expect(DropReason.Content, 1, Control(ring, caught, FrameKind.Ask, 10), [0xc1]);
            Expect(DropReason.Content, 1, Control(ring, caught, FrameKind.Ask, 10), []);
            Expect(DropReason.Content, 1, Control(ring, caught, FrameKind.Ask, 10), [0xdd, 0xff, 0xff, 0xff, 0xff]);
            Expect(DropReason.Content, 1, Control(ring, caught, FrameKind.NotYet, 10), [3, 0]);
            Expect(DropReason.Content, 1, Control(ring, caught, FrameKind.NotYet, 10), [0, 3]);
            Expect(DropReason.Content, 1, Control(ring, caught, FrameKind.Leave, 10), [0]);
            Expect(DropReason.Content, 1, Control(ring, caught, FrameKind.StatePiece, 10), [0]);
            Expect(DropReason.Step, 1, Control(ring, caught, FrameKind.StateAsk, 10), []);
            Expect(DropReason.Content, 1, Control(ring, caught, FrameKind.Hello, 10), [0x96]);
            Expect(DropReason.Envelope, 1, Control(ring, caught, FrameKind.HelloAck, 10), []);
            Expect(DropReason.Envelope, 1, Control(ring, caught, FrameKind.Ready, 10), []);

            void Expect(DropReason reason, int from, FrameHeader header, byte[] payload)
            {
                LinkCounters counters = ring.Network.MeshOf(0).Counters;
                long before = counters.Dropped(reason), sent = counters.FramesSent;
                byte[] envelope = Encode(header with { Crc = header.Checksum(payload) });
                ring.Network.MeshOf(0).Handler!(from, envelope, payload);
                Assert.True(counters.Dropped(reason) == before + 1, $"{header} was not dropped as {reason}");
                Assert.Equal(sent, counters.FramesSent);
            }
        }));
        Assert.All(outcomes, outcome => Assert.Equal(20, outcome.Committed.Count));
    }

    [Fact]
    public void Nothing_large_is_allocated_for_strangers()
    {
        var ring = new SimulatedRing(2, 64 * 100_000, seed: 1);
        FrameHandler handler = ring.Network.MeshOf(0).Handler!; // what the catcher copies is not counted
        var caught = Catch(ring, 0);
        Outcome[] outcomes = ring.ForAll(peer => ring.TrainAsync(peer, 3, step =>
        {
            if (peer != 0 || step != 3)
                return Task.CompletedTask;
            var (from, header, payload) = caught.First(frame => frame.Header.Kind == FrameKind.Reduce);
            FrameHeader[] strange = [.. new[]
            {
                header with { Run = 1 }, header with { Session = 1 }, header with { View = 9 }, header with { Step = 0 }, header with { Step = 1000 },
            }.Select(h => h with { Crc = h.Checksum(payload) })];
            byte[][] envelopes = [.. strange.Select(Encode)];
            foreach (byte[] envelope in envelopes)
                handler(from, envelope, payload); // once, so that nothing is compiled below
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 100; i++)
            {
                foreach (byte[] envelope in envelopes)
                    handler(from, envelope, payload);
            }
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 500 * 512);
            return Task.CompletedTask;
        }));
        Assert.All(outcomes, outcome => Assert.Equal(3, outcome.Committed.Count));
    }

    [Property(MaxTest = 25)]
    public void Garbage_and_mutated_frames_change_nothing(int seed)
    {
        var random = new Random(seed);
        var exchange = (ExchangeKind)random.Next(2);
        List<ChainDigest> quiet = Train(null), noisy = Train(random);
        Assert.Equal(12, quiet.Count);
        Assert.Equal(quiet, noisy);

        List<ChainDigest> Train(Random? noise)
        {
            var ring = new SimulatedRing(3, 2000, seed: 5, exchange, segmentWords: 3);
            var caught = new List<(int From, byte[] Envelope, byte[] Payload)>[3];
            for (int peer = 0; peer < 3; peer++)
            {
                var list = caught[peer] = [];
                IMesh mesh = ring.Network.MeshOf(peer);
                FrameHandler inner = mesh.Handler!;
                mesh.Handler = (from, envelope, payload) =>
                {
                    list.Add((from, envelope.ToArray(), payload.ToArray()));
                    inner(from, envelope, payload);
                    for (int i = 0; noise is not null && i < 3; i++)
                    {
                        var (sender, head, body) = Mutate(noise, list[noise.Next(list.Count)]);
                        inner(sender, head, body);
                    }
                };
            }
            Outcome[] outcomes = ring.ForAll(peer => ring.TrainAsync(peer, 12));
            Assert.All(outcomes, outcome => Assert.Equal("left in order", outcome.Message));
            Assert.All(outcomes, outcome => Assert.Equal(outcomes[0].Committed, outcome.Committed));
            return outcomes[0].Committed;
        }
    }

    [Property(MaxTest = 25)]
    public void Well_formed_frames_with_any_fields_never_throw(int seed)
    {
        var random = new Random(seed);
        var ring = new SimulatedRing(4, 2000, seed, (ExchangeKind)random.Next(2), segmentWords: 3);
        var caught = Catch(ring, 0);
        Outcome[] outcomes = ring.ForAll(peer => ring.TrainAsync(peer, 6, step =>
        {
            if (peer != 0 || step < 4)
                return Task.CompletedTask;
            for (int i = 0; i < 300; i++)
            {
                // A forger that knows run, session and view, and gives every frame a good checksum.
                var (from, header, payload) = caught[random.Next(caught.Count)];
                if (header.Kind is FrameKind.Hello or FrameKind.Leave)
                    continue; // to be believed, they need no more than that
                header = random.Next(8) switch
                {
                    0 => header with { Chunk = random.Next(256) },
                    1 => header with { Hop = random.Next(512) },
                    2 => header with { Segment = random.Next(3) == 0 ? int.MaxValue : random.Next(10) },
                    3 => header with { CountPlanes = random.Next(10) },
                    4 => header with { AbstentionPlanes = random.Next(10) },
                    5 => header with { Voters = RandomSet(random) },
                    6 => header with { Step = step - random.Next(4) },
                    _ => header with { Kind = (FrameKind)random.Next((int)FrameKind.Heartbeat, (int)FrameKind.Leave) },
                };
                if (header.Kind == FrameKind.Held)
                    continue; // a forged word about what is held stops the ring, and must
                if (random.Next(3) == 0)
                    payload = [.. payload.Take(random.Next(payload.Length + 1))];
                if (header.Kind is FrameKind.Reduce or FrameKind.Gather && header.Step >= step)
                    header = header with { Chunk = 200 }; // a member can forge a count (a stated limit); not a place
                ring.Network.MeshOf(0).Handler!(from, Encode(header with { Crc = header.Checksum(payload) }), payload);
            }
            return Task.CompletedTask;
        }));
        Assert.All(outcomes, outcome => Assert.Equal(6, outcome.Committed.Count));
    }

    [Property(MaxTest = 200)]
    public void Greetings_survive_a_round_trip_and_no_bytes_throw(int seed)
    {
        var random = new Random(seed);
        var hello = new Hello((ulong)random.NextInt64(), random.Next(2) == 0, random.NextInt64(long.MaxValue), ChainDigest.Of([1]), ChainDigest.Of([2]),
            [.. Enumerable.Range(0, random.Next(20)).Select(i => new FingerprintPart($"field{i}", new string('é', random.Next(300))))]);
        byte[] bytes = hello.Encode();
        Hello? read = Hello.TryDecode(bytes);
        Assert.NotNull(read);
        Assert.Equal(hello with { Parts = [] }, read with { Parts = [] });
        Assert.Equal(hello.Parts, read.Parts);
        for (int length = 0; length < bytes.Length; length++)
            Assert.Null(Hello.TryDecode(bytes.AsMemory(0, length)));
        for (int i = 0; i < 200; i++)
        {
            byte[] mutated = [.. bytes];
            mutated[random.Next(mutated.Length)] = (byte)random.Next(256);
            Hello.TryDecode(mutated);
        }
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

    static VoterSet RandomSet(Random random)
    {
        var set = default(VoterSet);
        for (int i = random.Next(6); i > 0; i--)
            set = set.With(random.Next(2) == 0 ? random.Next(4) : random.Next(256));
        return set;
    }

    static FrameHeader Control(SimulatedRing ring, List<(int From, FrameHeader Header, byte[] Payload)> caught, FrameKind kind, long step)
    {
        Assert.Equal(3, ring.Peers);
        return caught.Last(frame => frame.From == 1 && frame.Header.Kind == FrameKind.Held).Header with { Kind = kind, Step = step };
    }

    static List<(int From, FrameHeader Header, byte[] Payload)> Catch(SimulatedRing ring, int peer)
    {
        var caught = new List<(int From, FrameHeader Header, byte[] Payload)>();
        IMesh mesh = ring.Network.MeshOf(peer);
        FrameHandler inner = mesh.Handler!;
        mesh.Handler = (from, envelope, payload) =>
        {
            if (FrameHeader.TryRead(envelope, out FrameHeader header, out _))
                caught.Add((from, header, payload.ToArray()));
            inner(from, envelope, payload);
        };
        return caught;
    }

    static byte[] Encode(FrameHeader header)
    {
        var output = new ArrayBufferWriter<byte>();
        header.Write(output);
        return output.WrittenSpan.ToArray();
    }
}
