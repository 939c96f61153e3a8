using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text.Json.Nodes;
using DecentralizedLion.Peer.Metrics;
using DecentralizedLion.Topology.Security;

namespace DecentralizedLion.Integration.Tests;

/// <summary><c>peer doctor</c> against real peers, each reason for real, and the ring that it must not disturb.</summary>
[UnsupportedOSPlatform("windows")] // file modes
public class DoctorTests
{
    const string Endless = $$"""{ "steps": 1000000, {{TestCluster.AllVote}} }""";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task All_is_well_beside_a_running_ring_which_takes_no_notice(bool secure)
    {
        using var place = new TestCluster(4, Endless, secure: secure, pooled: true);
        var running = place.AllPeers();
        await running[0].Step(10);
        running[3].Say("leave");
        await running[3].Exits(0);
        foreach (var peer in running[..3])
            await peer.Until("three voters", p => p.Last!.Voters == 3);
        var (view, lines, step) = (running[0].Last!.View, running[..3].Select(p => p.Lines).ToArray(), running[0].Last!.Step);

        var doctor = Doctor(place, "d", wait: 20);
        await doctor.Exits(0);
        Assert.True(doctor.Text.Contains("All is well.", StringComparison.Ordinal), doctor.Text);
        foreach (var name in place.Names.Take(3))
            Assert.Matches(
                $@"d → {name} +ok +reached at 127\.0\.0\.1 port \d+, [0-9.]+ m?s there and back; set up alike\n{name} → d +ok "
                    + @"+heard at port \d+", doctor.Text);
        Assert.Matches(@"clocks +ok +within", doctor.Text);

        await running[0].Step(Math.Max(running[0].Last!.Step, step) + 20);
        Assert.All(running[..3], peer => Assert.Equal((3, view), (peer.Last!.Voters, peer.Last.View)));
        Assert.Equal(lines, running[..3].Select(p => p.Lines)); // not a word about it
        running[3] = place.Peer("d");
        await running[0].Until("d's votes", p => p.Last!.Voters == 4);
        await Leave(running);
        AssertEqualDigests(place);
    }

    [Fact]
    public async Task A_peer_that_was_just_killed_is_removed_from_the_view_while_the_doctor_has_its_ports()
    {
        using var place = new TestCluster(3, """{ "steps": 1000000 }""", secure: true, pooled: true);
        var running = place.AllPeers();
        await running[0].Step(10);
        await running[1].KillAndRead();
        var doctor = Doctor(place, "b", wait: 20);
        await doctor.Exits(0);
        await running[0].Until("b's end", p => p.Last!.Voters == 2);
        await running[2].Step(running[2].Last!.Step + 20);
        running[1] = place.Peer("b");
        await running[0].Until("b's votes", p => p.Last!.Voters == 3);
        await Leave(running);
        AssertEqualDigests(place);
    }

    [Fact]
    public async Task Doctors_answer_each_other_and_leave_nothing_behind()
    {
        using var place = new TestCluster(3, secure: true, pooled: true);
        var before = Directory.GetFileSystemEntries(place.In());
        var doctors = place.Names.Select(name => Doctor(place, name, wait: 30)).ToArray();
        foreach (var doctor in doctors)
            await doctor.Exits(0);
        Assert.All(doctors, doctor => Assert.Contains("All is well.", doctor.Text));
        Assert.Equal(before, Directory.GetFileSystemEntries(place.In()));
    }

    [Fact]
    public async Task A_closed_port_a_name_that_nobody_has_and_another_program_are_told_apart()
    {
        using var place = new TestCluster(4, """{ "anyoneOnTheNetworkMayReadAndForgeTheTraining": true }""", pooled: true);
        place.EntryOf("c")["address"] = "nohost.invalid";
        place.Write("peers.json", place.Settings);
        using var other = new TcpListener(IPAddress.Loopback, place.EntryOf("d")["port"]!.GetValue<int>());
        other.Start();
        var doctor = Doctor(place, "a", wait: 2);
        await doctor.Exits(1);
        Assert.Matches(
            @"a → b +FAILED +refused at 127\.0\.0\.1 port \d+: the host answers, but nothing listens there\n +→ start "
                + @"peer doctor or peer run on b's host", doctor.Text);
        Assert.Matches(@"a → c +FAILED +the host name nohost\.invalid is unknown here\n +→ compare c's address", doctor.Text);
        Assert.Matches(@"a → d +FAILED +a program listens at 127\.0\.0\.1 port \d+ that is not a peer", doctor.Text);
        Assert.Matches(@"roster +warning .*neither encrypted nor authenticated", doctor.Text);
        Assert.Contains("3 of ", doctor.Text);
    }

    [Fact]
    public async Task Keys_that_differ_and_encryption_on_one_side_only_are_told_on_both_sides()
    {
        using var place = new TestCluster(3, secure: true, pooled: true);
        // a's file has another key for b; c's file says insecure.
        var right = place.EntryOf("b")["key"]!.GetValue<string>();
        var wrong = Changed(place, "a.json", settings => settings["peers"]![1]!["key"] = OtherKey());
        var insecure = Changed(place, "c.json", settings => settings["insecure"] = true);
        Assert.Equal(right, place.EntryOf("b")["key"]!.GetValue<string>());
        PeerProcess a = Doctor(place, "a", wrong), b = Doctor(place, "b"), c = Doctor(place, "c", insecure);
        foreach (var doctor in new[] { a, b, c })
            await doctor.Exits(1);
        Assert.Matches(
            @"a → b +FAILED +the process at 127\.0\.0\.1 port \d+ has the key \S+, which a's peers\.json does not have\n +→ put "
                + @"the key that peer keygen printed on b's host", a.Text);
        Assert.Matches(
            @"b → a +FAILED +a at 127\.0\.0\.1 port \d+ does not have the key of b in its peers\.json\n +→ put b's key line",
            b.Text);
        Assert.Matches(@"b → c +FAILED +a peer without encryption listens at 127\.0\.0\.1 port \d+\n +→ make peers\.json equal",
            b.Text);
        Assert.Matches(@"c → b +FAILED +a peer with encryption listens at 127\.0\.0\.1 port \d+, and c has ""insecure"": true\n"
            + @" +→ make peers\.json equal on both hosts", c.Text);
    }

    [Fact]
    public async Task Other_settings_are_told_on_both_sides_and_by_a_peer_that_waits()
    {
        using var place = new TestCluster(3, secure: true, pooled: true);
        var other = Changed(place, "b.json", settings => settings["learningRate"] = 0.003);
        var waiting = place.Peer("c");
        PeerProcess a = Doctor(place, "a", wait: 8), b = Doctor(place, "b", other, 8);
        await a.Exits(1);
        await b.Exits(1);
        Assert.Matches(@"a = b +FAILED +their settings differ: learningRate: 0\.002 here, 0\.003 there\n", a.Text);
        Assert.Matches(@"b = a +FAILED +their settings differ: learningRate: 0\.003 here, 0\.002 there\n", b.Text);
        Assert.Matches(@"b = c +FAILED +their settings differ: learningRate: 0\.003 here, 0\.002 there\n", b.Text);
        Assert.Matches(@"a → c +ok +reached .*; set up alike\nc → a +ok", a.Text);
        waiting.Say("leave");
        await waiting.Exits(0);
    }

    [Fact]
    public async Task One_way_only_is_told_on_both_sides()
    {
        using var place = new TestCluster(2, secure: true, pooled: true);
        // b looks for a at a port where nobody is.
        var wrong = Changed(place, "b.json", settings => settings["peers"]![0]!["port"] = LoopbackPorts.Take(2));
        PeerProcess a = Doctor(place, "a"), b = Doctor(place, "b", wrong);
        await a.Exits(1);
        await b.Exits(1);
        Assert.Matches(
            @"a → b +ok +reached .*\nb → a +FAILED +one way only: we reach b, but its frames do not arrive at our port \d+\n +"
            + @"→ b "
                + @"must reach 127\.0\.0\.1 port \d+", a.Text);
        Assert.Matches(@"b → a +FAILED +refused at 127\.0\.0\.1 port \d+.*\n.*\na → b +ok +heard at port", b.Text);
    }

    [Fact]
    public async Task Our_own_running_peer_is_recognised_and_only_the_way_out_is_looked_at()
    {
        using var place = new TestCluster(2, Endless, secure: true, pooled: true);
        var running = place.AllPeers();
        await running[0].Step(5);
        var doctor = Doctor(place, "a", wait: 2);
        await doctor.Exits(0);
        Assert.Matches(@"ports +warning +a runs here now and has them; only connections from here are checked", doctor.Text);
        Assert.Matches(@"a → b +ok +reached at .*\nb → a +warning +not looked at", doctor.Text);
        await running[1].Step(running[1].Last!.Step + 20);
        await Leave(running);
        AssertEqualDigests(place);
    }

    [Fact]
    public async Task A_port_that_another_program_has_fails_and_so_do_a_file_an_id_and_a_key_that_are_wrong()
    {
        using var place = new TestCluster(2, secure: true, pooled: true);
        using var taken = new TcpListener(IPAddress.Loopback, place.EntryOf("a")["port"]!.GetValue<int>());
        taken.Start();
        await Fails(@"ports +FAILED +\d+ cannot be listened at", Doctor(place, "a", wait: 1));
        await Fails(@"roster +FAILED +--id: found ""z""; allowed is one of a, b", Doctor(place, "z"));
        await Fails(@"roster +FAILED +.*learningRate",
            Doctor(place, "a", Changed(place, "bad.json", settings => settings["learningRate"] = -1)));
        await Fails(@"roster +FAILED +", Doctor(place, "a", place.In("nothing.json")));
        File.SetUnixFileMode(place.KeyFileOf("b"), UnixFileMode.UserRead | UnixFileMode.OtherRead);
        await Fails(@"key +FAILED +.*all may read.*chmod 600", Doctor(place, "b", wait: 1));

        static async Task Fails(string line, PeerProcess doctor)
        {
            await doctor.Exits(1);
            Assert.Matches(line, doctor.Text);
            Assert.DoesNotContain("   at ", doctor.Text); // no stack traces
        }
    }

    static PeerProcess Doctor(TestCluster place, string name, string? file = null, int wait = 5) =>
        place.Program($"doctor of {name}",
        ["doctor", "--peers", file ?? place.PeersFile, "--key", place.KeyFileOf(name), "--id", name, "--out",
            place.FolderOf(name), "--wait", $"{wait}"]);

    static string Changed(TestCluster place, string file, Action<JsonNode> change)
    {
        var settings = place.Settings.DeepClone();
        change(settings);
        return place.Write(file, settings);
    }

    static string OtherKey()
    {
        using var key = PeerKeyPair.Create();
        return $"{key.Public}";
    }

    static async Task Leave(PeerProcess[] running)
    {
        foreach (var peer in running)
            peer.Say("leave");
        foreach (var peer in running)
            await peer.Exits(0);
    }

    static void AssertEqualDigests(TestCluster place)
    {
        var told = place.Names.SelectMany(name => place.Metrics(name).OfType<Stepped>()).ToLookup(s => s.Step, s => s.Digest);
        Assert.All(told, step => Assert.Single(step.Distinct()));
    }
}
