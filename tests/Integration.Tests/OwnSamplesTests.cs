using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Integration.Tests;

/// <summary>Peers whose samples are their own: each replica knows where all of them stand.</summary>
public class OwnSamplesTests
{
    [Theory]
    [InlineData("by-class")]
    [InlineData("dirichlet(0.3)")]
    [InlineData("local")]
    public async Task All_go_through_their_own_samples_and_have_one_state(string partition)
    {
        using var place = new TestCluster(3, $$"""{ {{TestCluster.AllVote}} }""", pooled: true);
        place.Settings["data"]!["partition"] = partition;
        place.Write("peers.json", place.Settings);
        var b = place.Settings.DeepClone();
        if (partition == "local")                                      // b has other data, and fewer
            (b["data"]!["seed"], b["data"]!["trainCount"]) = (2, 90);
        var others = place.Write("b.json", b);
        PeerProcess[] running = [place.Peer("a"),
            place.Program("b", ["run", "--child", "--peers", others, "--id", "b", "--out", place.FolderOf("b"), "--threads",
                "1"]), place.Peer("c")];
        foreach (var process in running)
            await process.Exits(0);
        Assert.Equal("120,120,120", Cursors(place, "a", 30));
        Assert.All(place.Names, name => Assert.Equal(place.Checkpoint("a", 30), place.Checkpoint(name, 30)));
        if (partition != "local")
            Assert.Contains($"data.partition is {partition}: this peer has", running[0].Text);
    }

    [Fact]
    public async Task Who_is_killed_and_comes_back_goes_on_where_its_counted_ballots_end()
    {
        using var place = new TestCluster(3, """{ "steps": 600, "checkpointEvery": 100, "suspectAfter": 0.5 }""", pooled: true);
        place.Settings["data"]!["partition"] = "by-class";
        place.Write("peers.json", place.Settings);
        var running = place.AllPeers();
        await running[2].Step(60);
        await running[2].KillAndRead();
        await running[0].Until("c is away", peer => peer.Last?.Away.Contains("c") == true);
        var again = place.Peer("c");
        foreach (var process in new[] { running[0], running[1], again })
            await process.Exits(0);
        var steps = place.Metrics("a").OfType<Stepped>().ToArray();
        Assert.Equal(600, steps.Length);
        var counted = place.Names.Select(name => 4
            * steps.Count(step => !step.Away.Contains(name) && !step.Abstained.Contains(name)));
        Assert.Equal(string.Join(',', counted), Cursors(place, "a", 600));
        Assert.All(place.Names, name => Assert.Equal(place.Checkpoint("a", 600), place.Checkpoint(name, 600)));
    }

    static string Cursors(TestCluster place, string name, long step)
    {
        using var file = new SafetensorsFile(place.CheckpointFile(name, step));
        return file.RequireMetadata("cursor");
    }
}
