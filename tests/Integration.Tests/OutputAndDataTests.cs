using System.Runtime.InteropServices;
using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Integration.Tests;

/// <summary>Faults that a new run meets before and around training: an output that is full or closed, and data that are not
/// good.</summary>
public sealed class OutputAndDataTests
{
    [Theory]
    [InlineData("exec \"$0\" \"$@\" > /dev/full", true)]
    [InlineData("\"$0\" \"$@\" | head -n 1", false)]
    public async Task A_full_or_closed_standard_output_does_not_end_training(string script, bool isTold)
    {
        if (!OperatingSystem.IsLinux())
            return; // only there is a device that is always full
        using var place = new TestCluster(2, """{ "steps": 300 }""");
        var peer = place.Program("a", Arguments(place, "a", "--bootstrap", "--plain"), ["sh", "-c", script]);
        await peer.Exits(0);
        Assert.Equal(isTold, peer.Text.Contains("the standard output cannot be written", StringComparison.Ordinal));
        Assert.Equal(Ended.Finished, place.Metrics("a").OfType<Ended>().Single().Reason);
    }

    [LinuxFact("/dev/full")]
    public async Task A_command_whose_output_is_full_says_so()
    {
        using var place = new TestCluster(2);
        var plan = place.Program("plan", ["plan", "--peers", place.PeersFile, "--link", "100Mbit"],
            ["sh", "-c", "exec \"$0\" \"$@\" > /dev/full"]);
        await plan.Exits(1);
        Assert.Equal("standard output cannot be written: the disk is full; make room on it", plan.Text.Trim());
    }

    [Theory]
    [InlineData("train.bin")]
    [InlineData("val.bin")]
    public async Task One_bad_token_ends_a_peer_before_its_first_step(string bad)
    {
        using var place = new TestCluster(2);
        foreach (var (name, count) in new[] { ("train.bin", 40_000), ("val.bin", 8_000) })
        {
            var tokens = Enumerable.Range(0, count).Select(at => (ushort)(at * 7919L % 300)).ToArray();
            if (name == bad)
                tokens[3000] = 300;
            File.WriteAllBytes(place.In(name), MemoryMarshal.AsBytes<ushort>(tokens).ToArray());
        }
        place.Settings["model"] = System.Text.Json.Nodes.JsonNode.Parse(
            """{ "kind": "gpt", "context": 16, "width": 16, "heads": 2, "depth": 1 }""");
        place.Settings["data"] = System.Text.Json.Nodes.JsonNode.Parse($$"""
            { "kind": "tokens", "vocabulary": 300, "path": "{{place.In()}}" }
            """);
        place.Write("peers.json", place.Settings);
        var message = $"{place.In(bad)}: token 3000 (at byte 6000) is 300; allowed is 0 to 299";
        foreach (var name in place.Names)
        {
            var peer = place.Program(name, Arguments(place, name, "--bootstrap"));
            await peer.Exits(2);
            Assert.Contains(message, peer.Text, StringComparison.Ordinal);
            Assert.Empty(peer.Steps);
        }
        var doctor = place.Program("doctor", ["doctor", "--peers", place.PeersFile, "--id", "a", "--out", place.FolderOf("a"),
            "--wait", "1"]);
        await doctor.Exits(1);
        Assert.Contains(message, doctor.Text, StringComparison.Ordinal);
    }

    static List<string> Arguments(TestCluster place, string name, params string[] more) =>
        ["run", "--peers", place.PeersFile, "--id", name, "--out", place.FolderOf(name), "--threads", "1", .. more];
}
