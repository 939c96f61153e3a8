using DecentralizedLion.Peer.Checkpoints;
using DecentralizedLion.Topology;

namespace DecentralizedLion.Peer.Tests.Training;

/// <summary>Another method in peers.json than a folder was written with.</summary>
[Collection(SeededCollection.Name)]
public sealed class OtherOptimizerTests : IDisposable
{
    readonly TemporaryFolder root = new();

    public void Dispose() => root.Dispose();

    sealed class Killed : Exception;

    [Theory]
    [InlineData("mavo", "avg", "has a tensor \"decentralized_lion.previous_verdict\"")]
    [InlineData("mavo", "g-adamw", "has no tensor \"decentralized_lion.exp_avg\"")]
    [InlineData("avg", "signsgd", "has no tensor \"decentralized_lion.previous_verdict\"")]
    [InlineData("g-lion", "g-adamw", "has no tensor \"decentralized_lion.exp_avg\"")]
    [InlineData("g-adamw", "dgc", "has a tensor \"decentralized_lion.exp_avg\"")]
    [InlineData("graddrop", "terngrad", "has no tensor \"decentralized_lion.scale\"")]
    public void What_the_folder_has_of_it_is_named_and_what_to_do(string before, string after, string tensor)
    {
        var folder = root.File("a");
        using (var host = new Host(folder, settings: $"\"method\": \"{before}\""))
            host.Train();
        var files = Contents(folder);
        var e = Assert.Throws<CheckpointException>(() => new Host(folder, settings: $"\"method\": \"{after}\""));
        Assert.Contains(tensor, e.Message);
        Assert.Contains("another model or method than peers.json has: ", e.Message);
        Assert.Contains("Restore model and method in peers.json, or begin anew with --fresh", e.Message);
        Assert.Equal(files, Contents(folder));
    }

    /// <summary>Checkpoints alike, steps unlike: what the journal holds may be a quorum's only copy.</summary>
    [Theory]
    [InlineData("\"method\": \"mavo\"", "\"method\": \"mavo\", \"momentumSync\": 2, \"momentumSyncBy\": \"whole\"", 6)]
    [InlineData("\"method\": \"mavo\"", "\"method\": \"signum\", \"momentumSync\": 4", 6)]
    [InlineData("\"method\": \"graddrop\"", "\"method\": \"graddrop\", \"keep\": 0.1", 6)]
    [InlineData("\"method\": \"avg\"", "\"method\": \"dgc\"", 6)]
    public void Steps_after_the_checkpoint_are_not_taken_for_damaged(string before, string after, int first)
    {
        var folder = root.File("a");
        using (var host = new Host(folder, settings: before))
        {
            host.Ring.At(8, () => throw new Killed());
            Assert.Throws<Killed>(() => host.Train());
        }
        var files = Contents(folder);
        var e = Assert.Throws<CheckpointException>(() => new Host(folder, settings: after));
        Assert.Contains($"steps {first} to 8 were written with another method", e.Message);
        Assert.Contains("--fresh", e.Message);
        Assert.Equal(files, Contents(folder));
        using var again = new Host(folder, settings: before);
        Assert.True(again.Train());
    }

    [Fact]
    public void After_an_end_in_order_nothing_is_lost_by_it()
    {
        var folder = root.File("a");
        using (var host = new Host(folder, settings: "\"method\": \"mavo\""))
        {
            host.Ring.At(7, () =>
            {
                host.Ring.RequestStop();
                return new ComputeTurn(8);
            });
            host.Train();
        }
        using var again = new Host(folder, settings: "\"method\": \"mavo\", \"momentumSync\": 2");
        Assert.Equal((7L, 7L), (again.Replica.Step, again.Journal.LastStep));
        Assert.True(again.Train());
        Assert.Equal(Host.Range(8, 12), again.Reported);
    }

    static Dictionary<string, string> Contents(string folder) =>
        Directory.GetFiles(folder).ToDictionary(file => file, file => Convert.ToHexString(File.ReadAllBytes(file)));
}
