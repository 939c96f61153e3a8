using System.Runtime.Versioning;
using DecentralizedLion.Peer.Metrics;
using DecentralizedLion.Topology.Security;

namespace DecentralizedLion.Integration.Tests;

/// <summary>Encrypted rings of real processes: made, refused, and given other keys and addresses while they run.</summary>
[UnsupportedOSPlatform("windows")] // file modes
public class SecureRingTests
{
    const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Votes of who is away are not waited for long, so that the others go on.</summary>
    const string Endless = """{ "steps": 1000000, "suspectAfter": 1 }""";

    [Fact]
    public async Task Four_encrypted_peers_train_to_one_digest_with_keys_that_the_program_made()
    {
        using var place = new TestCluster(4, """{ "steps": 30 }""", pooled: true);
        foreach (var name in place.Names)
            place.EntryOf(name)["key"] = await Keygen(place, name);
        place.Settings.Remove("insecure");
        place.Write("peers.json", place.Settings);
        await place.Train();
        var digests = place.Names.Select(name => place.Metrics(name).OfType<Stepped>().Single(s => s.Step == 30).Digest)
            .Distinct();
        Assert.Single(digests);
        Assert.All(place.Names, name => Assert.Equal(Owner, File.GetUnixFileMode(place.KeyFileOf(name))));
        Assert.All(place.Names, name =>
            Assert.DoesNotContain(place.Metrics(name).OfType<Note>(), n => n.Text.Contains("key", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_demo_runs_a_secure_roster()
    {
        using var place = new TestCluster(3, """{ "steps": 10 }""", secure: true, pooled: true);
        var demo = place.Program("demo",
            ["demo", "--plain", "--peers", place.PeersFile, "--out", place.In("out"), "--threads", "1"]);
        await demo.Exits(0);
        Assert.Contains("Finished 10 steps.", demo.Text);
        File.Delete(place.KeyFileOf("b"));
        demo = place.Program("demo",
            ["demo", "--plain", "--fresh", "--peers", place.PeersFile, "--out", place.In("out"), "--threads", "1"]);
        await demo.Exits(2);
        Assert.Contains("is not there; needed is the secret key of b: make one with 'peer keygen b'", demo.Text);
    }

    [Fact]
    public async Task Keys_are_replaced_on_one_host_after_the_other_while_the_ring_goes_on()
    {
        using var place = new TestCluster(4, Endless, secure: true, pooled: true);
        // Each host has its own copy of peers.json.
        var files = place.Names.ToDictionary(name => name, name => HostOf(place, name));
        var running = place.Names.Select(name => place.Program(name, Arguments(place, name, files[name]))).ToArray();
        await running[0].Step(10);
        var old = await File.ReadAllTextAsync(Path.Combine(files["b"], "b.key"));

        // b's key, first on b itself: it is alone until the others know the new one.
        var key = await Keygen(place, "b", "--peers", Path.Combine(files["b"], "peers.json"), "--replace");
        Assert.NotEqual(old, await File.ReadAllTextAsync(Path.Combine(files["b"], "b.key")));
        await running[1].Says("its public key is");
        place.EntryOf("b")["key"] = key;
        foreach (var name in new[] { "b", "a", "c", "d" })
        {
            var (before, at) = (running[3].Last!.Step, running[0].Last!.Step);
            Write(place, files[name]);
            await running[place.Names.ToList().IndexOf(name)].Says(
                $"b has the key {key} now; the links to {(name == "b" ? "a, c, d" : "b")} are connected again");
            await running[3].Step(before + 20); // the others go on meanwhile
            await running[0].Step(at + 20);
        }
        var back = running[1].Last?.Step ?? 0;
        await running[1].Step(Math.Max(back, running[3].Last!.Step) + 20);
        await running[0].Until("b's votes", p => p.Last!.Voters == 4);
        await LeaveAndCompare(place, running);
    }

    [Fact]
    public async Task A_port_is_replaced_on_one_host_after_the_other_while_the_ring_goes_on()
    {
        using var place = new TestCluster(3, Endless, secure: true, pooled: true);
        var files = place.Names.ToDictionary(name => name, name => HostOf(place, name));
        var running = place.Names.Select(name => place.Program(name, Arguments(place, name, files[name]))).ToArray();
        await running[0].Step(10);
        var port = LoopbackPorts.Take(2);
        place.EntryOf("a")["port"] = port;
        foreach (var name in new[] { "b", "a", "c" })
        {
            var before = running[2].Last!.Step;
            Write(place, files[name]);
            await running[place.Names.ToList().IndexOf(name)].Says(
                $"a is at 127.0.0.1 port {port} now; the links to {(name == "a" ? "b, c" : "a")} are connected again");
            await running[2].Step(before + 20);
        }
        await running[0].Step(running[2].Last!.Step + 20);
        await running[2].Until("a's votes", p => p.Last!.Voters == 3);

        // What is not an address or a key is told once, and changes nothing.
        place.Settings["steps"] = 7;
        Write(place, files["c"]);
        await running[2].Says("steps was 1000000 and is 7. That needs a restart of all peers");
        await File.WriteAllTextAsync(Path.Combine(files["c"], "peers.json"), "{ no");
        await running[2].Says("not JSON at line 1");
        await running[2].Step(running[2].Last!.Step + 50);
        Assert.Equal(2,
            running[2].Events.OfType<Note>()
                .Count(n => n.Text.Contains("needs a restart", StringComparison.Ordinal)
                    || n.Text.Contains("not JSON", StringComparison.Ordinal)));
        await LeaveAndCompare(place, running);
    }

    [Theory]
    [InlineData(3, 4)]
    [InlineData(4, 3)]
    public async Task Peers_are_added_and_removed_between_two_runs_of_the_program(int before, int after)
    {
        using var place = new TestCluster(4, Endless, secure: true, pooled: true);
        var all = place.Settings["peers"]!.AsArray().Select(entry => entry!.DeepClone()).ToArray();
        var started = Start(before);
        await started[0].Step(10);
        await Leave(started);
        var end = place.Metrics("a").OfType<Ended>().Single();
        started = Start(after);
        foreach (var peer in started)
            await peer.Step(end.Step + 10);
        await started[0].Until("all votes", p => p.Last!.Voters == after);
        Assert.Contains("changed since the checkpoint", started[0].Text);
        await Leave(started);
        AssertEqualDigests(place);

        PeerProcess[] Start(int count)
        {
            place.Settings["peers"] = new System.Text.Json.Nodes.JsonArray([.. all[..count].Select(entry => entry.DeepClone())]);
            place.Write("peers.json", place.Settings);
            return [.. place.Names.Take(count).Select(name => place.Peer(name))];
        }
    }

    [Fact]
    public async Task Who_is_killed_is_removed_from_the_view_and_comes_back()
    {
        using var place = new TestCluster(3, Endless, secure: true, pooled: true);
        var running = place.AllPeers();
        await running[0].Step(10);
        await running[1].KillAndRead();
        await running[0].Says("b was removed from the view");
        await running[2].Step(running[2].Last!.Step + 20);
        running[1] = place.Peer("b");
        await running[0].Until("b's votes", p => p.Last!.Voters == 3);
        await Leave(running);
        AssertEqualDigests(place);
    }

    [Fact]
    public async Task A_peer_whose_key_is_not_in_the_roster_takes_no_part()
    {
        using var place = new TestCluster(3, Endless, secure: true, pooled: true);
        // c has another key than the others know; its own peers.json has it.
        var files = place.Names.ToDictionary(name => name, name => HostOf(place, name));
        var key = await Keygen(place, "c", "--peers", Path.Combine(files["c"], "peers.json"), "--replace");
        place.EntryOf("c")["key"] = key;
        Write(place, files["c"]);
        var running = place.Names.Select(name =>
            place.Program(name,
                [.. Arguments(place, name, files[name]), .. name == "a" ? new[] { "--bootstrap" } : []])).ToArray();
        await running[1].Step(30);
        Assert.All(running[..2], peer => Assert.All(peer.Steps, s => Assert.InRange(s.Step.Voters, 0, 2)));
        Assert.Empty(running[2].Steps);
        await Leave(running);
    }

    [Fact]
    public async Task Key_files_that_are_not_safe_or_not_right_are_refused()
    {
        using var place = new TestCluster(2, secure: true, pooled: true);
        var file = place.KeyFileOf("a");
        var found = $"{KeyOf(place, "a")}";
        var secret = await File.ReadAllTextAsync(file);

        File.SetUnixFileMode(file, Owner | UnixFileMode.GroupRead);
        await Refused($"its group may read); run chmod 600 {file}");
        File.SetUnixFileMode(file, Owner);

        File.Move(file, place.In("elsewhere"));
        await Refused($"{file}: is not there; needed is the secret key of a: make one with 'peer keygen a', or say where it is "
            + "with --key");
        await Refused("not a secret key in PEM", "--key", place.PeersFile);

        var other = place.NewKey("a");
        await Refused($"its public key is \"{other}\", and peers.json has \"{found}\" at peers[0] (a)");

        await File.WriteAllTextAsync(file, secret[..60]);
        await Refused($"{file}: not a secret key in PEM; allowed is a file that 'peer keygen a' made");

        async Task Refused(string message, string option = "--fresh", string? value = null)
        {
            if (value is not null)
                File.SetUnixFileMode(value, Owner);
            var peer = place.Peer("a", value is null ? [option] : [option, value]);
            await peer.Exits(2);
            Assert.Contains(message, peer.Text);
            Assert.DoesNotContain("PRIVATE KEY", peer.Text);
            Assert.False(Directory.Exists(place.FolderOf("a")), "nothing was begun");
        }
    }

    [Fact]
    public async Task Keygen_makes_a_file_for_its_owner_alone_and_overwrites_none()
    {
        using var place = new TestCluster(2, pooled: true);
        var key = await Keygen(place, "east");
        var file = place.KeyFileOf("east");
        var secret = await File.ReadAllTextAsync(file);
        Assert.Equal(Owner, File.GetUnixFileMode(file));
        Assert.True(PeerPublicKey.TryParse(key, out _, out _));
        Assert.True(File.Exists(file)); // although there is no such peer
        var again = place.Program("keygen", ["keygen", "east", "--peers", place.PeersFile]);
        await again.Exits(2);
        Assert.Contains($"warning: {place.PeersFile} has no peer \"east\"; it has a, b; the key is made all the same",
            again.Text);
        Assert.Contains($"{file}: is there already; choose another file, or use --replace", again.Text);
        Assert.Equal(secret, await File.ReadAllTextAsync(file));
        Assert.NotEqual(key, await Keygen(place, "east", "--replace"));
        Assert.NotEqual(secret, await File.ReadAllTextAsync(file));

        var several = place.Program("keygen", ["keygen", "a", "b", "--peers", place.PeersFile]);
        await several.Exits(0);
        Assert.Equal(2, several.Text.Split("\"key\": \"").Length - 1);
        Assert.DoesNotContain("warning", several.Text);
        Assert.True(File.Exists(place.KeyFileOf("a")) && File.Exists(place.KeyFileOf("b")));
        Assert.DoesNotContain(Directory.EnumerateFiles(place.In()), path => Path.GetFileName(path).StartsWith('.'));
    }

    [Fact]
    public async Task Insecure_links_beyond_this_host_are_warned_of_by_every_peer()
    {
        using var place = new TestCluster(2,
            """{ "steps": 3, "anyoneOnTheNetworkMayReadAndForgeTheTraining": true }""", pooled: true);
        await place.Train();
        Assert.All(place.Names, name =>
            Assert.DoesNotContain(place.Metrics(name).OfType<Note>(), n => n.Text.Contains("WARNING", StringComparison.Ordinal)));
        // An address of this host that is not loopback to the eye; nothing listens or answers there.
        place.EntryOf("b")["address"] = "some.host.invalid";
        place.Write("peers.json", place.Settings);
        var a = place.Peer("a", "--fresh", "--bootstrap");
        await a.Says("WARNING: links are neither encrypted nor authenticated");
        a.Say("leave");
        await a.Exits(0);
    }

    static async Task<string> Keygen(TestCluster place, string name, params string[] more)
    {
        var keygen = place.Program("keygen",
            ["keygen", name, .. more.Contains("--peers") ? [] : new[] { "--peers", place.PeersFile }, .. more]);
        await keygen.Exits(0);
        Assert.DoesNotContain("PRIVATE", keygen.Text);
        var from = keygen.Text.IndexOf("\"key\": \"", StringComparison.Ordinal) + 8;
        return keygen.Text[from..(from + PeerPublicKey.TextLength)];
    }

    static PeerPublicKey KeyOf(TestCluster place, string name) => place.Run().Roster.Find(name)!.Key!;

    /// <summary>A folder as a host has it: its own key, and a copy of peers.json.</summary>
    static string HostOf(TestCluster place, string name)
    {
        var folder = place.In("host-" + name);
        Directory.CreateDirectory(folder);
        File.Move(place.KeyFileOf(name), Path.Combine(folder, name + ".key"));
        Write(place, folder);
        return folder;
    }

    static void Write(TestCluster place, string folder) => place.Write(Path.Combine(folder, "peers.json"), place.Settings);

    static string[] Arguments(TestCluster place, string name, string host) =>
        ["run", "--child", "--peers", Path.Combine(host, "peers.json"), "--id", name, "--out", place.FolderOf(name),
            "--threads", "1"];

    static async Task Leave(PeerProcess[] running)
    {
        foreach (var peer in running)
            peer.Say("leave");
        foreach (var peer in running)
            await peer.Exits(0);
    }

    static void AssertEqualDigests(TestCluster place)
    {
        var told = place.Names.Where(name => Directory.Exists(place.FolderOf(name)))
            .SelectMany(name => place.Metrics(name).OfType<Stepped>()).ToLookup(s => s.Step, s => s.Digest);
        Assert.All(told, step => Assert.Single(step.Distinct()));
    }

    static async Task LeaveAndCompare(TestCluster place, PeerProcess[] running)
    {
        await Leave(running);
        AssertEqualDigests(place);
        var ends = place.Names.Select(name => place.Metrics(name).OfType<Ended>().Single()).ToArray();
        Assert.All(ends, end => Assert.Equal(Ended.Left, end.Reason));
        Assert.Equal(Enumerable.Range(1, (int)ends[0].Step),
            place.Metrics(place.Names[0]).OfType<Stepped>().Select(s => (int)s.Step));
    }
}
