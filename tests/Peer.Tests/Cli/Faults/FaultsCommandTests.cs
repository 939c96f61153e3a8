using System.Text.Json;
using DecentralizedLion.Peer.Cli;
using DecentralizedLion.Peer.Cli.Faults;
using DecentralizedLion.Peer.Metrics;

namespace DecentralizedLion.Peer.Tests.Cli.Faults;

public sealed class FaultsCommandTests : IDisposable
{
    readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task The_JSON_has_the_numbers_of_the_table()
    {
        Write("a", Step(1, "b"), Step(2, ""), Of("removed", "b", "b is out"), Of("recovered", null, "training continues", 1.5),
            Of("fetched", null, "fetched 4 records", 0.1), new Ended(2, Ended.Finished, "00", 5, 31));
        Write("b", new Started("b", 0, 100, 2, 9, "cpu", "f"), Step(1, "b") with { Why = "not finite" });
        var table = (await Run(json: false)).ReplaceLineEndings("\n");
        Assert.Contains("""
            Fault report: 2 steps (1 to 2), from 2 peers
            views       1 with steps in them, changes: 0 by faults, 0 planned
            recoveries  1: p50 1.50 s, p90 1.50 s, max 1.50 s
            """, table);
        Assert.Contains("a          0        0              0      0      31           0   1 + 0", table);
        Assert.Contains("b          1        0     1 (50.0 %)      1       0           0   0 + 0", table);

        var faults = JsonDocument.Parse(await Run(json: true)).RootElement;
        Assert.Equal([2, 1, 2, 1, 0], Numbers(faults, "steps", "firstStep", "lastStep", "views", "faultChanges"));
        Assert.Equal([1, 1.5, 1.5, 1.5], Numbers(faults.GetProperty("recoveries"), "count", "p50", "p90", "max"));
        JsonElement[] peers = [.. faults.GetProperty("peers").EnumerateArray()];
        Assert.Equal(["a", "b"], peers.Select(peer => peer.GetProperty("peer").GetString()));
        Assert.Equal([0, 0, 0, 0, 31, 1, 0],
            Numbers(peers[0], "removed", "abstained", "abstainedShare", "starts", "resends", "recordFetches", "snapshotFetches"));
        Assert.Equal([1, 1, 0.5, 1, 0, 0, 0],
            Numbers(peers[1], "removed", "abstained", "abstainedShare", "starts", "resends", "recordFetches", "snapshotFetches"));
        Assert.Equal(1, peers[1].GetProperty("reasons").GetProperty("not finite").GetInt32());
    }

    [Fact]
    public async Task What_only_a_peers_own_events_say_is_null_without_them()
    {
        Write("a", Step(1, "b"));
        var peers = JsonDocument.Parse(await Run(json: true)).RootElement.GetProperty("peers");
        Assert.Equal(JsonValueKind.Null, peers[1].GetProperty("starts").ValueKind);
        Assert.Equal(1, peers[1].GetProperty("abstained").GetInt32());
    }

    static double[] Numbers(JsonElement element, params string[] names) =>
        [.. names.Select(name => element.GetProperty(name).GetDouble())];

    static Stepped Step(long step, string abstained) => new(step, 1, 0.1, 2, 100, 0.1, 0.1, 2, null, "00", 1,
        abstained.Split(' ', StringSplitOptions.RemoveEmptyEntries), []);

    static Fault Of(string what, string? peer, string text, double? seconds = null) =>
        new(what, peer, text, seconds, 0, DateTimeOffset.UnixEpoch);

    void Write(string peer, params PeerEvent[] events)
    {
        using var file = new MetricsFile(folder.File($"{peer}/{MetricsFolder.FileName}"));
        foreach (var happened in events.Prepend(new Note($"{peer} writes")))
            file.Write(happened);
    }

    async Task<string> Run(bool json)
    {
        using var output = new StringWriter();
        Assert.Equal(ExitCode.Done, await new FaultsCommandHandler(output)
            .RunAsync(new FaultsOptions { Folder = folder.Path, Json = json }, default));
        return output.ToString();
    }
}
