using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Integration.Tests.Optimizers;

/// <summary>Tests that a peer's part of an optimizer's state comes back with it, and that all replicas stay equal, whatever a
/// step carries.</summary>
public class KillTests
{
    [Theory]
    [MemberData(nameof(MethodCases.Names), MemberType = typeof(MethodCases))]
    public Task Who_is_killed_comes_back_from_its_disk_and_votes_again(string method) =>
        KillAndComeBack(method, "ring", isWiped: false);

    [Theory]
    [InlineData("mavo, momenta as a whole", "direct")]
    [InlineData("g-adamw", "ring")]
    [InlineData("dgc", "direct")]
    public Task Who_lost_its_disk_comes_back_as_a_newcomer_and_votes_again(string method, string exchange) =>
        KillAndComeBack(method, exchange, isWiped: true);

    async Task KillAndComeBack(string method, string exchange, bool isWiped)
    {
        using var place = new TestCluster(4, $$"""
            { "steps": {{TestCluster.Endless}}, "checkpointEvery": 20, "exchange": "{{exchange}}",
              {{TestCluster.AllVote}}, {{MethodCases.Fields(method)}} }
            """, pooled: true);
        var checkpoints = new KeptCheckpoints();
        var running = place.Names.ToDictionary(name => name, name => checkpoints.Of(place.Peer(name)));
        await running["a"].Step(25);
        await running["c"].KillAndRead();
        await running["a"].Until("step without c", peer => peer.Last?.Away.Contains("c") == true);
        if (isWiped)
            Directory.Delete(place.FolderOf("c"), recursive: true);
        running["c"] = checkpoints.Of(place.Peer("c"));
        await running["a"].Until("step with c's vote", peer => peer.Last is { Away: [], Voters: 4 });
        var back = running["a"].Last!.Step;
        await running["a"].Step(back + 25);
        foreach (var peer in running.Values)
            await peer.Until($"checkpoint that all four wrote after step {back}", _ => checkpoints.HaveOneOfAllAfter(back, 4));
        foreach (var peer in running.Values)
            peer.Say("leave");
        foreach (var peer in running.Values)
            await peer.Exits(0);

        checkpoints.AssertEqual();
        Assert.Equal(isWiped, running["c"].Text.Contains("fetching the snapshot of step")
            && !running["c"].Text.Contains("resumed after step"));
        var told = place.Names.SelectMany(name => place.Metrics(name).OfType<Stepped>())
            .ToLookup(step => step.Step, step => step.Digest);
        Assert.All(told, step => Assert.Single(step.Distinct()));
        Assert.True(told.Count >= 50, $"{told.Count} steps");
        foreach (var final in place.Names.GroupBy(place.Newest))
            Assert.All(final,
                name => Assert.Equal(place.Checkpoint(final.First(), final.Key), place.Checkpoint(name, final.Key)));
    }
}
