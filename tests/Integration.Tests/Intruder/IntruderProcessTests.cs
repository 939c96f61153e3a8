using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using DecentralizedLion.Peer.Metrics;
using Xunit.Abstractions;

namespace DecentralizedLion.Integration.Tests.Intruder;

/// <summary>
/// An intruder written without this project against four peers: it reaches every port, and in a secure ring knows keys of other
/// pairs. The ring goes on, counts nothing of it, needs no memory for it, and says what it saw. What the intruder costs in time
/// is measured by <c>tests/Benchmarks intruder</c>.
/// </summary>
public class IntruderProcessTests(ITestOutputHelper output)
{
    const long GrowthMax = 96 << 20; // far less than what it sends, or claims to; a process's own ups and downs are some 30 MiB

    [PythonFact("msgpack", "zmq")]
    public async Task An_intruder_without_the_key_gets_nowhere()
    {
        using var place = new TestCluster(4, """{ "steps": 1000000 }""", secure: true, pooled: true);
        await using var ring = await Start(place, "no encryption", "CURVE", "old greetings", "TLS with a key of its own",
            "TLS without a certificate", "TLS 1.2", "garbage inside TLS",
            "recorded bytes", "connections", "garbage", "half handshakes", "oversized messages");
        await ring.Intruder.DoAll();
        await AssertUnharmed(place, ring);
        // Nothing of an intruder's reaches a ZeroMQ socket; the reasons of what was refused are told, a line in half a minute.
        Assert.All(ring.Peers, peer => Assert.Contains("to this peer's port rejected (", peer.Text));
        var told = string.Concat(ring.Peers.Select(peer => peer.Text));
        Assert.Contains("from 127.0.0.1: no TLS", told);
        Assert.DoesNotContain(ring.Peers, peer => peer.Text.Contains("that claim to come from", StringComparison.Ordinal));
        Assert.DoesNotContain(ring.Faults, e => e.What is "suspected" or "removed" or "misbehaved" or "paused");
    }

    [PythonFact("msgpack", "zmq")]
    public async Task Lies_in_every_field_of_insecure_frames_are_not_believed()
    {
        using var place = new TestCluster(4, """{ "steps": 1000000 }""", pooled: true);
        await using var ring = await Start(place, "lies", "connections", "garbage", "half handshakes", "oversized messages");
        await ring.Intruder.DoAll();
        await AssertUnharmed(place, ring);
        var lies = ring.Intruder.Done.Single(deed => deed["deed"]!.GetValue<string>() == "lies")["lies"]!.AsObject();
        foreach (var field in new[] { "version", "kind", "run", "session", "view", "step", "chunk", "hop", "segment", "counts",
            "abstentions", "voters", "length", "checksum", "hello" })
            Assert.True(lies[field]?.GetValue<int>() > 0, $"no lie about {field} was told: {lies}");
        var told = ring.Peers[1].Text;
        Assert.Contains("frames that claim to come from a were dropped", told);
        Assert.Contains("another process forges them", told);
        Assert.Contains("a's settings differ", told);
        Assert.DoesNotContain(told, c => char.IsControl(c) && c != '\n');
    }

    static async Task<Attacked> Start(TestCluster place, params string[] deeds)
    {
        // a dials b at the intruder's wire, as if that stood between the two; addresses need not be the same in all files.
        var (wire, run) = (LoopbackPorts.Take(4), place.Run());
        var ports = new JsonArray();
        for (var listener = 0; listener < 4; listener++)
            for (var other = 0; other < 4; other++)
                if (other != listener && (run.Roster.Insecure || other == (listener + 1) % 4))
                    ports.Add(run.Roster.PortFor(listener, other));
        var plan = new JsonObject
        {
            ["ports"] = ports,
            ["deeds"] = new JsonArray([.. deeds.Select(deed => JsonValue.Create(deed))]),
            ["wire"] = new JsonArray(wire, run.Roster.PortFor(1, 0)),
            ["seconds"] = 2,
            ["seed"] = 1,
            ["connections a second"] = 100,
            ["garbage bytes a second"] = 1 << 20,
            ["half handshakes"] = 1000,
            ["lies a second"] = 400,
            ["insecure"] = run.Roster.Insecure,
        };
        if (!run.Roster.Insecure)
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            using var own = new CertificateRequest("CN=DecentralizedLion peer", key, HashAlgorithmName.SHA256)
                .CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
            plan["certificate"] = place.In("intruder.pem");
            await File.WriteAllTextAsync(place.In("intruder.pem"),
                $"{own.ExportCertificatePem()}\n{key.ExportPkcs8PrivateKeyPem()}\n");
        }
        var port = place.EntryOf("b")["port"]!.GetValue<int>();
        place.EntryOf("b")["port"] = wire;
        var through = place.Write("peers-a.json", place.Settings);
        place.EntryOf("b")["port"] = port;
        var intruder = await IntruderProcess.Start(plan, place.In());
        PeerProcess[] peers = [.. place.Names.Select(name => name == "a"
            ? place.Program(name,
                ["run", "--child", "--peers", through, "--id", name, "--out", place.FolderOf(name), "--threads", "1"])
            : place.Peer(name))];
        var ring = new Attacked(intruder, peers);
        await peers[0].Step(50); // what runs is compiled by then
        await peers[0].Until("all votes", p => p.Last!.Voters == 4);
        ring.Before = [.. peers.Select(Resident)];
        ring.At = peers[0].Last!.Step;
        return ring;
    }

    async Task AssertUnharmed(TestCluster place, Attacked ring)
    {
        foreach (var deed in ring.Intruder.Done)
            output.WriteLine(deed.ToJsonString());
        var end = ring.Peers[0].Last!.Step;
        Assert.True(end > ring.At + 50, $"the ring went on from step {ring.At} to {end} only");
        await ring.Peers[0].Step(end + 20);
        await ring.Peers[0].Until("all votes", p => p.Last!.Voters == 4);
        long[] after = [.. ring.Peers.Select(Resident)];
        ring.Faults = [.. ring.Peers.SelectMany(peer => peer.Events).OfType<Fault>()];
        foreach (var peer in ring.Peers)
            peer.Say("leave");
        foreach (var peer in ring.Peers)
            await peer.Exits(0);
        foreach (var peer in ring.Peers)
            foreach (var e in peer.Events.OfType<Fault>())
                output.WriteLine($"{peer.Name} {e.Time:mm:ss.fff} {e.What}: {e.Text}");
        for (var peer = 0; peer < 4; peer++)
        {
            output.WriteLine($"{place.Names[peer]}: {ring.Before[peer] >> 20} MiB before, {after[peer] >> 20} MiB after; "
                + $"{ring.Peers[peer].Lines} lines");
            Assert.True(after[peer] < ring.Before[peer] + GrowthMax,
                $"{place.Names[peer]} grew from {ring.Before[peer]:N0} to {after[peer]:N0} bytes");
            Assert.InRange(ring.Peers[peer].Lines, 0, 200); // who floods a port does not flood a log
            Assert.All(ring.Peers[peer].Steps, s => Assert.InRange(s.Step.Voters, 0, 4));
        }
        var digests = place.Names.SelectMany(
            name => place.Metrics(name).OfType<Stepped>().Select(s => (s.Step, Says: $"{name} {s.Digest}", s.Digest)))
            .ToLookup(said => said.Step);
        Assert.All(digests, step => Assert.True(step.Select(said => said.Digest).Distinct().Count() == 1,
            $"step {step.Key}: {string.Join(", ", step.Select(said => said.Says))}"));
        // Who hears of the wish to leave first may have left some steps before the others; all end on the one chain.
        Assert.All(place.Names.Select(name => place.Metrics(name).OfType<Ended>().Single()), ended =>
            Assert.All(digests[ended.Step], said => Assert.Equal(ended.Digest, said.Digest)));
        Assert.All(place.Names, name => Assert.NotEmpty(digests[place.Metrics(name).OfType<Ended>().Single().Step]));
    }

    static long Resident(PeerProcess peer) =>
        File.ReadLines($"/proc/{peer.Id}/status").Where(line => line.StartsWith("VmRSS:", StringComparison.Ordinal))
        .Select(line => long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) << 10)
        .Single();

    /// <summary>A ring, and who is at its ports.</summary>
    sealed class Attacked(IntruderProcess intruder, PeerProcess[] peers) : IAsyncDisposable
    {
        public IntruderProcess Intruder => intruder;

        public PeerProcess[] Peers => peers;

        /// <summary>Bytes of memory of each peer before the first deed.</summary>
        public long[] Before { get; set; } = [];

        /// <summary>The peers' reports on the ring before they were asked to leave.</summary>
        public IReadOnlyList<Fault> Faults { get; set; } = [];

        /// <summary>The step before it.</summary>
        public long At { get; set; }

        public ValueTask DisposeAsync()
        {
            intruder.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
