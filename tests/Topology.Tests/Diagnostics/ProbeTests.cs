using System.Buffers;
using DecentralizedLion.Codecs.Wire;
using DecentralizedLion.Topology.Configuration;
using DecentralizedLion.Topology.Diagnostics;
using DecentralizedLion.Topology.Transport;
using FsCheck;
using FsCheck.Xunit;

namespace DecentralizedLion.Topology.Tests.Diagnostics;

/// <summary>Tests that a probe of a ring's links is answered, and changes nothing in it.</summary>
public sealed class ProbeTests
{
    [Property(MaxTest = 30)]
    public void A_probe_survives_a_round_trip_and_no_bytes_throw(DoNotSize<int> seed)
    {
        var random = new Random(seed.Item);
        var probe = new Probe((ulong)random.NextInt64(), random.Next(2) == 0, random.NextInt64(), random.NextInt64(),
            [.. Enumerable.Range(0, random.Next(20))
                .Select(i => new FingerprintField($"field{i}", new string('é', random.Next(300))))]);
        byte[] bytes = probe.Encode();
        Probe? read = Probe.TryDecode(bytes);
        Assert.NotNull(read);
        Assert.Equal(probe with { Settings = [] }, read with { Settings = [] });
        Assert.Equal(probe.Settings, read.Settings);
        for (int length = 0; length < bytes.Length; length++)
            Assert.Null(Probe.TryDecode(bytes.AsMemory(0, length)));
        Assert.Null(Probe.TryDecode((byte[])[.. bytes, 0]));
        for (int i = 0; i < 100; i++)
        {
            byte[] damaged = [.. bytes];
            damaged[random.Next(damaged.Length)] ^= (byte)(1 << random.Next(8));
            Probe.TryDecode(damaged);
        }
    }

    [Theory]
    [InlineData(1)] // the session of a member that is alive
    [InlineData(0)] // of another process
    public void A_running_ring_answers_probes_and_is_the_same_with_them_as_without(int asMember)
    {
        (List<Digest> quiet, _) = Train(probes: false);
        (List<Digest> asked, int answers) = Train(probes: true);
        Assert.Equal(30, quiet.Count);
        Assert.Equal(quiet, asked);
        Assert.InRange(answers, 10, 1000);

        (List<Digest>, int) Train(bool probes)
        {
            var ring = new RingHarness(3, 2000, seed: 5)
            {
                LastStep = 30,
                Timings = RingTimings.Default with { UseStragglerDeadline = false },
            };
            ring.StartAll();
            ring.UntilApplied(5);
            int answers = 0;
            foreach (HarnessProcess process in ring.Live)
            {
                FrameHandler inner = process.Transport.Handler!;
                process.Transport.Handler = (from, envelope, payload) =>
                {
                    Assert.True(FrameHeader.TryRead(envelope, out FrameHeader header, out _));
                    answers += header.Kind == FrameKind.Probe ? 1 : 0;
                    inner(from, envelope, payload);
                    if (!probes || header.Kind != FrameKind.Heartbeat)
                        return;
                    // As from the peer's own ports, set up alike, and differently.
                    inner(from, Envelope(header.Run, asMember == 1 ? header.Session : 99, Ask("1")), Ask("1"));
                    inner(from, Envelope(7, 99, Ask("2")), Ask("2"));
                };
            }
            int views = ring.Events.Count(events => events.Event.Kind
                is RingEventKind.Bootstrapped or RingEventKind.Refused or RingEventKind.Connected);
            ring.UntilEnded();
            ring.AssertMajorities();
            Assert.Equal(views,
                ring.Events.Count(events => events.Event.Kind
                    is RingEventKind.Bootstrapped or RingEventKind.Refused or RingEventKind.Connected));
            return ([.. ring.Records.Values.Select(record => (record with { RunId = 0 }).WithDigestAfter(default).Digest)],
                answers);
        }
    }

    [Fact]
    public void A_peer_of_another_protocol_version_is_named_with_both_versions_and_stops_who_waits_for_it()
    {
        var ring = new RingHarness(2);
        ring.StartAll();
        foreach (HarnessProcess process in ring.Live)
        {
            FrameHandler inner = process.Transport.Handler!;
            process.Transport.Handler = (from, envelope, payload) =>
            {
                byte[] other = envelope.ToArray();
                other[1] = 99; // the version, after the array's header
                inner(from, other, payload);
            };
        }
        ring.Until(() => ring.Peers.All(peer => peer.Stopped is not null), "both stop");
        for (int peer = 0; peer < 2; peer++)
        {
            Assert.Contains($"p{1 - peer}'s settings differ: protocol: {FrameHeader.ProtocolVersion} here, 99 there",
                ring.Peers[peer].Stopped);
            Assert.Single(ring.Texts(peer, RingEventKind.Refused));
        }
    }

    [Fact]
    public void A_running_ring_tells_of_another_protocol_version_once_and_goes_on()
    {
        var ring = new RingHarness(3);
        ring.StartAllAndRun();
        byte[] envelope = Envelope(1, 2, Ask("1"));
        envelope[1] = 2;
        for (int i = 0; i < 10; i++)
            // nothing of our version between them: it is another program
            ring.Peers[0].Process!.Transport.Handler!(1, envelope, Ask("1"));
        Assert.Contains("p1's settings differ: protocol: ", Assert.Single(ring.Texts(0, RingEventKind.Refused)));
        ring.UntilApplied(ring.Records.Keys.Max() + 10);
        Assert.Equal(3, ring.Live.Count());
    }

    /// <summary>Simulation, seed 5980: three such in one run stopped a peer that had been removed from the view.</summary>
    [Fact]
    public void A_flipped_bit_is_no_other_protocol_version()
    {
        var ring = new RingHarness(3);
        ring.StartAllAndRun();
        byte[] envelope = Envelope(1, 2, Ask("1"));
        for (int i = 0; i < 10; i++)
        {
            envelope[1] = (byte)(FrameHeader.ProtocolVersion ^ 1 << (i % 3));
            ring.Peers[0].Process!.Transport.Handler!(1, envelope, Ask("1"));
            ring.Run(1);
        }
        Assert.Empty(ring.Texts(0, RingEventKind.Refused));
    }

    static byte[] Ask(string rate) => new Probe(0, true, 1, 0, [new("run", "test"), new("rate", rate)]).Encode();

    static byte[] Envelope(ulong run, ulong session, byte[] payload)
    {
        var header = new FrameHeader(FrameKind.Probe, run, session, 0, 0, 0, 0, 0, 0, 0, default, 0);
        var output = new ArrayBufferWriter<byte>();
        (header with { Crc = header.Checksum(payload) }).Write(output);
        return output.WrittenSpan.ToArray();
    }
}
