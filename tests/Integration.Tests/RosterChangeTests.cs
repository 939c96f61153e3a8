using System.Text.Json.Nodes;
using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Integration.Tests;

/// <summary>A run that is stopped and started again with another roster.</summary>
public sealed class RosterChangeTests
{
    [Fact]
    public async Task A_roster_without_the_peer_that_went_on_last_is_refused_and_nothing_is_lost()
    {
        using var place = new TestCluster(3, """{ "steps": 1000000 }""", pooled: true);
        var running = place.AllPeers();
        await running[2].Step(10);
        foreach (var process in running)
        {
            process.Say("leave");
            await process.Exits(0);
        }
        var last = place.Newest("c");
        Assert.True(place.Newest("b") < last);

        var fewer = place.Settings.DeepClone();
        fewer["peers"] = new JsonArray([.. place.Settings["peers"]!.AsArray().Take(2).Select(entry => entry!.DeepClone())]);
        var b = place.Program("b", ["run", "--child", "--peers", place.Write("fewer.json", fewer), "--id", "b",
            "--out", place.FolderOf("b"), "--threads", "1"]);
        await b.Exits(1);
        Assert.Contains("peers.json lacks c, a member of view", b.Text);
        Assert.Contains("--force-new-ring", b.Text);

        running = place.AllPeers();
        await running[1].Step(last + 5);
        foreach (var process in running)
            process.Say("leave");
        foreach (var process in running)
            await process.Exits(0);
        var told = place.Names.SelectMany(name => place.Metrics(name).OfType<Stepped>()).ToLookup(s => s.Step, s => s.Digest);
        Assert.All(told, step => Assert.Single(step.Distinct()));
    }

    [Fact]
    public async Task A_peer_may_go_when_all_were_stopped_together()
    {
        using var place = new TestCluster(3, """{ "steps": 1000000 }""", pooled: true);
        var running = place.AllPeers();
        await running[2].Step(10);
        foreach (var process in running)
            process.Say("leave");
        foreach (var process in running)
            await process.Exits(0);
        var last = place.Newest("a");

        var fewer = place.Settings.DeepClone();
        fewer["peers"] = new JsonArray([.. place.Settings["peers"]!.AsArray().Take(2).Select(entry => entry!.DeepClone())]);
        var file = place.Write("fewer.json", fewer);
        PeerProcess[] left = [.. place.Names.Take(2).Select(name => place.Program(name, ["run", "--child", "--peers", file,
            "--id", name, "--out", place.FolderOf(name), "--threads", "1"]))];
        await left[0].Step(last + 5);
        Assert.Contains("the others are a quorum of it", left[0].Text);
        foreach (var process in left)
            process.Say("leave");
        foreach (var process in left)
            await process.Exits(0);
        Assert.Equal(last + 1, place.Metrics("a").OfType<Stepped>().First(step => step.Step > last).Step);
    }
}
