namespace DecentralizedLion.Peer.Tests.Training;

public sealed class ReadmeTests
{
    [Fact]
    public void The_step_in_the_README_is_the_one_that_runs()
    {
        var root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "DecentralizedLion.sln")))
            root = Path.GetDirectoryName(root)!;
        var readme = File.ReadAllText(Path.Combine(root, "README.md"));
        var quoted = readme.Split("```csharp\n")[1].Split("\n```")[0];
        var source = File.ReadAllLines(Path.Combine(root, "Peer", "Training", "TrainingLoop.cs")).Select(line => line.Trim());
        Assert.Contains(Flat(quoted.Split('\n').Select(line => line.Trim())), Flat(source));

        static string Flat(IEnumerable<string> lines) => string.Join('\n', lines);
    }
}
