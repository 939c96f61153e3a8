using System.Text.Json.Nodes;
using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Integration.Tests;

/// <summary>One wrong field in one peer's peers.json: named by both sides with both values, and it cannot join. All fields: see
/// SharedSettingsTests.</summary>
public class OtherSettingsTests
{
    [Theory]
    [InlineData("learningRate", "0.002", "0.0025", false)]
    [InlineData("learningRate", "0.002", "0.0025", true)]
    [InlineData("seed", "7", "8", true)]
    [InlineData("model.width", "16", "17", true)]
    [InlineData("data.seed", "1", "2", true)]
    [InlineData("data.trainCount", "500", "501", true)]
    public async Task One_wrong_field_is_named_by_both_sides(string field, string right, string wrong, bool secure)
    {
        using var place = new TestCluster(3, """{ "steps": 1000000 }""", secure: secure, pooled: true);
        place.Settings["data"]!["seed"] = 1;
        place.Write("peers.json", place.Settings);
        await Differ(place, field, right, wrong, settings =>
        {
            var path = field.Split('.');
            var node = path.Length == 1 ? settings : settings[path[0]]!;
            node[path[^1]] = JsonNode.Parse(wrong);
        });
    }

    [Theory]
    [InlineData("c,b,a", false)]
    [InlineData("b,a,c", true)]
    [InlineData("a,b,c,d", false)]
    [InlineData("a,b,c,d", true)]
    public async Task Another_roster_is_named_by_both_sides(string ids, bool secure)
    {
        using var place = new TestCluster(4, """{ "steps": 1000000 }""", secure: secure, pooled: true);
        var all = place.Settings["peers"]!.AsArray();
        var d = all[3]!.DeepClone();
        all.RemoveAt(3);
        place.Write("peers.json", place.Settings);
        await Differ(place, "peers", "a,b,c", ids, settings => settings["peers"] = new JsonArray(
            [.. ids.Split(',').Select(id => id == "d" ? d.DeepClone() : place.EntryOf(id).DeepClone())]));
    }

    [Fact]
    public async Task Who_was_refused_for_its_model_takes_part_once_its_file_is_right()
    {
        using var place = new TestCluster(3, pooled: true);
        await Differ(place, "model.width", "16", "17", settings => settings["model"]!["width"] = 17);
        var peers = place.AllPeers();
        foreach (var peer in peers)
            await peer.Exits(0);
        Assert.Contains("its files are replaced", peers[2].Text);
        Assert.Single(place.Names.Select(name => place.Metrics(name).OfType<Ended>().Last().Digest).Distinct());
    }

    /// <summary>c's file is another one; a and b begin without it.</summary>
    static async Task Differ(TestCluster place, string field, string right, string wrong, Action<JsonNode> change)
    {
        var settings = place.Settings.DeepClone();
        change(settings);
        var file = place.Write("c.json", settings);
        // First they, since c ends once one of them has refused it, and the other one may not have met it then.
        PeerProcess[] alike = [place.Peer("a"), place.Peer("b")];
        await alike[0].Says("b is connected");
        await alike[1].Says("a is connected");
        var c = place.Program("c",
            ["run", "--child", "--peers", file, "--id", "c", "--out", place.FolderOf("c"), "--threads", "1"]);
        await c.Exits(1);
        foreach (var peer in alike)
            await peer.Says($"c's settings differ: {field}: {right} here, {wrong} there");
        Assert.Matches($"[ab]'s settings differ: {field}: {wrong} here, {right} there", c.Text);
        Assert.Empty(c.Steps);
        foreach (var peer in alike)
            peer.Say("leave");
        foreach (var peer in alike)
            await peer.Exits(0);
        Assert.DoesNotContain(place.Names.Take(2).SelectMany(name => place.Metrics(name)), happened => happened is Stepped);
    }
}
