using System.Text.Json.Nodes;

namespace DecentralizedLion.Integration.Tests;

/// <summary>The example of a program of one's own, as two processes.</summary>
public sealed class ExampleTests
{
    const int Steps = 600;

    [Fact]
    public async Task The_example_survives_a_kill_and_ends_with_one_digest()
    {
        using var place = new TestCluster(2);
        var example = Path.Combine(Repository.Root, "examples", "CustomModel", "bin", Repository.Configuration, "net10.0",
            "custom-model.dll");
        var roster = place.Write("example.json", new JsonObject
        {
            ["run"] = "spirals",
            ["insecure"] = true,
            ["minPeers"] = 2, // or the one that is left would be at the end before the other one is back
            ["peers"] = place.Settings["peers"]!.DeepClone(),
        });
        using var a = Start("a");
        using (var b = Start("b"))
        {
            await b.Says("step 200  loss");
            await b.KillAndRead();
        }
        using var again = Start("b");
        await a.Exits(0);
        await again.Exits(0);
        var ends = new[] { a, again }.Select(process => process.Text.Split('\n')[^1]).ToArray();
        Assert.StartsWith($"step {Steps}  test accuracy 9", ends[0], StringComparison.Ordinal);
        Assert.Equal(ends[0], ends[1]);

        PeerProcess Start(string id) => new(id,
            new OwnProgram(OwnProgram.Launch(["dotnet", example], [id, roster, place.In($"example-{id}"), $"{Steps}"])),
            TimeProvider.System);
    }
}
